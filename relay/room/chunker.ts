import { FRAME_MS, SAMPLE_BYTES, frameBytes, msOf, samplesIn, type SampleRate } from '../../wire/format.ts';
import type { Chunk } from '../../wire/chunk.ts';
import type { Frame } from './reframer.ts';
import { SlidingMin } from './sliding-min.ts';

/** A frame later than this against the leg's pace is a stall; two late frames (40 ms) are everyday jitter. */
const LATE_MS = 60;

/** Frames that stay equally late for this long come at their usual pace again; what is missing then was lost. */
const DECIDE_MS = 60;

/** Equally late means within one frame: platforms may send frames two by two. */
const SAME_LATENESS_MS = FRAME_MS;

/** Never hold more than this back while deciding: 3 s. A longer queue is let through as it comes. */
const MAX_HELD_FRAMES = 150;

/** Memory of the leg's pace; longer would mistake its clock's drift for lateness. */
const PACE_WINDOW_MS = 10_000;

/** A chunk that has not been numbered yet: what is not sent gets no number. */
export type UnnumberedChunk = Omit<Chunk, 'sequence'>;

/** A leg's frames on their way to becoming chunks. */
export interface ChunkerSettings {
  epoch: number;
  sampleRate: SampleRate;
  /** A multiple of 20 in 20…1000. */
  chunkMs: number;
}

/**
 * Groups one leg's frames into chunks and keeps its media clock. Legs number nothing, so loss is read from time
 * alone: after a stall, frames are held until either a burst has caught up (a slow network: the clock runs on) or
 * they come at their usual pace again (sound was lost: the clock jumps, and the next chunk says `gapBefore`).
 * No timers: every decision falls when a frame arrives, as a rule 60 ms after the stall's end.
 */
export class Chunker {
  readonly #settings: ChunkerSettings;
  readonly #frameBytes: number;
  readonly #frameSamples: number;
  readonly #chunkBytes: number;
  #paceMs = new SlidingMin(PACE_WINDOW_MS);
  #isRebased = false;

  /** Media clock after the last frame that was taken, in samples. */
  #endSample = 0;
  #open: { pcm: Uint8Array; pcmBytes: number; gapBefore: boolean; padded: boolean } | undefined;
  #gapBefore = false;

  #held: Frame[] = [];
  /** How late a held frame was, against which the next decision is made. */
  #mark: { atMs: number; lateMs: number } | undefined;

  constructor(settings: ChunkerSettings) {
    this.#settings = settings;
    this.#frameBytes = frameBytes(settings.sampleRate);
    this.#frameSamples = samplesIn(FRAME_MS, settings.sampleRate);
    this.#chunkBytes = samplesIn(settings.chunkMs, settings.sampleRate) * SAMPLE_BYTES;
  }

  /** Samples a second of this leg. */
  get sampleRate(): SampleRate {
    return this.#settings.sampleRate;
  }

  /** Whether frames are held back: where they belong on the media clock is not decided. */
  get isDeciding(): boolean {
    return this.#held.length > 0;
  }

  /**
   * The same sound comes another way from now on, sooner or later than it did: that is no stall, and the pace of the way
   * is learnt anew. To be called while nothing {@link isDeciding | is held back}.
   */
  rebase(): void {
    this.#isRebased = true;
  }

  /**
   * Takes a frame that arrived at `nowMs` (monotonic) and returns the chunks it completes. A short frame is padded;
   * `padded` says that it was already.
   */
  push(pcm: Uint8Array, nowMs: number, padded = false): UnnumberedChunk[] {
    const frame: Frame = { pcm, padded: padded || pcm.length < this.#frameBytes };
    // Not before a frame is here: until then the media clock runs on as it did.
    if (this.#isRebased) this.#paceMs = new SlidingMin(PACE_WINDOW_MS);
    this.#isRebased = false;
    const ageMs = nowMs - this.#mediaMsAt(this.#endSample + (this.#held.length + 1) * this.#frameSamples);
    const lateMs = ageMs - (this.#paceMs.value ?? ageMs);

    if (lateMs <= LATE_MS) {
      this.#paceMs.push(ageMs, nowMs);
      return this.#takeAll([...this.#release(), frame]);
    }

    this.#held.push(frame);
    const mark = (this.#mark ??= { atMs: nowMs, lateMs });
    if (nowMs - mark.atMs >= DECIDE_MS) {
      if (Math.abs(lateMs - mark.lateMs) < SAME_LATENESS_MS)
        return this.#jump(Math.floor(lateMs / FRAME_MS), nowMs);
      this.#mark = { atMs: nowMs, lateMs };
    }
    return this.#held.length < MAX_HELD_FRAMES ? [] : this.#takeAll(this.#release());
  }

  /** The last, shorter chunk of a leg that has ended; empty when nothing is left. */
  flush(): UnnumberedChunk[] {
    const chunks = this.#takeAll(this.#release());
    const last = this.#close();
    if (last) chunks.push(last);
    return chunks;
  }

  /** The media clock at `nowMs` in milliseconds: runs on through stalls and bursts. Null before the first frame. */
  mediaMs(nowMs: number): number | null {
    const paceMs = this.#paceMs.value;
    return paceMs === undefined ? null : Math.max(0, nowMs - paceMs);
  }

  /** Moves the media clock over `frames` lost frames, then takes what was held. */
  #jump(frames: number, nowMs: number): UnnumberedChunk[] {
    const before = this.#close();
    this.#endSample += frames * this.#frameSamples;
    this.#gapBefore = true;
    const held = this.#release();
    this.#paceMs.push(nowMs - this.#mediaMsAt(this.#endSample + held.length * this.#frameSamples), nowMs);
    return [...(before ? [before] : []), ...this.#takeAll(held)];
  }

  #release(): Frame[] {
    const held = this.#held;
    this.#held = [];
    this.#mark = undefined;
    return held;
  }

  #takeAll(frames: Frame[]): UnnumberedChunk[] {
    const chunks: UnnumberedChunk[] = [];
    for (const frame of frames) {
      const chunk = this.#take(frame);
      if (chunk) chunks.push(chunk);
    }
    return chunks;
  }

  #take({ pcm, padded }: Frame): UnnumberedChunk | undefined {
    if (!this.#open) {
      this.#open = {
        pcm: new Uint8Array(this.#chunkBytes),
        pcmBytes: 0,
        gapBefore: this.#gapBefore,
        padded: false,
      };
      this.#gapBefore = false;
    }
    const open = this.#open;
    open.pcm.set(pcm.subarray(0, this.#frameBytes), open.pcmBytes);
    open.pcmBytes += this.#frameBytes;
    open.padded ||= padded;
    this.#endSample += this.#frameSamples;
    return open.pcmBytes === this.#chunkBytes ? this.#close() : undefined;
  }

  #close(): UnnumberedChunk | undefined {
    const open = this.#open;
    if (!open) return undefined;
    this.#open = undefined;
    return {
      epoch: this.#settings.epoch,
      firstSample: this.#endSample - open.pcmBytes / SAMPLE_BYTES,
      gapBefore: open.gapBefore,
      padded: open.padded,
      sampleRate: this.#settings.sampleRate,
      pcm: open.pcm.subarray(0, open.pcmBytes),
    };
  }

  #mediaMsAt(sample: number): number {
    return msOf(sample, this.#settings.sampleRate);
  }
}
