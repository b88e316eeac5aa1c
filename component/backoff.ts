/** First window of a reconnect, ms. */
const FIRST_MS = 500;
/** Longest window of a reconnect, ms. */
const LONGEST_MS = 15_000;
/** A connection that lasted this long was good: the next loss begins with a short wait again. */
const STABLE_MS = 10_000;
const MOST_TRIES = 12;
const MOST_MS = 300_000;

/**
 * Milliseconds to wait before reconnect number `attempt` (from 1): anywhere in a window that doubles from 0.5 to 15 s.
 * `random` is in [0, 1). "Full jitter", after M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function delayBefore(attempt: number, random: number): number {
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
}

/** Counts the tries since the last good connection. Pure: the clock is a parameter. */
export class Retries {
  #tries = 0;
  #lostMs: number | undefined;

  /** Tries so far. */
  get tries(): number {
    return this.#tries;
  }

  /**
   * A connection is lost at `nowMs`; it had greeted `openForMs` ago (0: it never did). Returns the number of the next
   * try, from 1; undefined after 12 tries or 5 min without a connection that lasted 10 s.
   */
  next(nowMs: number, openForMs: number): number | undefined {
    if (openForMs > STABLE_MS) {
      this.#tries = 0;
      this.#lostMs = undefined;
    }
    this.#lostMs ??= nowMs;
    if (this.#tries >= MOST_TRIES || nowMs - this.#lostMs > MOST_MS) return undefined;
    return ++this.#tries;
  }
}
