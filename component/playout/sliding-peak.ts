const BUCKETS = 64;

/**
 * Largest value of the last `windowMs` milliseconds. Holds at most 65 entries whatever the rate of values: those of
 * one 64th of the window count as one, so a value may be held that much longer. For a smallest value push negatives.
 */
export class SlidingPeak {
  readonly #windowMs: number;
  /** Growing times, strictly falling values: the head is the peak (the "monotonic queue"). */
  #entries: { atMs: number; value: number }[] = [];

  /** The window's length, ms, above 0. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes a value of the time `atMs`; times must not fall. Returns the peak with it. */
  push(value: number, atMs: number): number {
    const bucketMs = this.#windowMs / BUCKETS;
    const entries = this.#entries;
    let last = entries.at(-1);
    while (last && last.value <= value) {
      entries.pop();
      last = entries.at(-1);
    }
    if (last && Math.floor(last.atMs / bucketMs) === Math.floor(atMs / bucketMs)) last.atMs = atMs;
    else entries.push({ atMs, value });
    return this.at(atMs) ?? value;
  }

  /** The peak of the window that ends at `atMs`; undefined when nothing lies in it. */
  at(atMs: number): number | undefined {
    const entries = this.#entries;
    while (entries[0] && entries[0].atMs < atMs - this.#windowMs) entries.shift();
    return entries[0]?.value;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries = [];
  }
}
