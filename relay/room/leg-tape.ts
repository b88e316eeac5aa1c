import { FRAME_MS, SAMPLE_BYTES, msOf, samplesIn, viewOf, type SampleRate } from '../../wire/format.ts';
import { SlidingMin } from './sliding-min.ts';

/** Enough to look for the same half second in two legs that lie half a second apart. */
const KEPT_MS = 2000;
const PACE_WINDOW_MS = 10_000;

/** Samples of a leg; positions count from the first that was recorded. */
export interface Take {
  samples: Int16Array;
  /** Position of the first of them. */
  firstSample: number;
}

/** The last two seconds of a leg's samples, and the pace at which they come. */
export class LegTape {
  readonly #sampleRate: SampleRate;
  readonly #ring: Int16Array;
  readonly #paceMs = new SlidingMin(PACE_WINDOW_MS);
  /** Position behind the newest sample. */
  endSample = 0;

  constructor(sampleRate: SampleRate) {
    this.#sampleRate = sampleRate;
    this.#ring = new Int16Array(samplesIn(KEPT_MS, sampleRate));
  }

  /** Position of the oldest sample that is kept. */
  get startSample(): number {
    return Math.max(0, this.endSample - this.#ring.length);
  }

  /** How much later than its position says a sample arrives when nothing delays it, ms; undefined before the first. */
  get paceMs(): number | undefined {
    return this.#paceMs.value;
  }

  /** Records a frame that arrived at `nowMs` (monotonic); a short one takes 20 ms all the same. */
  push(frame: Uint8Array, nowMs: number): void {
    const view = viewOf(frame);
    const length = samplesIn(FRAME_MS, this.#sampleRate);
    for (let n = 0; n < length; n++) {
      const at = n * SAMPLE_BYTES;
      this.#ring[(this.endSample + n) % this.#ring.length] = at < frame.length ? view.getInt16(at, true) : 0;
    }
    this.endSample += length;
    this.#paceMs.push(nowMs - msOf(this.endSample, this.#sampleRate), nowMs);
  }

  /** What lies in `fromSample`…`toSample`, as far as it is kept. */
  take(fromSample: number, toSample: number): Take {
    const firstSample = Math.max(fromSample, this.startSample);
    const length = Math.max(0, Math.min(toSample, this.endSample) - firstSample);
    const samples = new Int16Array(length);
    for (let n = 0; n < length; n++) samples[n] = this.#ring[(firstSample + n) % this.#ring.length] ?? 0;
    return { samples, firstSample };
  }

  /** The whole of what is kept. */
  takeAll(): Take {
    return this.take(this.startSample, this.endSample);
  }
}

/** Samples as 16-bit little-endian PCM. */
export function pcmOf({ samples }: Take): Uint8Array {
  const pcm = new Uint8Array(samples.length * SAMPLE_BYTES);
  const view = viewOf(pcm);
  samples.forEach((sample, n) => view.setInt16(n * SAMPLE_BYTES, sample, true));
  return pcm;
}
