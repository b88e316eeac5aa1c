/** A list that forgets its oldest entries: what the simulator remembers for tests must not grow for ever. */
export class BoundedList<Item> {
  readonly #limit: number;
  readonly #items: Item[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(item: Item): void {
    this.#items.push(item);
    if (this.#items.length > this.#limit) this.#items.shift();
  }

  /** Oldest first. A copy. */
  all(): Item[] {
    return [...this.#items];
  }
}
