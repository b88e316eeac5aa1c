import { FRAME_MS, SAMPLE_BYTES, msOf, samplesIn, viewOf } from '../../wire/format.ts';
import type { UnnumberedChunk } from './chunker.ts';
import { SlidingMin } from './sliding-min.ts';

/** A pause begins this long after the last loud frame, so that word ends are not cut. */
const HANGOVER_MS = 400;
/** A line's noise floor is the quietest frame of this long. */
const FLOOR_WINDOW_MS = 5000;
const ABOVE_FLOOR_DB = 6;
/** Quieter than this is nobody speaking, whatever the floor. */
export const QUIET_DBFS = -55;
/** Louder than this is never taken for a pause, however steady: a tone or music is its own floor. */
const LOUD_DBFS = -40;
/** Digital silence, for which there is no logarithm. */
export const SILENCE_DBFS = -100;

/** Tells loud frames of a line from quiet ones by its own noise floor. Frames come in order. */
export class NoiseFloor {
  readonly #quietest = new SlidingMin(FLOOR_WINDOW_MS);

  /** Whether a frame of this level is loud for the line; the frame counts from then on. */
  isExceededBy(dbfs: number, atMs: number): boolean {
    this.#quietest.push(dbfs, atMs);
    const floorDbfs = this.#quietest.value ?? dbfs;
    return dbfs > Math.max(QUIET_DBFS, Math.min(LOUD_DBFS, floorDbfs + ABOVE_FLOOR_DB));
  }
}

/**
 * Tells speech from pauses in one leg: a frame within 6 dB of the line's own noise floor, or below −55 dBFS, is
 * quiet. The player finds its pauses by the same rule. What it cannot tell: hum and crosstalk above −40 dBFS, and
 * music, count as speech.
 */
export class SpeechDetector {
  readonly #floor = new NoiseFloor();
  #spokenMs = Number.NEGATIVE_INFINITY;

  /** Whether somebody speaks in the chunk, or stopped less than 400 ms before its end. Chunks come in order. */
  hears({ firstSample, sampleRate, pcm }: UnnumberedChunk): boolean {
    const startMs = msOf(firstSample, sampleRate);
    const frameBytes = samplesIn(FRAME_MS, sampleRate) * SAMPLE_BYTES;
    for (let at = 0; at < pcm.length; at += frameBytes) {
      const atMs = startMs + msOf(at / SAMPLE_BYTES, sampleRate);
      if (this.#floor.isExceededBy(levelOf(pcm.subarray(at, at + frameBytes)), atMs))
        this.#spokenMs = atMs + FRAME_MS;
    }
    return startMs + msOf(pcm.length / SAMPLE_BYTES, sampleRate) - this.#spokenMs < HANGOVER_MS;
  }
}

/** RMS of 16-bit mono PCM, dBFS: 0 is a full-scale square wave. */
export function levelOf(pcm: Uint8Array): number {
  const view = viewOf(pcm);
  let energy = 0;
  for (let at = 0; at < pcm.length; at += SAMPLE_BYTES) energy += view.getInt16(at, true) ** 2;
  const power = energy / (pcm.length / SAMPLE_BYTES) / 32_768 ** 2;
  return power === 0 ? SILENCE_DBFS : 10 * Math.log10(power);
}
