/** Stops what {@link Clock.after} started; calling it late or twice does nothing. */
export type Cancel = () => void;

/** Where every part of the relay gets its time from, so that tests can move it. */
export interface Clock {
  /** Monotonic milliseconds since some start; never jumps with the wall clock. */
  nowMs(): number;
  /** Unix milliseconds: only for epochs, ticket expiry and log lines. */
  wallMs(): number;
  /** Runs `run` once, `delayMs` from now; what is overdue, in a moment. Does not keep the process alive. */
  after(delayMs: number, run: () => void): Cancel;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, run) {
    // Node 24 warns of negative ones.
    const timer = setTimeout(run, Math.max(0, delayMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves when `done` does, but after `ms` at the latest; rejects when it does. */
export function within(clock: Clock, ms: number, done: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve);
    done.then(() => resolve(), reject).finally(cancel);
  });
}

/** Runs `run` every `everyMs` until cancelled. */
export function repeat(clock: Clock, everyMs: number, run: () => void): Cancel {
  let cancel = clock.after(everyMs, tick);
  function tick(): void {
    cancel = clock.after(everyMs, tick);
    run();
  }
  return () => cancel();
}

/** Does something to each of many, `sliceMs` at a stretch and as long a rest in between, for the others' sake. */
export async function inSlices<One>(
  clock: Clock,
  sliceMs: number,
  all: readonly One[],
  act: (one: One) => void,
): Promise<void> {
  let pauseAtMs = clock.nowMs() + sliceMs;
  for (const one of all) {
    act(one);
    if (clock.nowMs() < pauseAtMs) continue;
    await new Promise<void>((resolve) => clock.after(sliceMs, resolve));
    pauseAtMs = clock.nowMs() + sliceMs;
  }
}
