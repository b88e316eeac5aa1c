import { describe, expect, test } from 'vitest';
import { allHands } from '../../../demo/voice/recording.ts';
import { align, type Alignment } from '../../../relay/room/alignment.ts';
import type { Take } from '../../../relay/room/leg-tape.ts';
import type { SampleRate } from '../../../wire/format.ts';
import { seeded } from '../../support/random.ts';

const RECORDING = allHands();
const random = seeded(9);

/** `sec` seconds of the recording from its 4th on. */
function speech(sec: number, rate: SampleRate): Int16Array {
  const samples = new Int16Array(sec * rate);
  const frame = rate / 50;
  for (let n = 0; n < sec * 50; n++) samples.set(RECORDING.frameAt(200 + n, rate), n * frame);
  return samples;
}

/** Two seconds of `samples` in each leg, of which the new one's are `apart` samples further on. */
function takes(samples: Int16Array, at: number, apart: number, rate: SampleRate): [Take, Take] {
  const of = (first: number): Int16Array => samples.slice(first, first + 2 * rate);
  return [
    { samples: of(at), firstSample: 10_000 },
    { samples: of(at + apart), firstSample: 500 },
  ];
}

/** What would be found, had both legs begun to be recorded at the same sample. */
function shiftOf(alignment: Alignment): number | string {
  return alignment.kind === 'found' ? alignment.shift - 9500 : alignment.kind;
}

describe.each([8000, 16_000, 24_000] as const)('two legs at %i Hz', (rate) => {
  const samples = speech(26, rate);
  const places = Array.from({ length: 40 }, (_, n) => {
    const apart = Math.round(((n * 37) % 1000) - 499) * (rate / 1000) + (n % 7);
    return {
      at: rate / 2 + Math.floor(n * 0.5 * rate),
      apart: Math.max(-rate / 2, Math.min(rate / 2, apart)),
    };
  });

  /** That what was found is right, and how often nothing was. */
  const missed = (found: readonly (number | string)[]): number => {
    found.forEach((shift, n) => expect(['unclear', 'silent', places[n]?.apart]).toContain(shift));
    return found.filter((shift) => typeof shift === 'string').length;
  };

  test('that send the same are lined up to the sample at 39 of 40 moments, up to 500 ms apart either way', () => {
    const found = places.map(({ at, apart }) =>
      shiftOf(align(...takes(samples, at, apart, rate), 9500, rate)),
    );
    expect(missed(found)).toBeLessThanOrEqual(1);
  });

  test('of which one is rounded otherwise by ± 1 and 6 dB quieter are lined up to the sample, or not at all', () => {
    const found = places.map(({ at, apart }) => {
      const [old, next] = takes(samples, at, apart, rate);
      const other = next.samples.map((sample) => Math.round(sample / 2 + random() * 2 - 1));
      return shiftOf(align(old, { ...next, samples: other }, 9500, rate));
    });
    expect(missed(found)).toBeLessThanOrEqual(6);
  });

  test('with noise of their own 20 dB below the voice are lined up to the sample, or not at all', () => {
    const found = places.map(({ at, apart }) => {
      const [old, next] = takes(samples, at, apart, rate);
      const other = next.samples.map((sample) => sample + Math.round(600 * (random() - 0.5)));
      return shiftOf(align(old, { ...next, samples: other }, 9500, rate));
    });
    expect(missed(found)).toBeLessThanOrEqual(10);
  });
});

describe('two legs are not lined up', () => {
  const rate = 16_000;
  const samples = speech(12, rate);

  test('that say different things, at 50 moments', () => {
    for (let n = 0; n < 50; n++) {
      const [old] = takes(samples, n * 3000, 0, rate);
      const [, next] = takes(samples.toReversed(), n * 2500 + 777, 0, rate);
      expect(align(old, next, 9500, rate).kind).toBe('unclear');
    }
  });

  test('that lie 700 ms apart: further than is looked', () => {
    expect(align(...takes(samples, rate, 11_200, rate), 9500, rate).kind).toBe('unclear');
  });

  test('in silence, and in what is left of it after rounding', () => {
    const zeros = new Int16Array(5 * rate);
    expect(align(...takes(zeros, 0, 0, rate), 9500, rate)).toEqual({ kind: 'silent' });
    const dither = zeros.map(() => Math.round(random() * 2 - 1));
    expect(align(...takes(dither, 0, 0, rate), 9500, rate)).toEqual({ kind: 'silent' });
  });

  test('by a tone of 400 Hz, which fits every 40 samples, and by one of 441, which nearly does', () => {
    for (const hz of [400, 441]) {
      const tone = zerosOf(5).map((_, n) => Math.round(8000 * Math.sin((2 * Math.PI * hz * n) / rate)));
      expect(align(...takes(tone, 100, 100, rate), 9500, rate)).toEqual({ kind: 'unclear' });
    }
  });

  test('before a second of each has been heard', () => {
    const [old, next] = takes(samples, 8000, 0, rate);
    const short = { ...next, samples: next.samples.subarray(0, 15_999) };
    expect(align(old, short, 9500, rate)).toEqual({ kind: 'short' });
    expect(align({ ...old, samples: old.samples.subarray(0, 9000) }, next, 9500, rate)).toEqual({
      kind: 'short',
    });
  });

  function zerosOf(sec: number): Int16Array {
    return new Int16Array(sec * rate);
  }
});

test('a look takes less than 10 ms, even on a busy machine (measured: 2.5)', () => {
  const samples = speech(8, 16_000);
  const costMs = Array.from({ length: 40 }, (_, n) => {
    const [old, next] = takes(samples, 8000 + 1000 * n, 137, 16_000);
    const startMs = performance.now();
    align(old, next, 9500, 16_000);
    return performance.now() - startMs;
  });
  console.log(`alignment: ${Math.min(...costMs).toFixed(1)} ms a look`);
  expect(Math.min(...costMs)).toBeLessThan(10);
});
