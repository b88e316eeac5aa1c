import { Listener, type Target } from './listener.ts';
import { percentile, type Meter } from './meter.ts';
import { monotonicUs, sleep } from './monotonic.ts';

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;

/** How a join of many went. */
export interface JoinReport {
  /** Those the server did not answer in time, or refused. */
  notSeated: number;
  joinSec: number;
  joinP50Ms: number;
  joinP99Ms: number;
}

/** How many came back after their server went, and how. */
export interface ReturnReport {
  back: number;
  /** Told by the server when to come back. */
  told: number;
  /** Connections tried in vain. */
  refused: number;
  /** When the last one was seated, on the machine's monotonic clock. */
  lastAtUs: number;
}

/** All listeners of the load process. */
export class Crowd {
  readonly listeners: Listener[] = [];
  readonly #meter: Meter;
  #returns: ReturnReport = { back: 0, told: 0, refused: 0, lastAtUs: 0 };

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /**
   * Joins `count` more, so many handshakes at a time; gives up after as many faults. Those who come late can be left
   * out of the figures.
   */
  async join(target: Target, count: number, atOnce: number, measured: boolean): Promise<JoinReport> {
    const startUs = monotonicUs();
    const tookMs: number[] = [];
    let faults = 0;
    const first = this.listeners.length;
    await inParallel(count, atOnce, async (n) => {
      if (faults >= atOnce) return;
      const listener = new Listener(target, this.#meter, first + n);
      listener.measured = measured;
      const fromUs = monotonicUs();
      const fault = await listener.open();
      if (fault !== undefined) return void faults++;
      tookMs.push((monotonicUs() - fromUs) / 1000);
      this.listeners.push(listener);
    });
    return {
      notSeated: count - tookMs.length,
      joinSec: (monotonicUs() - startUs) / 1e6,
      joinP50Ms: percentile(tookMs, 0.5),
      joinP99Ms: percentile(tookMs, 0.99),
    };
  }

  /** `count` listeners come, stay a moment and go, every second one without a word. Gives how many were not seated. */
  async churn(target: Target, count: number, atOnce: number): Promise<number> {
    let faults = 0;
    await inParallel(count, atOnce, async (n) => {
      const listener = new Listener(target, this.#meter, n);
      listener.measured = false;
      const gone = new Promise<void>((resolve) => {
        listener.onGone = resolve;
      });
      if ((await listener.open()) !== undefined) return void faults++;
      await sleep(50 + (n % 300));
      if (n % 2 === 0) listener.leave();
      else listener.vanish();
      await gone;
    });
    return faults;
  }

  /** From now on everybody whose connection ends comes back as a player does. */
  follow(): void {
    this.#returns = { back: 0, told: 0, refused: 0, lastAtUs: 0 };
    for (const listener of this.listeners) {
      listener.onGone = () => {
        if (listener.retryInMs !== undefined) this.#returns.told++;
        void this.#comeBack(listener, listener.retryInMs);
      };
    }
  }

  /** The connections of `count` of them break, of others each time. */
  drop(count: number): void {
    for (const listener of this.listeners.splice(0, count)) {
      this.listeners.push(listener);
      listener.vanish();
    }
  }

  /** Resolves when all are back, or after `withinMs`. */
  async returned(withinMs: number): Promise<ReturnReport> {
    const untilUs = monotonicUs() + withinMs * 1000;
    while (this.#returns.back < this.listeners.length && monotonicUs() < untilUs) await sleep(20);
    return this.#returns;
  }

  /** Stops `count` listeners from reading; their figures count no more. */
  freeze(count: number): void {
    for (const listener of this.listeners.slice(0, count)) {
      listener.measured = false;
      listener.holes = 0;
      listener.freeze();
    }
  }

  /** Lets the first `count` read on; after `waitMs` tells how many were cut off and how many were taken ahead. */
  async thaw(count: number, waitMs: number): Promise<{ cut: number; jumped: number }> {
    const frozen = this.listeners.slice(0, count);
    for (const listener of frozen) listener.thaw();
    await sleep(waitMs);
    return {
      cut: frozen.filter(({ seated }) => !seated).length,
      jumped: frozen.filter(({ seated, holes }) => seated && holes > 0).length,
    };
  }

  /** Waits as long as the server asked for, else a random part of a growing time; until seated again. */
  async #comeBack(listener: Listener, retryInMs: number | undefined): Promise<void> {
    let waitMs = retryInMs ?? Math.random() * FIRST_RETRY_MS;
    for (let attempt = 1; ; attempt++) {
      await sleep(waitMs);
      if ((await listener.open()) === undefined) break;
      this.#returns.refused++;
      waitMs = Math.random() * Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
    }
    this.#returns.back++;
    this.#returns.lastAtUs = listener.joinedAtUs;
  }
}

/** Runs the job `count` times, at most `atOnce` at a time. */
async function inParallel(count: number, atOnce: number, job: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}
