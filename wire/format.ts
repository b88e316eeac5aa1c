/** Length of one frame from a leg, in milliseconds (every platform sends 20 ms). */
export const FRAME_MS = 20;

/** Bytes of one sample: 16-bit signed, little-endian, mono. */
export const SAMPLE_BYTES = 2;

/** Sample rates a leg may bring, in Hz (Vonage: `audio/l16;rate=…` with 8000, 16000 or 24000). */
export const SAMPLE_RATES = [8000, 16000, 24000] as const;

/** One of {@link SAMPLE_RATES}, in Hz. */
export type SampleRate = (typeof SAMPLE_RATES)[number];

/** Whether a number is a rate a leg may bring. */
export function isSampleRate(hz: number): hz is SampleRate {
  return SAMPLE_RATES.some((rate) => rate === hz);
}

/** Samples in `ms` milliseconds at `sampleRate` Hz; whole for any multiple of 20 ms. */
export function samplesIn(ms: number, sampleRate: number): number {
  return Math.round((ms * sampleRate) / 1000);
}

/** Milliseconds that `samples` samples last at `sampleRate` Hz. */
export function msOf(samples: number, sampleRate: number): number {
  return (samples * 1000) / sampleRate;
}

/** Bytes of one 20 ms frame at `sampleRate` Hz: 320, 640 or 960. */
export function frameBytes(sampleRate: SampleRate): number {
  return samplesIn(FRAME_MS, sampleRate) * SAMPLE_BYTES;
}

/** The same bytes by number: for reading and writing fields. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
