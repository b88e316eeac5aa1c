import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answer } from './child.ts';

const RESOLUTION_MS = 5;

/** How late the event loop was, ms. */
export interface LoopDelays {
  p99Ms: number;
  maxMs: number;
}

/** What a watched relay does when asked. */
export interface WatchAsks {
  collectGarbage(given: void): Promise<void>;
  /** Delays since last asked. */
  delays(given: void): Promise<LoopDelays>;
  /** What its main thread holds, kB: objects, and buffers outside the heap. */
  heldKb(given: void): Promise<number>;
}

/**
 * Runs the relay's command line in this process, and answers. At the end the longest stall of the event loop since
 * SIGTERM, in ms, is written to a file.
 */
export async function runWatchedRelay(stallPath: string, cli: string, args: string[]): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const lateMs = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  setFlagsFromString('--expose_gc');
  const gc: unknown = runInNewContext('gc');
  answer<WatchAsks>({
    collectGarbage: async () => {
      if (typeof gc === 'function') gc();
    },
    heldKb: async () => {
      const { heapUsed, external } = process.memoryUsage();
      return Math.round((heapUsed + external) / 1024);
    },
    delays: async () => {
      const told = { p99Ms: lateMs(delays.percentile(99)), maxMs: lateMs(delays.max) };
      delays.reset();
      return told;
    },
  });
  process.channel?.unref(); // else the relay that has closed would wait for questions
  process.on('SIGTERM', () => delays.reset());
  process.once('exit', () => writeFileSync(stallPath, String(lateMs(delays.max))));
  process.argv.splice(1, Infinity, cli, ...args);
  await import(pathToFileURL(cli).href);
}
