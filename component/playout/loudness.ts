import { FRAME_MS, samplesIn } from '../../wire/format.ts';
import { SlidingPeak } from './sliding-peak.ts';

/** Loudness of one frame (20 ms, the last of a chunk may be shorter), in dBFS; -100 is digital silence. */
export interface FrameLevel {
  /** Offset in its chunk, ms. */
  atMs: number;
  rmsDb: number;
  peakDb: number;
}

/** A pause inside a chunk: offsets in ms, end exclusive. */
export interface QuietRun {
  startMs: number;
  endMs: number;
}

/** Level of digital silence, dBFS: below the 16-bit floor. */
const SILENCE_DB = -100;

const FLOOR_WINDOW_MS = 5000;
const QUIET_DB = -55;
const ABOVE_FLOOR_DB = 6;
/** Nothing louder is taken for a pause, however steady it is: a tone or music is its own noise floor. */
const LOUD_DB = -40;

/**
 * Measures chunks frame by frame and finds the pauses: frames below −55 dBFS, or up to 6 dB above the line's own
 * noise floor (the least level of 5 s).
 */
export class Loudness {
  readonly #floor = new SlidingPeak(FLOOR_WINDOW_MS);

  /** Levels and pauses of samples (−1…1) whose first lies at `tsMs`, a time that does not fall. */
  measure(
    samples: Float32Array,
    sampleRate: number,
    tsMs: number,
  ): { frames: FrameLevel[]; quiet: QuietRun[] } {
    const frameSamples = Math.max(1, samplesIn(FRAME_MS, sampleRate));
    const frames: FrameLevel[] = [];
    const quiet: QuietRun[] = [];
    for (let from = 0; from < samples.length; from += frameSamples) {
      const frame = samples.subarray(from, from + frameSamples);
      const startMs = (from * 1000) / sampleRate;
      const endMs = startMs + (frame.length * 1000) / sampleRate;
      const { rmsDb, peakDb } = levelOf(frame);
      frames.push({ atMs: startMs, rmsDb, peakDb });
      const floorDb = -this.#floor.push(-rmsDb, tsMs + startMs);
      if (rmsDb > Math.max(QUIET_DB, Math.min(LOUD_DB, floorDb + ABOVE_FLOOR_DB))) continue;
      const last = quiet.at(-1);
      if (last?.endMs === startMs) last.endMs = endMs;
      else quiet.push({ startMs, endMs });
    }
    return { frames, quiet };
  }

  /** Forgets the noise floor: another line, or another media clock. */
  reset(): void {
    this.#floor.clear();
  }
}

function levelOf(frame: Float32Array): { rmsDb: number; peakDb: number } {
  let power = 0;
  let peak = 0;
  for (const sample of frame) {
    power += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  return { rmsDb: decibels(Math.sqrt(power / frame.length)), peakDb: decibels(peak) };
}

function decibels(amplitude: number): number {
  return Math.max(SILENCE_DB, 20 * Math.log10(amplitude));
}
