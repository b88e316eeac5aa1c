/** First window of a reconnect, ms. */
const FIRST_MS = 500;
/** Longest window of a reconnect, ms. */
const LONGEST_MS = 15_000;
/** A connection that lasted this long was good: the next loss begins with a short wait again. */
const STABLE_MS = 10_000;
/** Whoever has just been lost is not waited for longer, ms: a process that died is back in a second or two. */
const SOON_MS = 1000;
const MOST_TRIES = 30;
const MOST_MS = 300_000;

/**
 * Milliseconds to wait before reconnect number `attempt` (from 1): anywhere in a window that doubles from 0.5 to 15 s, but
 * is no longer than half of the time that the connection has been lost for, or 1 s. `random` is in [0, 1). "Full jitter",
 * after M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function delayBefore(attempt: number, lostForMs: number, random: number): number {
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1), Math.max(SOON_MS, lostForMs / 2));
}

/** Counts the tries since the last good connection. Pure: the clock is a parameter. */
export class Retries {
  #tries = 0;
  #lostMs: number | undefined;

  /** Tries so far. */
  get tries(): number {
    return this.#tries;
  }

  /** How long there has been no good connection, ms. */
  lostForMs(nowMs: number): number {
    return nowMs - (this.#lostMs ?? nowMs);
  }

  /**
   * A connection is lost at `nowMs`; it had greeted `openForMs` ago (0: it never did). Returns the number of the next
   * try, from 1; undefined after 30 tries or 5 min without a connection that lasted 10 s.
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
