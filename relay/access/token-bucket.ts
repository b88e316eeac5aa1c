import type { Clock } from '../clock.ts';

/** Lets `perSec` things a second pass on average, and as many at once after a second of rest. Pure: takes its time from the clock. */
export class TokenBucket {
  readonly #perSec: number;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  constructor(perSec: number, clock: Clock) {
    this.#perSec = perSec;
    this.#clock = clock;
    this.#tokens = perSec;
    this.#atMs = clock.nowMs();
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    const nowMs = this.#clock.nowMs();
    const grown = ((nowMs - this.#atMs) * this.#perSec) / 1000;
    this.#tokens = Math.min(this.#perSec, this.#tokens + grown);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
