const MOST = 10;
const WINDOW_MS = 1000;

/** How fast a listener sends. Pure: times are given. */
export class MessageRate {
  /** When the last few came, oldest first. */
  readonly #atMs: number[] = [];

  /** Counts a message; true when more than 10 came within a second that ends with it. */
  isTooHighAt(nowMs: number): boolean {
    this.#atMs.push(nowMs);
    if (this.#atMs.length <= MOST) return false;
    return nowMs - (this.#atMs.shift() ?? nowMs) < WINDOW_MS;
  }
}
