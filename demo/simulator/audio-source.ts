import { FRAME_MS, samplesIn } from '../../wire/format.ts';
import type { SampleRate } from '../../wire/format.ts';

/**
 * What a conversation sounds like. Pure: the same index and rate give the same samples, so a test can compute what
 * was sent. Index 0 is the conversation's first 20 ms.
 */
export interface AudioSource {
  /** Short name for people. */
  readonly label: string;
  /** A fresh array of one 20 ms frame, mono, at `sampleRate` Hz. */
  frameAt(frameIndex: number, sampleRate: SampleRate): Int16Array<ArrayBuffer>;
}

const FULL_SCALE = 32_767;

/** Linear share of full scale, 0…1, of a level in dBFS. */
export function amplitudeOf(dbfs: number): number {
  return 10 ** (dbfs / 20);
}

/** Rounds a value of -1…1 to a 16-bit sample; beyond is clipped. */
export function toSample(value: number): number {
  return Math.round(Math.max(-1, Math.min(1, value)) * FULL_SCALE);
}

/** An empty frame at `sampleRate` Hz. */
export function emptyFrame(sampleRate: SampleRate): Int16Array<ArrayBuffer> {
  return new Int16Array(samplesIn(FRAME_MS, sampleRate));
}

/** Digital silence: frames of zeros. */
export function silence(): AudioSource {
  return { label: 'silence', frameAt: (_frameIndex, sampleRate) => emptyFrame(sampleRate) };
}

/** A steady tone of `hz`, its peak at `dbfs`; the phase runs on from frame to frame. */
export function sine(hz: number, dbfs: number): AudioSource {
  const amplitude = amplitudeOf(dbfs);
  return {
    label: `${hz} Hz`,
    frameAt: (frameIndex, sampleRate) => {
      const frame = emptyFrame(sampleRate);
      const first = frameIndex * frame.length;
      const step = (2 * Math.PI * hz) / sampleRate;
      for (let n = 0; n < frame.length; n++) frame[n] = toSample(amplitude * Math.sin(step * (first + n)));
      return frame;
    },
  };
}

const MARKER_SAMPLES = 4;

/**
 * Frame k carries k in its first four samples, one byte each, lowest first; {@link markerOf} reads it back. The rest
 * is a 200 Hz tone at -20 dBFS, so that a speech detector takes the frame for sound.
 */
export function marker(): AudioSource {
  const tone = sine(200, -20);
  return {
    label: 'marker',
    frameAt: (frameIndex, sampleRate) => {
      const frame = tone.frameAt(frameIndex, sampleRate);
      for (let n = 0; n < MARKER_SAMPLES; n++) frame[n] = (frameIndex >>> (8 * n)) & 0xff;
      return frame;
    },
  };
}

/** The index that {@link marker} wrote, 0…2^32-1, or `undefined` when the samples hold none. */
export function markerOf(frame: Int16Array): number | undefined {
  let index = 0;
  for (let n = 0; n < MARKER_SAMPLES; n++) {
    const byte = frame[n];
    if (byte === undefined || byte < 0 || byte > 0xff) return undefined;
    index += byte * 256 ** n;
  }
  return index;
}
