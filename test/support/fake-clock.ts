import type { Cancel, Clock } from '../../relay/clock.ts';

/** A relay clock that stands still until a test moves it. Wall and monotonic time move together. */
export class FakeClock implements Clock {
  #nowMs = 1000;
  #wallMs = 1_795_224_993_000;
  readonly #timers = new Set<{ dueMs: number; run: () => void }>();
  /** Timers that have run since the start. */
  ran = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), run };
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
    const mostRuns = this.ran + 1000 + 10 * ms;
    for (;;) {
      if (this.ran > mostRuns) throw new Error(`a timer spins: ${this.ran} runs by ${this.#nowMs} ms`);
      const next = [...this.#timers].toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (!next || next.dueMs > endMs) break;
      this.#timers.delete(next);
      this.#moveTo(next.dueMs);
      this.ran++;
      next.run();
    }
    this.#moveTo(endMs);
  }

  /** The wall clock alone jumps, as when an operator sets it. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #moveTo(nowMs: number): void {
    this.#wallMs = Math.round(this.#wallMs + nowMs - this.#nowMs);
    this.#nowMs = nowMs;
  }
}

/** Lets promises that are settled run on, some turns deep. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
