import { FRAME_MS } from '../../wire/format.ts';
import type { Cancel, Clock } from './clock.ts';
import type { MediaFault } from './fault.ts';
import { startPacer } from './pacer.ts';

/** Where a leg's frames come from and go to. */
export interface MediaOutlets {
  /** The sound of frame `frameIndex`, or `undefined` when there is nothing to send. */
  frameAt(frameIndex: number, mediaStartMs: number): Int16Array<ArrayBuffer> | undefined;
  /** Sends; false when the frame was dropped. */
  send(frame: Uint8Array): boolean;
  /** The media clock has reached a fault's moment, and the fault is not about frames. */
  onFault(fault: MediaFault): void;
  /** Another second has passed on the media clock. */
  onSecond(): void;
}

const FRAMES_PER_SEC = 1000 / FRAME_MS;
const RECORDED_FRAMES = 10 * 60 * FRAMES_PER_SEC;
const HELD_FRAMES = 60 * FRAMES_PER_SEC;

/** The frames of one leg: paces them, and spoils them where the fault script says so. */
export class LegMedia {
  readonly #clock: Clock;
  readonly #outlets: MediaOutlets;
  readonly #sentAtMs: Float64Array | undefined;
  #scheduled: MediaFault[] = [];
  #startMs: number | undefined;
  #stopPacer: Cancel = () => {};
  #stall:
    | { untilMs: number; backlog: 'burst' | 'loss'; held: [number, Int16Array<ArrayBuffer>][] }
    | undefined;
  #wrong = { bytes: 0, left: 0 };
  #mutedUntilMs = 0;

  constructor(clock: Clock, outlets: MediaOutlets, recordSendTimes: boolean) {
    this.#clock = clock;
    this.#outlets = outlets;
    this.#sentAtMs = recordSendTimes ? new Float64Array(RECORDED_FRAMES) : undefined;
  }

  /** Unix milliseconds of frame 0. */
  get startMs(): number | undefined {
    return this.#startMs;
  }

  /** Unix milliseconds at which a frame went out; `undefined` when it was not sent, or not recorded. */
  sentAtMs(frameIndex: number): number | undefined {
    const atMs = this.#sentAtMs?.[frameIndex];
    return atMs === 0 ? undefined : atMs;
  }

  start(): void {
    this.#startMs = this.#clock.nowMs();
    this.#stopPacer = startPacer(this.#clock, (frameIndex) => this.#onDue(frameIndex));
  }

  stop(): void {
    this.#stopPacer();
  }

  /** Takes a fault now, or keeps it for its `atMediaMs`. */
  inject(fault: MediaFault): void {
    const isDue = fault.atMediaMs === undefined || fault.atMediaMs <= this.#mediaMs();
    if (isDue) this.#apply(fault);
    else this.#scheduled.push(fault);
  }

  /** No frames for `ms` from now on: not silence, nothing. `Infinity` lasts until it is called with 0. */
  mute(ms: number): void {
    this.#mutedUntilMs = this.#clock.nowMs() + ms;
  }

  #mediaMs(): number {
    return this.#startMs === undefined ? -1 : this.#clock.nowMs() - this.#startMs;
  }

  #apply(fault: MediaFault): void {
    switch (fault.kind) {
      case 'stall':
        this.#stall = { untilMs: this.#clock.nowMs() + fault.forMs, backlog: fault.backlog, held: [] };
        return;
      case 'wrongFrame':
        this.#wrong = { bytes: fault.bytes, left: fault.frames ?? 1 };
        return;
      case 'inactive':
        this.mute(fault.forMs);
        this.#outlets.onFault(fault);
        return;
      case 'drop':
      case 'secondSocket':
        this.#outlets.onFault(fault);
        return;
      default:
        fault satisfies never;
    }
  }

  #onDue(frameIndex: number): void {
    const startMs = this.#startMs ?? 0;
    const due = this.#scheduled.filter((fault) => (fault.atMediaMs ?? 0) <= frameIndex * FRAME_MS);
    this.#scheduled = this.#scheduled.filter((fault) => !due.includes(fault));
    for (const fault of due) this.#apply(fault);
    if (frameIndex > 0 && frameIndex % FRAMES_PER_SEC === 0) this.#outlets.onSecond();
    const frame = this.#outlets.frameAt(frameIndex, startMs);
    const nowMs = this.#clock.nowMs();
    if (frame && nowMs >= this.#mutedUntilMs) this.#sendOrHold(frameIndex, frame, nowMs);
  }

  #sendOrHold(frameIndex: number, frame: Int16Array<ArrayBuffer>, nowMs: number): void {
    const stall = this.#stall;
    if (stall && nowMs < stall.untilMs) {
      if (stall.backlog === 'burst' && stall.held.length < HELD_FRAMES) stall.held.push([frameIndex, frame]);
      return;
    }
    this.#stall = undefined;
    for (const [heldIndex, held] of stall?.held ?? []) this.#send(heldIndex, held);
    this.#send(frameIndex, frame);
  }

  #send(frameIndex: number, frame: Int16Array<ArrayBuffer>): void {
    let bytes = new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength);
    if (this.#wrong.left > 0) {
      this.#wrong.left -= 1;
      bytes = new Uint8Array(this.#wrong.bytes);
    }
    const atMs = this.#clock.nowMs();
    const isSent = this.#outlets.send(bytes);
    if (isSent && this.#sentAtMs && frameIndex < RECORDED_FRAMES) this.#sentAtMs[frameIndex] = atMs;
  }
}
