/** Counts events of the last second. */
export class RateLimit {
  readonly #perSecond: number;
  #recentMs: number[] = [];

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes one event at `nowMs`; false, and not counted, when the second is full. */
  allows(nowMs: number): boolean {
    this.#recentMs = this.#recentMs.filter((atMs) => atMs > nowMs - 1000);
    if (this.#recentMs.length >= this.#perSecond) return false;
    this.#recentMs.push(nowMs);
    return true;
  }
}
