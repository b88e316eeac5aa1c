import type { Cancel, Clock } from '../../demo/simulator/clock.ts';

/** A clock that stands still until a test moves it. */
export class SteppedClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<{ dueMs: number; run: () => void }>();
  readonly #lateness: () => number;

  /** `lateness` adds milliseconds to each timer, as a busy machine does. */
  constructor(startMs = 1_700_000_000_000, lateness: () => number = () => 0) {
    this.#nowMs = startMs;
    this.#lateness = lateness;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + Math.max(0, ms) + this.#lateness(), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that are set and have not run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`, running what falls due, in order. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.dueMs <= endMs);
      const next = due.toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = endMs;
  }
}
