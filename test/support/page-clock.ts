const realTimeout = globalThis.setTimeout;

interface Timer {
  dueMs: number;
  run: () => void;
}

/** The page's clocks and timeouts in a test's hand: they stand still until it moves them. Intervals go on as they are. */
export class PageClock {
  /** How far the browser's wall clock is ahead of the true time. */
  aheadMs = 0;
  #nowMs = 1000;
  readonly #startMs = 1_800_000_000_000;
  readonly #timers = new Map<number, Timer>();
  #last = 0;
  readonly #real = { setTimeout, clearTimeout, now: Date.now };

  /** Takes the place of the page's own until {@link remove}. */
  constructor() {
    Reflect.set(globalThis, 'setTimeout', (run: () => void, ms = 0) => {
      // As browsers do.
      const delayMs = ms > 2 ** 31 - 1 || !(ms > 0) ? 0 : ms;
      this.#timers.set(++this.#last, { dueMs: this.#nowMs + delayMs, run });
      return this.#last;
    });
    Reflect.set(globalThis, 'clearTimeout', (id: number) => void this.#timers.delete(id));
    Reflect.set(performance, 'now', () => this.#nowMs);
    Date.now = () => this.trueMs + this.aheadMs;
  }

  /** Unix time, right whatever the browser's clock says. */
  get trueMs(): number {
    return this.#startMs + this.#nowMs;
  }

  /** Since the beginning. */
  get passedMs(): number {
    return this.#nowMs - 1000;
  }

  /** Timeouts that are set and have not run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`, running what falls due in order, with a moment for promises after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    for (;;) {
      const [next] = [...this.#timers].toSorted(([, a], [, b]) => a.dueMs - b.dueMs);
      if (!next || next[1].dueMs > endMs) break;
      this.#timers.delete(next[0]);
      this.#nowMs = Math.max(this.#nowMs, next[1].dueMs);
      next[1].run();
      await this.settle();
    }
    this.#nowMs = endMs;
  }

  /** Lets promises that can go on, answers being read among them. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => realTimeout(resolve, 0));
  }

  /** Gives the page its own back. */
  remove(): void {
    globalThis.setTimeout = this.#real.setTimeout;
    globalThis.clearTimeout = this.#real.clearTimeout;
    Reflect.deleteProperty(performance, 'now');
    Date.now = this.#real.now;
  }
}
