import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AudioSource } from '../../demo/simulator/audio-source.ts';
import { readImaAdpcmWav } from '../../demo/voice/ima-adpcm.ts';
import { allHands, productUpdate } from '../../demo/voice/recording.ts';

function read(name: string): { sampleRate: number; samples: Int16Array } {
  return readImaAdpcmWav(readFileSync(new URL(`../../demo/voice/${name}.wav`, import.meta.url)));
}

/** RMS of each 20 ms, dBFS. */
function levels(samples: Int16Array): number[] {
  return Array.from({ length: Math.floor(samples.length / 320) }, (_, n) => {
    const power = samples.subarray(n * 320, n * 320 + 320).reduce((sum, s) => sum + s * s, 0) / 320;
    return 10 * Math.log10(Math.max(power, 1) / 32_767 ** 2);
  });
}

/** Lengths of the stretches below -50 dBFS, milliseconds. */
function pausesMs(samples: Int16Array): number[] {
  const runs: number[] = [0];
  for (const level of levels(samples)) {
    if (level < -50) runs.push((runs.pop() ?? 0) + 20);
    else if (runs.at(-1) !== 0) runs.push(0);
  }
  return runs;
}

test.each([
  ['all-hands', 70, 120, 10],
  ['product-update', 50, 60, 6],
])('%s lasts %i to %i s, peaks at -6 dBFS and has %i pauses or more', (name, minSec, maxSec, pauses) => {
  const { sampleRate, samples } = read(name);
  const seconds = samples.length / sampleRate;
  expect(sampleRate).toBe(16_000);
  expect(seconds).toBeGreaterThan(minSec);
  expect(seconds).toBeLessThan(maxSec);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(Math.abs(20 * Math.log10(peak / 32_767) + 6)).toBeLessThan(0.8);
  expect(pausesMs(samples).filter((ms) => ms >= 400).length).toBeGreaterThanOrEqual(pauses);
  expect(pausesMs(samples).filter((ms) => ms >= 2800).length).toBeGreaterThanOrEqual(1);
});

test.each(['all-hands', 'product-update'])(
  'pauses of %s hold a room at -75 to -60 dBFS, not zeros',
  (name) => {
    const quiet = levels(read(name).samples).filter((level) => level < -55);
    const sorted = quiet.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    expect(median).toBeGreaterThan(-75);
    expect(median).toBeLessThan(-60);
  },
);

test.each<[string, AudioSource]>([
  ['all-hands', allHands()],
  ['product-update', productUpdate()],
])('%s loops without a click: no step above 200 of 32,767 in the 40 ms around the seam', (name, source) => {
  const { samples } = read(name);
  const seamFrame = Math.floor(samples.length / 320);
  const around = [seamFrame - 1, seamFrame, seamFrame + 1].flatMap((n) => [...source.frameAt(n, 16_000)]);
  const steps = around.slice(1).map((sample, n) => Math.abs(sample - (around[n] ?? 0)));
  expect(Math.max(...steps)).toBeLessThan(200);
  const wrapped = samples.length - seamFrame * 320;
  expect(source.frameAt(seamFrame, 16_000)[wrapped]).toBe(samples[0]);
});

test('a file that is not mono IMA ADPCM is refused with the reason', () => {
  expect(() => readImaAdpcmWav(new Uint8Array(12))).toThrow('without fmt, fact or data');
  const pcm = Uint8Array.from(readFileSync(new URL('../../demo/voice/product-update.wav', import.meta.url)));
  pcm[20] = 1;
  expect(() => readImaAdpcmWav(pcm)).toThrow('not mono IMA ADPCM');
});
