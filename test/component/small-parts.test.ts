import { expect } from 'chai';
import { announcementOf } from '../../component/announcer.ts';
import { delayBefore, Retries } from '../../component/backoff.ts';
import { NO_LEVEL, nextLevel, shareOf } from '../../component/level.ts';
import { errorOfClose } from '../../component/player-error.ts';
import { AudioClock } from '../../component/playout/audio-clock.ts';
import { Loudness, type FrameLevel } from '../../component/playout/loudness.ts';
import { SlidingPeak } from '../../component/playout/sliding-peak.ts';
import { spliced } from '../../component/playout/splice.ts';
import { Timeline } from '../../component/playout/timeline.ts';
import { listenUrl } from '../../component/relay-url.ts';
import { CloseCode } from '../../wire/messages.ts';
import { seeded } from '../support/random.ts';

describe('backoff', () => {
  it('waits anywhere in 0.5, 1, 2, 4, 8, then 15 s where it has been lost for long', () => {
    expect([1, 2, 3, 4, 5, 6, 12].map((attempt) => delayBefore(attempt, 60_000, 1))).to.deep.equal([
      500, 1000, 2000, 4000, 8000, 15_000, 15_000,
    ]);
    expect(delayBefore(5, 60_000, 0)).to.equal(0);
  });

  it('never waits for longer than half the time it has been lost for, or 1 s', () => {
    expect([0, 1500, 2000, 3000, 20_000].map((lostForMs) => delayBefore(9, lostForMs, 1))).to.deep.equal([
      1000, 1000, 1000, 1500, 10_000,
    ]);
  });

  it('gives up after 30 tries, or after 5 min', () => {
    const tried = new Retries();
    for (let attempt = 1; attempt <= 30; attempt++) expect(tried.next(attempt, 0)).to.equal(attempt);
    expect(tried.next(31, 0)).to.equal(undefined);
    const slow = new Retries();
    slow.next(0, 0);
    expect(slow.lostForMs(20_000)).to.equal(20_000);
    expect(slow.next(300_001, 0)).to.equal(undefined);
  });

  it('begins anew after a connection that lasted more than 10 s, not after a shorter one', () => {
    const retries = new Retries();
    for (let n = 0; n < 5; n++) retries.next(n, 0);
    expect(retries.next(20_000, 9000)).to.equal(6);
    expect(retries.next(40_000, 10_001)).to.equal(1);
  });
});

describe('level', () => {
  it('rises at once and falls 20 dB in 1.7 s', () => {
    const loud = nextLevel(NO_LEVEL, -10, -6, 1000);
    expect(loud.barDb).to.equal(-10);
    expect(nextLevel(loud, -60, -60, 2700).barDb).to.be.closeTo(-30, 0.01);
  });

  it('holds a peak for 1 s', () => {
    const loud = nextLevel(NO_LEVEL, -10, -6, 1000);
    expect(nextLevel(loud, -30, -30, 1990).peakDb).to.equal(-6);
    expect(nextLevel(loud, -30, -30, 2000).peakDb).to.equal(-30);
  });

  it('fills nothing at −60 dBFS and below, half at −30, all at 0', () => {
    expect([-100, -60, -30, 0].map(shareOf)).to.deep.equal([0, 0, 0.5, 1]);
  });
});

describe('sliding peak', () => {
  it('is the greatest value of the window to within 1/64 of it, with at most 66 entries', () => {
    const random = seeded(4);
    const peak = new SlidingPeak(1000);
    const values: { atMs: number; value: number }[] = [];
    for (let atMs = 0; atMs < 20_000; atMs += 1 + random() * 9) {
      const value = random();
      values.push({ atMs, value });
      const got = peak.push(value, atMs);
      const within = (ms: number): number =>
        Math.max(...values.filter((one) => one.atMs >= atMs - ms).map((one) => one.value));
      expect(got).to.be.at.least(within(1000));
      expect(got).to.be.at.most(within(1000 + 1000 / 64));
    }
  });
});

function noise(amplitude: number, length: number, seed = 1): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({ length }, () => amplitude * (2 * random() - 1));
}

describe('loudness', () => {
  it('finds a pause of 60 ms between words, on the 20 ms grid', () => {
    const samples = noise(0.2, 3200);
    samples.set(noise(0.001, 960), 960);
    expect(new Loudness().measure(samples, 16_000, 0).quiet).to.deep.equal([{ startMs: 60, endMs: 120 }]);
  });

  it('takes a noisy line’s own floor of −50 dBFS for a pause, but never a steady tone of −20', () => {
    const loudness = new Loudness();
    const line = loudness.measure(noise(0.0055, 1600), 16_000, 0);
    expect(line.frames[0]?.rmsDb).to.be.within(-51, -49);
    expect(line.quiet).to.deep.equal([{ startMs: 0, endMs: 100 }]);
    const tone = Float32Array.from({ length: 1600 }, (_, n) => 0.14 * Math.sin(n / 3));
    expect(new Loudness().measure(tone, 16_000, 0).quiet).to.deep.equal([]);
  });

  it('calls digital silence −100 dBFS', () => {
    expect(new Loudness().measure(new Float32Array(320), 16_000, 0).frames).to.deep.equal([
      { atMs: 0, rmsDb: -100, peakDb: -100 },
    ]);
  });
});

describe('splice', () => {
  const ramp = Float32Array.from({ length: 1600 }, (_, n) => n / 1600);

  it('a cut of 20 ms leaves 320 samples fewer, all others as they were, and no step at the seam', () => {
    const out = spliced(ramp, [{ fromMs: 40, toMs: 60 }], 16_000);
    expect(out).to.have.length(1280);
    expect(out[500]).to.equal(ramp[500]);
    expect(out[640]).to.equal(ramp[960]);
    const steps = out.slice(1).map((sample, n) => Math.abs(sample - (out[n] ?? 0)));
    expect(Math.max(...steps)).to.be.below(0.005);
  });

  it('a jump back of 20 ms, twice, adds 640 samples', () => {
    const piece = { fromMs: 60, toMs: 40 };
    expect(spliced(ramp, [piece, piece], 16_000)).to.have.length(1600 + 640);
  });

  it('refuses a splice less than 4 ms from the start', () => {
    expect(() => spliced(ramp, [{ fromMs: 3, toMs: 20 }], 16_000)).to.throw(RangeError);
  });
});

describe('audio clock', () => {
  it('moves evenly though currentTime steps by 171 ms', () => {
    const clock = new AudioClock(171);
    let previousMs = -Infinity;
    for (let wallMs = 0; wallMs < 10_000; wallMs += 20) {
      const audioMs = Math.floor(wallMs / 171) * 171;
      const { nowMs, state } = clock.read(audioMs, wallMs + 5000);
      expect(state).to.equal('steady');
      if (wallMs > 400) expect(nowMs - previousMs).to.be.within(0, 40);
      previousMs = nowMs;
    }
    expect(previousMs).to.be.closeTo(9980, 20);
  });

  it('finds a device that stands still for more than 300 ms, and when it moves again', () => {
    const clock = new AudioClock(0);
    const states: string[] = [];
    for (let wallMs = 0; wallMs < 4000; wallMs += 100) {
      const audioMs = wallMs < 1000 ? wallMs : Math.max(1000, wallMs - 1900);
      states.push(clock.read(audioMs, wallMs).state);
    }
    expect(states.indexOf('stalled')).to.be.within(13, 15);
    expect(states.indexOf('recovered')).to.equal(30);
    expect(states.slice(31)).to.not.include.members(['stalled', 'recovered']);
  });

  it('does not take a long task for a stall: one reading with an old time is not enough', () => {
    const clock = new AudioClock(0);
    for (let ms = 0; ms <= 1000; ms += 100) clock.read(ms, ms);
    expect(clock.read(1000, 1500).state).to.equal('steady');
    expect(clock.read(1505, 1505).state).to.equal('steady');
  });
});

function level(atMs: number, rmsDb: number): FrameLevel {
  return { atMs, rmsDb, peakDb: rmsDb + 3 };
}

describe('timeline', () => {
  it('shows a frame when it sounds, and nothing once the sound has run out', () => {
    const timeline = new Timeline();
    timeline.add([level(0, -20), level(20, -30)], 5);
    expect(timeline.at(4.99)).to.equal(undefined);
    expect(timeline.at(5.01)?.rmsDb).to.equal(-20);
    expect(timeline.at(5.025)?.rmsDb).to.equal(-30);
    expect(timeline.at(5.05)).to.equal(undefined);
  });

  it('counts quiet from the last frame above −50 dBFS that has sounded', () => {
    const timeline = new Timeline();
    expect(timeline.quietForSec(1)).to.equal(0);
    timeline.add([level(0, -20), level(20, -55), level(40, -60)], 5);
    expect(timeline.quietForSec(5.06)).to.be.closeTo(0.06, 1e-9);
    timeline.add([level(0, -20)], 20);
    expect(timeline.quietForSec(19.9)).to.be.closeTo(14.9, 1e-9);
    expect(timeline.quietForSec(20.01)).to.be.closeTo(0.01, 1e-9);
  });
});

describe('relay address', () => {
  const script = 'https://relay.example/v1/conf-listener.js';

  it('is where the script came from, unless the attribute says another', () => {
    expect(listenUrl('', 'allhands', script)).to.equal('wss://relay.example/v1/rooms/allhands/listen');
    expect(listenUrl('http://127.0.0.1:8080/conf/', 'a', script)).to.equal(
      'ws://127.0.0.1:8080/conf/v1/rooms/a/listen',
    );
  });

  it('is a config error without a relay, with a bad relay, and for 4 bad room names', () => {
    const bad: [string, string, string][] = [
      ['', 'a', 'file:///app/bundle.js'],
      ['relay.example', 'a', script],
      ['ftp://relay.example', 'a', script],
      ['', '', script],
      ['', 'Allhands', script],
      ['', '../admin', script],
      ['', 'a'.repeat(65), script],
    ];
    for (const [relay, room, from] of bad) {
      const result = listenUrl(relay, room, from);
      expect(result, `${relay} ${room}`).to.include({ kind: 'config', code: 'attribute' });
    }
  });
});

describe('player error', () => {
  it('has a kind for each final close code of the protocol', () => {
    const kinds = Object.values(CloseCode)
      .filter((code) => code >= 4400)
      .map((code) => [code, errorOfClose(code, '').kind]);
    expect(kinds).to.deep.equal([
      [4400, 'config'],
      [4401, 'denied'],
      [4403, 'denied'],
      [4404, 'not-found'],
      [4409, 'network'],
      [4429, 'full'],
    ]);
  });
});

describe('announcement', () => {
  it('says Live once, Live again after a loss that was said, and connecting only after 2 s', () => {
    expect(announcementOf('live', undefined, 'Live', 'Live again')).to.deep.equal({
      text: 'Live',
      afterMs: 0,
    });
    expect(announcementOf('live', 'live', 'Live', 'Live again')).to.equal(undefined);
    expect(announcementOf('live', 'reconnecting', 'Live', 'Live again')?.text).to.equal('Live again');
    expect(announcementOf('connecting', undefined, 'Connecting…', '')?.afterMs).to.equal(2000);
    expect(announcementOf('silent', 'live', 'x', '')).to.equal(undefined);
  });
});
