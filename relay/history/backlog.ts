/** What waits to be written, oldest first, `most` of them at most: beyond that the oldest go, and are counted. */
export class Backlog<Entry> {
  readonly #most: number;
  #entries: Entry[] = [];
  #dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** How many have gone unwritten since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#dropOldest();
  }

  /** The oldest, `most` at most; they wait no longer. */
  take(most: number): Entry[] {
    return this.#entries.splice(0, most);
  }

  /** Puts back what was taken last. */
  giveBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries];
    this.#dropOldest();
  }

  #dropOldest(): void {
    const over = this.#entries.length - this.#most;
    if (over <= 0) return;
    if (over === 1) this.#entries.shift();
    else this.#entries.splice(0, over);
    this.#dropped += over;
  }
}
