import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { repeat, type Cancel, type Clock } from '../clock.ts';

/** The loop is looked at this often: 50 wake-ups a second, in native code. */
const LOOK_EVERY_MS = 20;
/** Each of two histograms is begun anew after this, by turns. */
const WINDOW_MS = 60_000;

/** How late the event loop was, ms. */
export interface LoopDelays {
  p50: number;
  p99: number;
  max: number;
}

/** What measures lateness from its last `reset` on; as `monitorEventLoopDelay` gives it, nanoseconds. */
export type DelayHistogram = Pick<
  IntervalHistogram,
  'count' | 'max' | 'percentile' | 'reset' | 'enable' | 'disable'
>;

const NATIVE = (): DelayHistogram => monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });

/**
 * How late the event loop was in the last minute: two histograms run half a minute apart, and the older one is asked,
 * so that the answer is always of the last 30 to 60 s, and an exact percentile of them.
 */
export class LoopDelayMeter {
  #older: DelayHistogram;
  #newer: DelayHistogram;
  readonly #stop: Cancel;

  /** Begins to measure. */
  constructor(clock: Clock, histogram: () => DelayHistogram = NATIVE) {
    this.#older = histogram();
    this.#newer = histogram();
    this.#older.enable();
    this.#newer.enable();
    this.#stop = repeat(clock, WINDOW_MS / 2, () => this.#turn());
  }

  /** Of the last minute, or of the time since the beginning; zeros before the first look. */
  get delays(): LoopDelays {
    const { count, max } = this.#older;
    if (count === 0) return { p50: 0, p99: 0, max: 0 };
    return {
      p50: lateMs(this.#older.percentile(50)),
      p99: lateMs(this.#older.percentile(99)),
      max: lateMs(max),
    };
  }

  /** Measures no more. */
  close(): void {
    this.#stop();
    this.#older.disable();
    this.#newer.disable();
  }

  #turn(): void {
    const begun = this.#older;
    this.#older = this.#newer;
    this.#newer = begun;
    begun.reset();
  }
}

/** Node records the time from look to look, of which only what goes beyond the pause was late. */
function lateMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - LOOK_EVERY_MS);
}
