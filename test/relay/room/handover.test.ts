import { describe, expect, test } from 'vitest';
import { ConferenceSignal } from '../../support/conference-signal.ts';
import { seeded } from '../../support/random.ts';
import { TwoLegs, type LegScript } from './two-legs.ts';

const SIGNAL = new ConferenceSignal();
const OLD: LegScript = { fromMs: 0, delayMs: 60 };
/** A second leg from 5 s on, whose frames begin 137 samples after those of the first. */
const next = (more: Partial<LegScript> = {}): LegScript => ({
  fromMs: 5000,
  offset: 137,
  delayMs: 60,
  ...more,
});

/** Both as 16-bit samples. */
function altered(pcm: Uint8Array, alter: (sample: number, n: number) => number): Uint8Array {
  return new Uint8Array(Int16Array.from(new Int16Array(pcm.slice().buffer), alter).buffer);
}

const halved = (pcm: Uint8Array): Uint8Array => altered(pcm, (sample) => Math.round(sample / 2));
const silent = (pcm: Uint8Array): Uint8Array => pcm.map(() => 0);
const tone = (first: number) => (pcm: Uint8Array, frame: number) =>
  altered(pcm, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * (first + frame * 320 + n)) / 40)));

/** How loud the signal is there. */
function rms(from: number, count: number): number {
  let energy = 0;
  for (let n = 0; n < count; n++) energy += SIGNAL.sampleAt(from + n) ** 2;
  return Math.sqrt(energy / count);
}

describe('a leg is replaced by another that sends the same', () => {
  test.each([
    ['as late', 60, 0],
    ['150 ms later', 210, 150],
    ['150 ms earlier', -90, -150],
    ['430 ms later', 490, 430],
    ['430 ms earlier', -370, -430],
    ['10 ms later', 70, 10],
  ])('%s: 20 s without a gap, every sample once', (_, delayMs, lagMs) => {
    const legs = new TwoLegs([{ ...OLD }, next({ delayMs })], { signal: SIGNAL }).run(20_000);
    expect(legs.done).toMatchObject([{ by: 'sound', lagMs }]);
    expect([legs.breaks, legs.wrongSamples]).toEqual([0, 0]);
    // Only what is there at the end is different: the second leg's frames end elsewhere.
    expect(legs.chunks.length).toBeGreaterThan(950);
    // 20 ms of waiting for the next frame, and 20 until the new leg's frame with the seam is whole.
    expect(legs.longestPauseMs(5000)).toBeLessThanOrEqual(Math.max(0, lagMs) + 45);
  });

  test.each([1, 160, 319])('whose frames begin %i samples elsewhere', (offset) => {
    const legs = new TwoLegs([OLD, next({ offset })], { signal: SIGNAL }).run(15_000);
    expect([legs.done.length, legs.breaks, legs.wrongSamples]).toEqual([1, 0, 0]);
  });

  test('both with jitter of 0 to 40 ms: without a gap, every sample once', () => {
    const random = seeded(3);
    const jitterMs = (): number => 40 * random();
    const legs = new TwoLegs([{ ...OLD, jitterMs }, next({ delayMs: 140, jitterMs })], {
      signal: SIGNAL,
    }).run(20_000);
    expect(legs.done).toMatchObject([{ by: 'sound' }]);
    expect([legs.breaks, legs.wrongSamples]).toEqual([0, 0]);
  });

  test('rounded otherwise by ± 1, and 3 % quieter: not a sample is missing or doubled', () => {
    const random = seeded(4);
    const alter = (pcm: Uint8Array): Uint8Array =>
      altered(pcm, (sample) => Math.round(0.97 * sample + random() * 2 - 1));
    const legs = new TwoLegs([OLD, next({ delayMs: 130, alter })], { signal: SIGNAL }).run(20_000);
    expect(legs.done).toMatchObject([{ by: 'sound', lagMs: 70 }]);
    expect(legs.breaks).toBe(0);
    const worst = legs.chunks.map(({ firstSample, pcm }) =>
      Math.max(
        ...new Int16Array(pcm.slice().buffer).map((sample, n) => {
          const right = SIGNAL.sampleAt(firstSample + n);
          return Math.abs(sample - right) - 0.03 * Math.abs(right);
        }),
      ),
    );
    expect(Math.max(...worst)).toBeLessThanOrEqual(2);
  });

  test('150 ms later, in a room where pauses are left out: every sample that is sent is right, and none is sent twice', () => {
    const legs = new TwoLegs([OLD, next({ delayMs: 210 })], { signal: SIGNAL, suppressSilence: true }).run(
      30_000,
    );
    expect([legs.done.length, legs.wrongSamples]).toEqual([1, 0]);
    expect(legs.chunks.filter(({ gapBefore, sequence }, n) => gapBefore || sequence !== n)).toEqual([]);
    const firsts = legs.chunks.map(({ firstSample }) => firstSample);
    expect(firsts).toEqual([...new Set(firsts)].toSorted((a, b) => a - b));
    expect(legs.chunks.length).toBeLessThan(1490);
  });

  test('200 ms later, at 8 moments: the pause that this makes falls between words or syllables', () => {
    const loudness = Array.from({ length: 8 }, (_, n) => {
      const script = next({ fromMs: 5000 + 1700 * n, delayMs: 260 });
      const legs = new TwoLegs([OLD, script], { signal: SIGNAL }).run(26_000);
      // The seam is where the first chunk after the longest pause begins.
      const seam = legs.chunks[legs.pauseBefore]?.firstSample ?? 0;
      return rms(seam - 320, 320) / rms(seam - 48_000, 96_000);
    });
    expect(Math.max(...loudness)).toBeLessThan(0.3);
  });
});

describe('the handover waits', () => {
  test('for the name of the call, however well the legs are lined up', () => {
    const legs = new TwoLegs([OLD, next()], { signal: SIGNAL, isReady: () => false }).run(10_000);
    expect([legs.done.length, legs.breaks, legs.wrongSamples]).toEqual([0, 0, 0]);
  });

  test('where a leg has lost 60 ms since they were lined up, and does not make a wrong seam of it', () => {
    let ready = false;
    // Lined up at about 6 s, lost at 8 s, may take over at 8.1 s.
    const script = next({
      alter: (pcm, frame) => {
        if (frame === 155) ready = true;
        return frame >= 150 && frame < 153 ? null : pcm;
      },
    });
    const legs = new TwoLegs([OLD, script], { signal: SIGNAL, isReady: () => ready }).run(20_000);
    expect(legs.done).toMatchObject([{ by: 'sound' }]);
    expect([legs.breaks, legs.wrongSamples]).toEqual([0, 0]);
  });

  test('not for a seam that will never be right: a leg at half the loudness takes over at the fourth', () => {
    const legs = new TwoLegs([OLD, next({ alter: halved })], { signal: SIGNAL }).run(15_000);
    expect([legs.done.length, legs.breaks]).toEqual([1, 0]);
    expect(legs.done).toMatchObject([{ by: 'sound', lagMs: 0 }]);
  });

  test('while it crosses over, and gives everything of the old leg where the new one is gone by then', () => {
    const gone = next({ delayMs: 460, alter: (pcm, frame) => (frame < 55 ? pcm : null) });
    const legs = new TwoLegs([OLD, gone], { signal: SIGNAL }).run(20_000);
    legs.handover.abandon();
    expect([legs.done.length, legs.breaks, legs.wrongSamples]).toEqual([0, 0, 0]);
    expect(legs.chunks.length).toBeGreaterThanOrEqual(996);
  });

  test('and does not take another conference for this one: after 15 s it goes over by time', () => {
    const other = next({ alter: (pcm) => altered(pcm, (_, n) => (n * 7919) % 4001) });
    const legs = new TwoLegs([OLD, other], { signal: SIGNAL }).run(30_000);
    expect(legs.done).toMatchObject([{ by: 'time', lagMs: 0 }]);
    const atMs = legs.done[0]?.atMs;
    expect(atMs).toBeGreaterThanOrEqual(20_000);
    expect(atMs).toBeLessThan(23_500);
    expect(legs.breaks).toBe(0);
  });

  test('no longer than the old leg lives: what is not lined up 10 s before its end goes over by time', () => {
    const legs = new TwoLegs([{ ...OLD, alter: silent }, next({ delayMs: 100, alter: silent })], {
      signal: SIGNAL,
      dueMs: 9000,
    }).run(12_000);
    expect(legs.done).toMatchObject([{ by: 'time' }]);
    expect(legs.done[0]?.atMs).toBeLessThan(9300);
    expect(legs.breaks).toBe(0);
  });
});

test('a tone that repeats every 40 samples fits everywhere, and so is not lined up by sound', () => {
  const old = { ...OLD, alter: tone(0) };
  const legs = new TwoLegs([old, next({ alter: tone(5000 * 16 + 137) })], { signal: SIGNAL }).run(30_000);
  expect(legs.done).toMatchObject([{ by: 'time' }]);
});
