import type { FrameLevel } from './loudness.ts';

const LOUD_DB = -50;
const FRAME_SEC = 0.02;
/** Frames kept: 10 s of sound, more than is ever held back. */
const MOST_FRAMES = 500;

/** What sounds when: the loudness of every queued frame by its time on the audio clock. Pure; times in seconds. */
export class Timeline {
  #frames: { atSec: number; level: FrameLevel }[] = [];
  #loudAtSec = -Infinity;

  /** Adds a chunk's frames, whose first sounds at `startSec`; chunks come in playing order. */
  add(frames: readonly FrameLevel[], startSec: number): void {
    for (const level of frames) this.#frames.push({ atSec: startSec + level.atMs / 1000, level });
    this.#frames.splice(0, this.#frames.length - MOST_FRAMES);
  }

  /** Loudness of what sounds at `nowSec`, a time that does not fall; undefined while nothing does. */
  at(nowSec: number): FrameLevel | undefined {
    let next = this.#frames[1];
    while (next && next.atSec <= nowSec) {
      this.#note();
      this.#frames.shift();
      next = this.#frames[1];
    }
    const current = this.#frames[0];
    if (!current || current.atSec > nowSec) return undefined;
    this.#note();
    return nowSec < current.atSec + FRAME_SEC ? current.level : undefined;
  }

  /** For how long nothing above −50 dBFS has sounded at `nowSec`, seconds; counted from the first sound. */
  quietForSec(nowSec: number): number {
    this.at(nowSec);
    return this.#loudAtSec === -Infinity ? 0 : nowSec - this.#loudAtSec;
  }

  /** Counts quiet from `nowSec` on, where nothing has sounded yet. */
  begin(nowSec: number): void {
    if (this.#loudAtSec === -Infinity) this.#loudAtSec = nowSec;
  }

  /** Forgets what has not sounded yet. */
  clear(): void {
    this.#frames = [];
  }

  #note(): void {
    const [frame] = this.#frames;
    if (!frame) return;
    this.begin(frame.atSec);
    if (frame.level.rmsDb > LOUD_DB) this.#loudAtSec = frame.atSec;
  }
}
