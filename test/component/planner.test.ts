import { expect } from 'chai';
import { Planner, PRESETS, type Plan } from '../../component/playout/planner.ts';
import { seeded } from '../support/random.ts';

type Played = Extract<Plan, { kind: 'play' }> & { tsMs: number; durMs: number; arrivedMs: number };

interface Trace {
  chunkMs?: number;
  seconds: number;
  /** Lateness of the network for what is sent at `sentMs`, ms. */
  lateMs?: (sentMs: number) => number;
  /** The relay's clock against the listener's, parts per million. */
  driftPpm?: number;
  /** Speech model: 1 s of talk, 0.65 s of pause. */
  pauses?: boolean;
  /** Media time that is never sent. */
  missing?: (tsMs: number) => boolean;
}

const PAUSE_AT_MS = 1000;
const SENTENCE_MS = 1650;

function quietOf(tsMs: number, durMs: number): { startMs: number; endMs: number }[] {
  const runs: { startMs: number; endMs: number }[] = [];
  for (let atMs = 0; atMs < durMs; atMs += 20) {
    if ((tsMs + atMs) % SENTENCE_MS < PAUSE_AT_MS) continue;
    const last = runs.at(-1);
    if (last?.endMs === atMs) last.endMs += 20;
    else runs.push({ startMs: atMs, endMs: atMs + 20 });
  }
  return runs;
}

/** Runs a trace through a planner; TCP order: nothing overtakes. Returns what was played. */
function run(trace: Trace, planner = new Planner()): { played: Played[]; plans: Plan[] } {
  const { chunkMs = 100, seconds, lateMs = () => 0, driftPpm = 0, pauses = true, missing } = trace;
  const played: Played[] = [];
  const plans: Plan[] = [];
  let nowMs = 0;
  planner.join(40);
  planner.sync(0, 40);
  for (let tsMs = 0; tsMs < seconds * 1000; tsMs += chunkMs) {
    if (missing?.(tsMs)) continue;
    const sentMs = (tsMs + chunkMs) * (1 + driftPpm / 1e6);
    nowMs = Math.max(nowMs, sentMs + 40 + lateMs(sentMs));
    const quiet = pauses ? quietOf(tsMs, chunkMs) : [];
    const plan = planner.plan({ tsMs, durMs: chunkMs, quiet }, nowMs);
    plans.push(plan);
    if (plan.kind === 'play') played.push({ ...plan, tsMs, durMs: chunkMs, arrivedMs: nowMs });
  }
  return { played, plans };
}

/** Times the sound stopped inside speech: a stop inside a pause only makes it longer. */
function breaks(played: readonly Played[]): number {
  return played.filter(({ underrun, tsMs }) => underrun && tsMs % SENTENCE_MS < PAUSE_AT_MS).length;
}

/** Delay of each chunk beyond the earliest possible, ms. */
function delays(played: readonly Played[]): number[] {
  return played.map(({ startMs, tsMs, durMs }) => startMs - (tsMs + durMs + 40));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A network that holds everything back for `stallMs` from each of `atMs` on. */
function stalledAt(stallMs: number, ...atMs: number[]): (sentMs: number) => number {
  return (sentMs) => Math.max(0, ...atMs.map((fromMs) => (sentMs >= fromMs ? fromMs + stallMs - sentMs : 0)));
}

/** 300 to 800 ms stalls every 8 s or so, over 3 ms of jitter. */
function wifi(seed: number): (sentMs: number) => number {
  const random = seeded(seed);
  let stallEndMs = 0;
  let nextStallMs = 4000;
  return (sentMs) => {
    if (sentMs >= nextStallMs) {
      stallEndMs = sentMs + 300 + random() * 500;
      nextStallMs = stallEndMs + 16_000 * random();
    }
    return Math.max(0, stallEndMs - sentMs) - 3 * Math.log(1 - random());
  };
}

describe('planner', () => {
  it('never overlaps and never plays in the past, over 10 min of bad Wi-Fi in chunks of 20 to 1000 ms', () => {
    for (const chunkMs of [20, 60, 100, 200, 500, 1000]) {
      const { played } = run({ chunkMs, seconds: 600, lateMs: wifi(chunkMs) });
      expect(played.length).to.be.above((600_000 / chunkMs) * 0.95);
      let endMs = 0;
      for (const chunk of played) {
        expect(chunk.startMs).to.be.at.least(endMs);
        expect(chunk.startMs).to.be.at.least(chunk.arrivedMs + 20);
        endMs = chunk.endMs;
      }
    }
  });

  it('on a LAN of 3 ms jitter no break in an hour and a mean delay of at most 90 ms', () => {
    const random = seeded(1);
    const { played } = run({ seconds: 3600, lateMs: () => -3 * Math.log(1 - random()) });
    expect(breaks(played)).to.equal(0);
    expect(mean(delays(played))).to.be.within(75, 90);
  });

  it('learns a stall once: the same stall 20 s later is not heard', () => {
    const stalls = [20_100, 40_100, 60_100, 80_100, 100_100];
    const { played } = run({ seconds: 115, lateMs: stalledAt(500, ...stalls) });
    expect(breaks(played)).to.equal(1);
  });

  it('forgets a stall after its preset’s hold, so the delay comes back below 120 ms', () => {
    for (const preset of [PRESETS.low, PRESETS.balanced]) {
      const { played } = run(
        { seconds: 72 + preset.holdMs / 1000, lateMs: stalledAt(600, 12_000) },
        new Planner(preset),
      );
      expect(delays(played).at(-1)).to.be.below(120);
    }
  });

  it('follows clocks that differ by ±200 ppm for an hour without a break or a creeping delay', () => {
    for (const driftPpm of [200, -200]) {
      for (const pauses of [true, false]) {
        const { played } = run({ seconds: 3600, driftPpm, pauses });
        expect(breaks(played), `${driftPpm} ppm`).to.equal(0);
        const last = played.at(-1);
        const earliestMs = ((last?.tsMs ?? 0) + 100) * (1 + driftPpm / 1e6) + 40;
        expect((last?.startMs ?? 0) - earliestMs).to.be.within(40, 130);
      }
    }
  });

  it('keeps the delay below its bound, 2.0 s, by one jump to the live edge after a stall of 10 s', () => {
    const { played, plans } = run({ seconds: 60, lateMs: stalledAt(10_000, 30_000) });
    expect(plans.filter(({ kind }) => kind === 'resync')).to.have.length(1);
    expect(Math.max(...delays(played))).to.be.at.most(2000);
    expect(Math.max(...delays(played.filter(({ tsMs }) => tsMs > 40_100)))).to.be.below(1700);
  });

  it('tells a source that is silent for 3 s from a stalled network: silence, no break, no more delay', () => {
    const { played } = run({ seconds: 30, missing: (tsMs) => tsMs >= 15_000 && tsMs < 18_000 });
    const next = played.find(({ tsMs }) => tsMs === 18_000);
    const previous = played.find(({ tsMs }) => tsMs === 14_900);
    expect(next).to.include({ joined: false, underrun: false });
    expect((next?.startMs ?? 0) - (previous?.endMs ?? 0)).to.be.within(2950, 3050);
    expect(delays(played).at(-1)).to.be.below(100);
  });

  it('makes one chunk that never came a silence of its 100 ms, though more is buffered', () => {
    const trace: Trace = { seconds: 130, pauses: false, missing: (tsMs) => tsMs === 120_000 };
    const { played } = run(trace, new Planner(PRESETS.smooth));
    const next = played.find(({ tsMs }) => tsMs === 120_100);
    const previous = played.find(({ tsMs }) => tsMs === 119_900);
    expect((next?.startMs ?? 0) - (previous?.endMs ?? 0)).to.be.within(70, 101);
    expect(next).to.include({ joined: false, underrun: false });
  });

  it('gives a late joiner with 1 s of backlog sound within 120 ms, whatever the chunk length', () => {
    for (const chunkMs of [20, 100, 200]) {
      const planner = new Planner();
      planner.join(50_000);
      planner.sync(9000, 50_000);
      const starts: number[] = [];
      for (let tsMs = 8000; tsMs < 9000; tsMs += chunkMs) {
        const plan = planner.plan({ tsMs, durMs: chunkMs, quiet: [] }, 50_001);
        if (plan.kind === 'play') starts.push(plan.startMs);
      }
      expect(starts[0]).to.be.within(50_020, 50_001 + Math.max(chunkMs, 20));
      expect(starts.length * chunkMs).to.be.within(100, 300);
      expect(planner.targetMs).to.be.within(115, 120);
    }
  });

  it('holds speech back by the same 80 to 110 ms beyond a chunk’s length, for chunks of 20, 100 and 1000 ms', () => {
    const random = seeded(7);
    for (const chunkMs of [20, 100, 1000]) {
      const { played } = run({ chunkMs, seconds: 120, lateMs: () => random() * 5 });
      expect(mean(delays(played.slice(-60_000 / chunkMs))), `${chunkMs} ms`).to.be.within(75, 110);
    }
  });

  it('gives delay back in pauses also when each chunk is shorter than a pause', () => {
    for (const chunkMs of [20, 100]) {
      const { played } = run(
        { chunkMs, seconds: 40, lateMs: stalledAt(600, 12_000) },
        new Planner(PRESETS.low),
      );
      const cutMs = played.flatMap(({ splices }) => splices).reduce((sum, s) => sum + s.toMs - s.fromMs, 0);
      expect(cutMs, `${chunkMs} ms`).to.be.above(300);
    }
  });

  it('never changes the rate by more than +0.5 % or −1 %', () => {
    const { played } = run({ seconds: 300, lateMs: wifi(3), pauses: false });
    for (const { rate } of played) expect(rate).to.be.within(0.99, 1.005);
  });

  it('on bad Wi-Fi breaks at most 25 times an hour with a mean delay below 800 ms', () => {
    const { played } = run({ seconds: 3600, lateMs: wifi(11) });
    expect(breaks(played)).to.be.at.most(25);
    expect(mean(delays(played))).to.be.below(800);
  });

  it('starts a new epoch behind what is queued, and keeps what it has learnt of the network', () => {
    const planner = new Planner();
    const { played } = run({ seconds: 30, lateMs: wifi(5) }, planner);
    const { targetMs } = planner;
    const endMs = played.at(-1)?.endMs ?? 0;
    planner.restart(30_500);
    const plan = planner.plan({ tsMs: 0, durMs: 100, quiet: [] }, 30_600);
    expect(plan).to.include({ kind: 'play', joined: false });
    if (plan.kind === 'play') expect(plan.startMs).to.be.at.least(endMs);
    expect(planner.targetMs).to.equal(targetMs);
  });

  it('is pure: the same trace gives the same plan', () => {
    const [one, another] = [9, 9].map((seed) => run({ seconds: 60, lateMs: wifi(seed) }).plans);
    expect(one).to.deep.equal(another);
  });
});
