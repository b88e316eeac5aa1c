import type { Chunk } from '../wire/chunk.ts';
import { msOf, SAMPLE_BYTES } from '../wire/format.ts';

/** wire/PROTOCOL.md: a chunk lasts 20 to 1000 ms. With the rates below it bounds what a chunk can make us allocate. */
const LONGEST_MS = 1000;
const LEAST_RATE = 4000;
const GREATEST_RATE = 192_000;

/** Whether a chunk is one of sound: at 4 to 192 kHz, at most 1 s long. Others would cost memory out of all measure. */
export function isPlayable({ sampleRate, pcm }: Chunk): boolean {
  const rateOk = sampleRate >= LEAST_RATE && sampleRate <= GREATEST_RATE;
  return rateOk && msOf(pcm.length / SAMPLE_BYTES, sampleRate) <= LONGEST_MS;
}
