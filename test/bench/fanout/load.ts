import { answer } from './child.ts';
import { Crowd, type JoinReport, type ReturnReport } from './crowd.ts';
import { traffic, type Target } from './listener.ts';
import { Meter, type WindowReport } from './meter.ts';

/** A pass over the sockets that found fewer than this is followed by a nap. */
const BUSY_READS = 32;
const NAP_MS = 0.5;

/** What the load process does when asked. */
export interface LoadAsks {
  join(given: { target: Target; count: number; atOnce: number; measured: boolean }): Promise<JoinReport>;
  /** Measures chunks whose last frame is sent from `fromUs` until `toUs`. */
  watch(given: { fromUs: number; toUs: number }): Promise<void>;
  report(given: void): Promise<WindowReport>;
  freeze(given: { count: number }): Promise<void>;
  thaw(given: { count: number; waitMs: number }): Promise<{ cut: number; jumped: number }>;
  churn(given: { target: Target; count: number; atOnce: number }): Promise<number>;
  follow(given: void): Promise<void>;
  /** Connections of `count` listeners break. */
  drop(given: { count: number }): Promise<void>;
  returned(given: { withinMs: number }): Promise<ReturnReport>;
}

/** Runs the load process: listeners, and what they heard. */
export function runLoad(): void {
  const meter = new Meter();
  const crowd = new Crowd(meter);
  answer<LoadAsks>({
    join: ({ target, count, atOnce, measured }) => crowd.join(target, count, atOnce, measured),
    watch: async ({ fromUs, toUs }) => meter.open(fromUs, toUs),
    report: async () => meter.report(crowd.listeners),
    freeze: async ({ count }) => crowd.freeze(count),
    thaw: ({ count, waitMs }) => crowd.thaw(count, waitMs),
    churn: ({ target, count, atOnce }) => crowd.churn(target, count, atOnce),
    follow: async () => crowd.follow(),
    drop: async ({ count }) => crowd.drop(count),
    returned: ({ withinMs }) => crowd.returned(withinMs),
  });
  napWhenIdle();
}

/**
 * Sleeps beside the sockets rather than on them: a reader that sleeps in the kernel's poll must be woken by the
 * server, which then pays for something that no server behind a network card pays for.
 */
function napWhenIdle(): void {
  const pillow = new Int32Array(new SharedArrayBuffer(4));
  let before = 0;
  const pass = () => {
    if (traffic.reads - before < BUSY_READS) Atomics.wait(pillow, 0, 0, NAP_MS);
    before = traffic.reads;
    setImmediate(pass);
  };
  setImmediate(pass);
}
