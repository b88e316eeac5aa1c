import type { CaptionMessage } from '../wire/messages.ts';

/** Shown so long before the end of the words: read while they are spoken, ms. */
const EARLY_MS = 300;
const MOST = 100;

/** Holds captions back until the sound they belong to is heard. Pure. */
export class CaptionQueue {
  #waiting: CaptionMessage[] = [];

  /** Takes a caption; of more than 100 that wait the oldest go. */
  push(caption: CaptionMessage): void {
    this.#waiting.push(caption);
    this.#waiting.splice(0, this.#waiting.length - MOST);
  }

  /** Takes out what is due when `mediaMs` of `epoch` is heard, in order; of an older epoch nothing is any more. */
  due(epoch: number, mediaMs: number): CaptionMessage[] {
    const waits = (caption: CaptionMessage): boolean =>
      caption.epoch > epoch || (caption.epoch === epoch && mediaMs < caption.endMs - EARLY_MS);
    const due = this.#waiting.filter((caption) => caption.epoch === epoch && !waits(caption));
    this.#waiting = this.#waiting.filter(waits);
    return due;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }
}
