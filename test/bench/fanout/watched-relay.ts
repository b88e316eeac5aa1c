import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const RESOLUTION_MS = 5;

/**
 * Runs the relay's command line in this process. SIGUSR2 collects garbage; at the end the longest stall of the event
 * loop since SIGTERM, in ms, is written to a file.
 */
export async function runWatchedRelay(stallPath: string, cli: string, args: string[]): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
  });
  process.on('SIGTERM', () => delays.reset());
  process.once('exit', () => writeFileSync(stallPath, String(Math.max(0, delays.max / 1e6 - RESOLUTION_MS))));
  process.argv.splice(1, Infinity, cli, ...args);
  await import(pathToFileURL(cli).href);
}
