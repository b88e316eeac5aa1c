import { allHands } from '../../demo/voice/recording.ts';

/** Samples a second of a {@link ConferenceSignal}. */
export const SIGNAL_RATE = 16_000;
const FRAME_SAMPLES = SIGNAL_RATE / 50;
/** The recording is a little over a minute long. */
const SPEECH_FRAMES = 3000;

/**
 * What is said in a conference of any length: a minute of the recording over and over, with a hiss of ± 4 drawn from the
 * number of the sample, so that no two seconds are the same. Sample n is the same whoever asks.
 */
export class ConferenceSignal {
  readonly #speech: Int16Array;

  constructor() {
    const recording = allHands();
    this.#speech = new Int16Array(SPEECH_FRAMES * FRAME_SAMPLES);
    for (let n = 0; n < SPEECH_FRAMES; n++)
      this.#speech.set(recording.frameAt(n, SIGNAL_RATE), n * FRAME_SAMPLES);
  }

  sampleAt(n: number): number {
    let mixed = Math.imul(n ^ (n >>> 15), 0x2c1b_3c6d);
    mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a_2d39);
    const value = (this.#speech[n % this.#speech.length] ?? 0) + (((mixed ^ (mixed >>> 15)) >>> 29) - 4);
    return Math.max(-32_768, Math.min(32_767, value));
  }

  /** `count` samples from number `first` on, as 16-bit PCM: by default a frame. */
  pcm(first: number, count = FRAME_SAMPLES): Uint8Array {
    const samples = new Int16Array(count);
    for (let n = 0; n < count; n++) samples[n] = this.sampleAt(first + n);
    return new Uint8Array(samples.buffer);
  }
}
