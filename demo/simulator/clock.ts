/** Stops a timer that has not fired; harmless afterwards. */
export type Cancel = () => void;

/** Where time comes from. Tests hand in a clock they move themselves. */
export interface Clock {
  /** Unix milliseconds with a fraction, never going back. */
  nowMs(): number;
  /** Runs `run` once, `ms` milliseconds from now; what is overdue, in a moment. */
  after(ms: number, run: () => void): Cancel;
}

/** The machine's clock: monotonic, and comparable between processes to a fraction of a millisecond. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after: (ms, run) => {
    // Node 24 warns of negative ones.
    const timer = setTimeout(run, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};

/** A clock that knows its own timers, so that one call ends them all. */
export class ClockScope implements Clock {
  readonly #clock: Clock;
  readonly #pending = new Set<Cancel>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** After {@link close} nothing is started any more: a late answer from the network must not revive the clock. */
  after(ms: number, run: () => void): Cancel {
    if (this.#closed) return () => {};
    const stop = this.#clock.after(ms, () => {
      this.#pending.delete(cancel);
      run();
    });
    const cancel: Cancel = () => {
      if (this.#pending.delete(cancel)) stop();
    };
    this.#pending.add(cancel);
    return cancel;
  }

  /** Resolves after `ms`, or at once when `signal` aborts; the caller asks the signal which of the two it was. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = (): void => {
        cancel();
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.after(ms, finish);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }

  /** Cancels every timer. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#pending) cancel();
  }
}
