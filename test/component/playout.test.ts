import { expect } from 'chai';
import { Planner, type Plan } from '../../component/playout/planner.ts';
import { Playout } from '../../component/playout/playout.ts';
import { Resampler } from '../../component/playout/resampler.ts';
import { Speaker } from '../../component/playout/speaker.ts';
import { spliced } from '../../component/playout/splice.ts';
import { until } from '../support/until.ts';
import { seeded } from '../support/random.ts';
import { chunk } from '../support/relay-words.ts';

const SECONDS = 3;
const RATE = 16_000;

/** 300 to 3400 Hz in 3 s, amplitude 0.5. */
function sweep(atSec: number): number {
  return 0.5 * Math.sin(2 * Math.PI * (300 * atSec + ((3400 - 300) / (2 * SECONDS)) * atSec * atSec));
}

describe('rendered playout', () => {
  for (const contextRate of [44_100, 48_000]) {
    for (const chunkMs of [20, 100, 200]) {
      it(`a sweep in ${chunkMs} ms chunks over a jittery line is one sound at ${contextRate} Hz: as intended to 1e-6, SNR above 85 dB`, async () => {
        const context = new OfflineAudioContext(1, (SECONDS + 1) * contextRate, contextRate);
        const planner = new Planner({ holdMs: 120_000, minMs: 80, maxMs: 1500, startMs: 80 });
        const resampler = new Resampler(RATE, contextRate);
        const speaker = new Speaker(context);
        const random = seeded(chunkMs);
        const length = (chunkMs * RATE) / 1000;
        const plans: Extract<Plan, { kind: 'play' }>[] = [];
        const intended: number[] = [];
        for (let n = 0; n * chunkMs < SECONDS * 1000; n++) {
          const samples = Float32Array.from({ length }, (_, k) => sweep((n * length + k) / RATE));
          const tsMs = n * chunkMs;
          const plan = planner.plan(
            { tsMs, durMs: chunkMs, quiet: [] },
            tsMs + chunkMs + 10 + (n > 0 ? random() * 5 : 0),
          );
          if (plan.kind !== 'play') throw new Error(`chunk ${n}: ${plan.kind}`);
          plans.push(plan);
          const resampled = resampler.push(spliced(samples, plan.splices, RATE), plan.rate);
          intended.push(...resampled);
          speaker.play(resampled, plan.startMs, plan.joined);
        }
        expect(plans.slice(1).every(({ joined, rate }) => joined && rate === 1)).to.equal(true);
        const out = (await context.startRendering()).getChannelData(0);
        const start = Math.round(((plans[0]?.startMs ?? 0) / 1000) * contextRate);
        const fadeFrames = Math.ceil(0.005 * contextRate);
        let worst = 0;
        for (let n = fadeFrames; n < intended.length - fadeFrames; n++)
          worst = Math.max(worst, Math.abs((out[start + n] ?? 0) - (intended[n] ?? 0)));
        expect(worst).to.be.at.most(1e-6);

        let power = 0;
        let noise = 0;
        for (let n = Math.round(0.02 * contextRate); n < (SECONDS - 0.02) * contextRate; n++) {
          const wanted = sweep(n / contextRate);
          power += wanted ** 2;
          noise += ((out[start + n] ?? 0) - wanted) ** 2;
        }
        expect(10 * Math.log10(power / noise)).to.be.above(85);
      });
    }
  }
});

describe('playout', function () {
  this.timeout(30_000);
  let context: AudioContext;
  let playout: Playout;
  let stoppedMs: number | undefined;

  beforeEach(async () => {
    context = new AudioContext();
    await until('the context runs', () => context.state === 'running' && context.currentTime > 0);
    playout = new Playout(context, () => stoppedMs ?? performance.now());
  });
  afterEach(async () => {
    playout.close();
    await context.close();
  });

  /** Both clocks stand still meanwhile, however long the machine takes. */
  function atOnce(act: () => void): void {
    stoppedMs = performance.now();
    Object.defineProperty(context, 'currentTime', { value: context.currentTime, configurable: true });
    try {
      act();
    } finally {
      Reflect.deleteProperty(context, 'currentTime');
      stoppedMs = undefined;
    }
  }

  /** The relay's greeting, 1 s into the session: called right before the chunks, as it is followed by them. */
  function greet(): void {
    playout.join();
    playout.sync(1, 1000);
  }

  it('plays the live edge of a backlog of 1 s at once and counts the rest as late', () => {
    atOnce(() => {
      greet();
      const soundsInMs = Array.from({ length: 10 }, (_, n) => playout.push(chunk(n)));
      const first = soundsInMs.find((ms) => ms !== undefined);
      expect(first).to.be.within(19, 121);
      expect(playout.counters.played).to.be.within(2, 3);
      expect(playout.counters.lateChunks).to.equal(10 - playout.counters.played);
      expect(playout.bufferedMs).to.be.within(120, 400);
      expect(playout.sounding).to.equal(true);
    });
  });

  it('shows the level of what is heard, −9 dBFS, when it is heard', async () => {
    greet();
    const startMs = performance.now();
    let next = 0;
    await until('something is heard', () => {
      while ((next + 1) * 100 <= 1000 + performance.now() - startMs) playout.push(chunk(next++));
      return playout.heard !== undefined;
    });
    expect(playout.heard?.rmsDb).to.be.within(-9.2, -8.9);
    await until('it is over', () => !playout.sounding);
    // The resampler holds the last millisecond of the last frame.
    await until('nothing is heard', () => playout.heard === undefined);
  });

  it('counts 2 chunks that never came as lost, and goes on', () => {
    atOnce(() => {
      greet();
      for (const sequence of [7, 8, 11]) playout.push(chunk(sequence));
      expect(playout.counters.lost).to.equal(2);
    });
  });

  it('counts nothing as lost between connections, where numbers begin anew', () => {
    greet();
    playout.push(chunk(7, { sequence: 40 }));
    playout.join();
    playout.push(chunk(8, { sequence: 3 }));
    playout.push(chunk(9, { sequence: 90 }));
    expect(playout.counters.lost).to.equal(86);
  });

  it('jumps to live where the relay left out 10 chunks: a resync, nothing lost, not joined', () => {
    greet();
    const playing = playout.push(chunk(9));
    const { concealedMs } = playout.counters;
    playout.push(chunk(10, { sequence: 20, skippedBefore: true }));
    expect(playing).to.be.above(0);
    expect(playout.counters).to.include({ played: 2, lost: 0, resyncs: 1 });
    expect(playout.counters.concealedMs).to.be.above(concealedMs);
  });

  it('takes another rate and another epoch in mid-stream, and ignores an epoch that is over', () => {
    atOnce(() => {
      greet();
      const plays = (): number => playout.counters.played;
      playout.push(chunk(9));
      playout.push(chunk(10, { sampleRate: 8000 }));
      playout.push(chunk(11, { sampleRate: 24_000 }));
      expect(plays()).to.equal(3);
      playout.sync(2, 100);
      playout.push(chunk(0, { epoch: 2 }));
      expect(plays()).to.equal(4);
      playout.push(chunk(12));
      playout.sync(1, 99_000);
      expect(plays()).to.equal(4);
      expect(playout.counters.lost).to.equal(0);
    });
  });

  it('takes a chunk at an odd address in memory', () => {
    atOnce(() => {
      greet();
      const { pcm } = chunk(9);
      const shifted = new Uint8Array(pcm.length + 1);
      shifted.set(pcm, 1);
      expect(playout.push(chunk(9, { pcm: shifted.subarray(1) }))).to.be.above(0);
    });
  });

  it('takes silence the relay speaks of for sound that goes on: 2 s of it, no underrun, nothing lost', async () => {
    greet();
    playout.push(chunk(8));
    playout.push(chunk(9));
    playout.sync(1, 1000, true);
    await until('the queue has run dry', () => playout.bufferedMs === 0);
    expect(playout.sounding).to.equal(true);
    playout.sync(1, 1500, true);
    // The next chunk, number 10, begins 500 ms later.
    expect(playout.push(chunk(15, { sequence: 10 }))).to.be.within(20, 250);
    expect(playout.counters).to.include({ played: 3, underruns: 0, lost: 0, concealedMs: 0 });
    await until('that has run dry too', () => !playout.sounding);
    playout.sync(1, 2000, true);
    expect(playout.sounding).to.equal(true);
    expect(playout.quietForSec).to.be.within(0, 3);
  });

  it('bridges an underrun and a chunk that never came with 60 ms each, and says so', async () => {
    greet();
    playout.push(chunk(8));
    playout.push(chunk(9));
    await until('the queue has run dry', () => playout.bufferedMs === 0);
    await new Promise((resolve) => setTimeout(resolve, 80));
    playout.push(chunk(10));
    expect(playout.counters.underruns).to.equal(1);
    expect(playout.counters.concealedMs).to.be.closeTo(60, 0.1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    playout.push(chunk(20));
    expect(playout.counters).to.include({ underruns: 1, lost: 9 });
    expect(playout.counters.concealedMs).to.be.closeTo(120, 0.1);
  });

  it('counts quiet from the first message of it where nothing has sounded yet', async () => {
    greet();
    playout.sync(1, 1000, true);
    await until('300 ms are counted', () => playout.quietForSec > 0.3);
    expect(playout.sounding).to.equal(true);
    await until('2 s later it is not believed any more', () => !playout.sounding);
    // Counted on the audio clock: an engine that learns its device's latency meanwhile puts that back by it.
    expect(playout.quietForSec).to.be.within(1.5, 6);
  });

  it('after close is silent at once', () => {
    atOnce(() => {
      greet();
      for (let n = 0; n < 10; n++) playout.push(chunk(n));
      playout.close();
      expect(playout.bufferedMs).to.be.below(20);
    });
  });
});
