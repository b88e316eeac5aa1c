import { frameBytes, type SampleRate } from '../../wire/format.ts';

/** A whole frame. */
export interface Frame {
  pcm: Uint8Array;
  /** Part of it is silence that was put in for a frame that came short. */
  padded: boolean;
}

/** Blocks a leg's samples anew into frames of 20 ms that begin where the first bytes did. Holds less than one frame. */
export class Reframer {
  readonly #frameBytes: number;
  readonly #open: Uint8Array;
  #openBytes = 0;
  #padded = false;

  constructor(sampleRate: SampleRate) {
    this.#frameBytes = frameBytes(sampleRate);
    this.#open = new Uint8Array(this.#frameBytes);
  }

  /** Takes bytes of any number and returns the frames that are whole with them. */
  push(pcm: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    for (let at = 0; at < pcm.length;) {
      const part = pcm.subarray(at, at + this.#frameBytes - this.#openBytes);
      this.#open.set(part, this.#openBytes);
      this.#openBytes += part.length;
      at += part.length;
      if (this.#openBytes < this.#frameBytes) break;
      frames.push({ pcm: this.#open.slice(), padded: this.#padded });
      this.#openBytes = 0;
      this.#padded = false;
    }
    return frames;
  }

  /** Takes one frame of the leg; a short one lasts 20 ms all the same, with silence at its end. */
  pushFrame(frame: Uint8Array): Frame[] {
    if (frame.length === this.#frameBytes) return this.push(frame);
    const whole = new Uint8Array(this.#frameBytes);
    whole.set(frame);
    this.#padded = true;
    const frames = this.push(whole);
    // What is open holds the rest of it.
    this.#padded = this.#openBytes > 0;
    return frames;
  }
}
