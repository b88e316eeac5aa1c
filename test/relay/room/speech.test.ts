import { describe, expect, test } from 'vitest';
import { allHands } from '../../../demo/voice/recording.ts';
import { SpeechDetector } from '../../../relay/room/speech.ts';
import { seeded } from '../../support/random.ts';

const RATE = 16_000;
const CHUNK_SAMPLES = 1600;

/** 100 ms of noise at a level, dBFS RMS. */
function noiseAt(dbfs: number, seed: number): Int16Array {
  const draw = seeded(seed);
  const amplitude = 32_768 * 10 ** (dbfs / 20) * Math.sqrt(3);
  return Int16Array.from({ length: CHUNK_SAMPLES }, () => Math.round((draw() * 2 - 1) * amplitude));
}

/** Which of the chunks are heard as speech. */
function heard(chunks: readonly Int16Array[]): boolean[] {
  const detector = new SpeechDetector();
  return chunks.map((samples, n) =>
    detector.hears({
      epoch: 1,
      firstSample: n * CHUNK_SAMPLES,
      gapBefore: false,
      padded: false,
      sampleRate: RATE,
      pcm: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
    }),
  );
}

const times = (count: number, dbfs: number): Int16Array[] =>
  Array.from({ length: count }, (_, n) => noiseAt(dbfs, n + 1));

describe('the speech detector', () => {
  test('a pause begins 400 ms after the last word: 4 chunks later', () => {
    const chunks = [...times(10, -70), ...times(5, -20), ...times(8, -70)];
    expect(heard(chunks).slice(10)).toEqual([...Array(8).fill(true), ...Array(5).fill(false)]);
  });

  test('speech is heard in the chunk it begins in', () => {
    expect(heard([...times(10, -70), ...times(1, -30)]).at(-1)).toBe(true);
  });

  test('a noisy line of −50 dBFS has pauses, 6 dB above its own floor', () => {
    const chunks = [...times(20, -50), ...times(3, -25), ...times(10, -50)];
    expect(heard(chunks).slice(10, 20)).toEqual(Array(10).fill(false));
    expect(heard(chunks).slice(20, 23)).toEqual([true, true, true]);
    expect(heard(chunks).at(-1)).toBe(false);
  });

  test('a steady −35 dBFS, as of music on hold, is never a pause', () => {
    expect(heard(times(100, -35))).toEqual(Array(100).fill(true));
  });

  test('digital silence is a pause from the first chunk', () => {
    expect(heard(Array.from({ length: 3 }, () => new Int16Array(CHUNK_SAMPLES)))).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('of the demo recording it leaves out between 10 % and 40 %', () => {
    const source = allHands();
    const chunks = Array.from({ length: 1147 }, (_, n) => {
      const samples = new Int16Array(CHUNK_SAMPLES);
      for (let k = 0; k < 5; k++) samples.set(source.frameAt(n * 5 + k, RATE), k * 320);
      return samples;
    });
    const left = heard(chunks).filter((speech) => !speech).length / chunks.length;
    console.log(`silence suppression leaves out ${(left * 100).toFixed(1)} % of the demo recording`);
    expect(left).toBeGreaterThan(0.1);
    expect(left).toBeLessThan(0.4);
  });
});
