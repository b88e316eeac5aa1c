/**
 * The smallest value of the last `windowMs`, as a monotonic queue: O(1) a value, and never more entries than
 * distinct rising minima. Entries age by the time of the newest value, so a long pause forgets nothing.
 */
export class SlidingMin {
  readonly #windowMs: number;
  #entries: { value: number; atMs: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Adds a value seen at `atMs`; times never go back. */
  push(value: number, atMs: number): void {
    while ((this.#entries.at(-1)?.value ?? Number.NEGATIVE_INFINITY) >= value) this.#entries.pop();
    this.#entries.push({ value, atMs });
    while ((this.#entries[0]?.atMs ?? atMs) < atMs - this.#windowMs) this.#entries.shift();
  }

  /** The minimum, or `undefined` before the first value. */
  get value(): number | undefined {
    return this.#entries[0]?.value;
  }
}
