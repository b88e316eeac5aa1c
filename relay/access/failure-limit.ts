import type { Clock } from '../clock.ts';

const WINDOW_MS = 60_000;
/** More addresses than that fail in one minute only in an attack: the oldest are let go. */
const MOST_KEYS = 20_000;

/** Counts failures by whoever failed, so that nobody can go on guessing. A minute begins with somebody's first failure. */
export class FailureLimit {
  readonly #perMinute: number;
  readonly #clock: Clock;
  /** In the order of their minutes' ends. */
  readonly #windows = new Map<string, { failures: number; endsMs: number }>();

  /** So many failures are forgiven in a minute. */
  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Somebody has failed; undefined is nobody who could be told from others, and is not counted. */
  failed(key: string | undefined): void {
    if (key === undefined) return;
    this.#forget();
    const window = this.#windows.get(key);
    if (window) window.failures++;
    else this.#windows.set(key, { failures: 1, endsMs: this.#clock.nowMs() + WINDOW_MS });
  }

  /** Whether somebody has failed as often as is forgiven, and the minute is not over. */
  isOver(key: string | undefined): boolean {
    if (key === undefined) return false;
    const window = this.#windows.get(key);
    return window !== undefined && window.failures >= this.#perMinute && this.#clock.nowMs() < window.endsMs;
  }

  /** Lets go of minutes that are over, and of the oldest where there are too many. */
  #forget(): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, { endsMs }] of this.#windows) {
      if (nowMs < endsMs && this.#windows.size < MOST_KEYS) return;
      this.#windows.delete(key);
    }
  }
}
