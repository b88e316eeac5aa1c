import { describe, expect, test } from 'vitest';
import { Upsampler } from '../../../relay/fanout/upsampler.ts';
import { seeded } from '../../support/random.ts';

const AMPLITUDE = 16_384;

function sine(hz: number, sampleRate: number, length: number): Uint8Array {
  const samples = Int16Array.from({ length }, (_, n) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hz * n) / sampleRate)),
  );
  return new Uint8Array(samples.buffer);
}

/** Signal to noise of `samples` against the best-fitting sine of `hz`, dB. */
function snrDb(samples: Int16Array, hz: number, sampleRate: number): number {
  let inPhase = 0;
  let quadrature = 0;
  let power = 0;
  for (const [n, value] of samples.entries()) {
    const angle = (2 * Math.PI * hz * n) / sampleRate;
    inPhase += (2 / samples.length) * value * Math.sin(angle);
    quadrature += (2 / samples.length) * value * Math.cos(angle);
    power += value ** 2 / samples.length;
  }
  const signal = (inPhase ** 2 + quadrature ** 2) / 2;
  return 10 * Math.log10(signal / Math.max(power - signal, 1e-9));
}

describe.each([
  [8000, 6],
  [16_000, 3],
  [24_000, 2],
])('from %i Hz, %i times', (sampleRate, factor) => {
  test('a 1 kHz sine keeps a signal to noise of 60 dB', () => {
    const out = new Upsampler(factor).push(sine(1000, sampleRate, sampleRate));
    // Whole periods, past the filter's first samples.
    expect(snrDb(out.subarray(4800, 4800 + 24_000), 1000, 48_000)).toBeGreaterThanOrEqual(60);
  });

  test('a sine at 85 % of the band, where phones end, keeps 60 dB too', () => {
    const hz = (sampleRate / 2) * 0.85;
    const out = new Upsampler(factor).push(sine(hz, sampleRate, sampleRate));
    expect(snrDb(out.subarray(4800, 4800 + 24_000), hz, 48_000)).toBeGreaterThanOrEqual(60);
  });

  test('speech in pieces of 1 to 800 samples comes out as in one', () => {
    const random = seeded(3);
    const pcm = new Uint8Array(Int16Array.from({ length: 8000 }, () => (random() - 0.5) * 60_000).buffer);
    const whole = new Upsampler(factor).push(pcm);
    const pieces = new Upsampler(factor);
    const out: number[] = [];
    for (let at = 0; at < pcm.length;) {
      const bytes = 2 * (1 + Math.floor(random() * 800));
      out.push(...pieces.push(pcm.subarray(at, at + bytes)));
      at += bytes;
    }
    expect(out).toEqual([...whole]);
  });
});

test('full scale does not wrap around', () => {
  const square = Int16Array.from({ length: 1600 }, (_, n) => (n % 80 < 40 ? 32_767 : -32_768));
  const out = new Upsampler(3).push(new Uint8Array(square.buffer));
  const middles = Array.from({ length: 30 }, (_, n) => out[n * 120 + 48 + 60] ?? 0);
  expect(middles.every((value) => Math.abs(value) > 30_000)).toBe(true);
});

test('a factor that is not a whole number from 1 is refused', () => {
  for (const factor of [0, 2.5, -1, Number.NaN]) expect(() => new Upsampler(factor)).toThrow(RangeError);
});
