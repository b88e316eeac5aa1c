import { expect, test } from 'vitest';
import { marker, markerOf, silence, sine } from '../../demo/simulator/audio-source.ts';
import type { AudioSource } from '../../demo/simulator/audio-source.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { pcmLoop } from '../../demo/simulator/pcm-loop.ts';
import { SAMPLE_RATES } from '../../wire/format.ts';
import type { SampleRate } from '../../wire/format.ts';

function play(source: AudioSource, frames: number, sampleRate: SampleRate = 16_000, first = 0): number[] {
  return Array.from({ length: frames }, (_, n) => [...source.frameAt(first + n, sampleRate)]).flat();
}

function rmsDbfs(samples: number[]): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power / 32_767 ** 2);
}

/** Level of one frequency, dBFS of a tone's peak (Goertzel as a plain sum). */
function toneDbfs(samples: number[], hz: number, sampleRate: number): number {
  let [re, im] = [0, 0];
  for (const [n, sample] of samples.entries()) {
    const hann = 1 - Math.cos((2 * Math.PI * n) / samples.length);
    re += hann * sample * Math.cos((2 * Math.PI * hz * n) / sampleRate);
    im += hann * sample * Math.sin((2 * Math.PI * hz * n) / sampleRate);
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / samples.length / 32_767);
}

function correlation(a: number[], b: number[]): number {
  const dot = a.reduce((sum, sample, n) => sum + sample * (b[n] ?? 0), 0);
  return dot / Math.sqrt(a.reduce((s, x) => s + x * x, 0) * b.reduce((s, x) => s + x * x, 0));
}

function largestStep(samples: number[]): number {
  return Math.max(...samples.slice(1).map((sample, n) => Math.abs(sample - (samples[n] ?? 0))));
}

function meanStep(pairs: number[][]): number {
  return pairs.reduce((sum, [a = 0, b = 0]) => sum + Math.abs(a - b), 0) / pairs.length;
}

test('a frame has 160, 320 or 480 samples at 8, 16 and 24 kHz, whatever the source', () => {
  for (const source of [
    silence(),
    sine(440, -6),
    marker(),
    noise(1),
    pcmLoop(Int16Array.of(1, 2, 3), 16_000),
  ]) {
    const lengths = SAMPLE_RATES.map((rate) => source.frameAt(3, rate).length);
    expect(lengths).toEqual([160, 320, 480]);
  }
});

test('markers carry 0, 1, 255, 256, 65,536 and 3,000,000 and a frame of speech carries none', () => {
  const indexes = [0, 1, 255, 256, 65_536, 3_000_000];
  expect(indexes.map((index) => markerOf(marker().frameAt(index, 8000)))).toEqual(indexes);
  expect(markerOf(Int16Array.of(0, 300, 0, 0))).toBeUndefined();
  expect(markerOf(Int16Array.of(0, 1))).toBeUndefined();
});

test('a sine of -6 dBFS peaks at -6 dBFS and runs on over 50 frame edges', () => {
  const samples = play(sine(1000, -6), 50);
  expect(Math.max(...samples) / 32_767).toBeCloseTo(10 ** (-6 / 20), 2);
  expect(toneDbfs(samples, 1000, 16_000)).toBeCloseTo(-6, 1);
  expect(largestStep(samples)).toBeLessThan(2 * Math.PI * (1000 / 16_000) * 32_767 * 0.502);
});

test('noise is the same twice, another for another seed, and -18 dBFS RMS within 0.5 dB over 4 s', () => {
  for (const rate of SAMPLE_RATES) {
    const samples = play(noise(7), 200, rate);
    expect(play(noise(7), 200, rate)).toEqual(samples);
    expect(Math.abs(correlation(samples, play(noise(8), 200, rate)))).toBeLessThan(0.1);
    expect(Math.abs(rmsDbfs(samples) + 18)).toBeLessThan(0.5);
    expect(Math.max(...samples.map(Math.abs))).toBeLessThan(32_767);
  }
});

test('noise steps no more at 99 frame edges than inside frames, and 100 and 3000 Hz lie 20 dB below 900 Hz', () => {
  const samples = play(noise(3), 100);
  const edges = Array.from({ length: 99 }, (_, n) => samples.slice(n * 320 + 319, n * 320 + 321));
  const inner = Array.from({ length: 99 }, (_, n) => samples.slice(n * 320 + 159, n * 320 + 161));
  expect(meanStep(edges) / meanStep(inner)).toBeLessThan(1.5);
  expect(toneDbfs(samples, 100, 16_000)).toBeLessThan(toneDbfs(samples, 900, 16_000) - 20);
  expect(toneDbfs(samples, 3000, 16_000)).toBeLessThan(toneDbfs(samples, 900, 16_000) - 20);
});

test('noise matches itself only where it is: below 0.2 at 10 minutes, 1 minute, 200 ms and 20 ms away', () => {
  const here = play(noise(5), 50, 16_000, 1000);
  expect(correlation(here, play(noise(5), 50, 16_000, 1000))).toBeCloseTo(1);
  for (const frames of [30_000, 3000, 10, 1]) {
    expect(Math.abs(correlation(here, play(noise(5), 50, 16_000, 1000 + frames)))).toBeLessThan(0.2);
  }
});

test('a loop of 1000 samples plays them exactly, over the seam, and again after 25 frames', () => {
  const samples = Int16Array.from({ length: 1000 }, (_, n) => n);
  const heard = play(pcmLoop(samples, 16_000), 50);
  expect(heard.every((sample, n) => sample === n % 1000)).toBe(true);
  expect(() => pcmLoop(new Int16Array(0), 16_000)).toThrow('at least one sample');
});

test('a 16 kHz loop of a 500 Hz tone is the same tone at all 3 rates, and 6 kHz is gone at 8 kHz', () => {
  const tone = Int16Array.from(play(sine(500, -6), 50));
  for (const rate of SAMPLE_RATES) {
    expect(toneDbfs(play(pcmLoop(tone, 16_000), 50, rate), 500, rate)).toBeCloseTo(-6, 0);
  }
  const high = Int16Array.from(play(sine(6000, -6), 50));
  expect(rmsDbfs(play(pcmLoop(high, 16_000), 50, 8000))).toBeLessThan(-50);
});
