import { handles } from './machine.ts';
import { monotonicUs, sleepUntil } from './monotonic.ts';
import type { RelayProcess } from './relay-process.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;
/** So long code is compiled, and buffers and caches find their size. */
const WARM_UP_SHARE = 1 / 6;
/** Of the listeners, at each drop. */
const DROPPED_SHARE = 0.05;
const GONE_WITHIN_MS = 30_000;

/** What is asked of a soak. */
export interface SoakWishes {
  relay: RelayProcess;
  stage: Stage;
  listeners: number;
  seconds: number;
}

/**
 * Everybody listens for a long time; once a minute the feed breaks and a part of the listeners lose their connections,
 * and come back. Memory must not grow, the event loop not be late, and nobody be counted who has gone.
 */
export async function soak({
  relay,
  stage,
  listeners,
  seconds,
}: SoakWishes): Promise<Record<string, number>> {
  const { notSeated } = await stage.join(listeners, true);
  if (notSeated > 0) throw new Error(`${notSeated} of ${listeners} were not seated: try fewer --listeners`);
  await stage.load.ask('follow', undefined);
  const minutes = Math.max(2, Math.round((seconds * 1000) / MINUTE_MS));
  const dropped = Math.ceil(listeners * DROPPED_SHARE);
  const startUs = monotonicUs();
  const rss: { atMin: number; kb: number }[] = [];
  const p99Ms: number[] = [];
  let loopMaxMs = 0;
  let handlesWarm = 0;
  await relay.loopDelays();
  for (let minute = 1; minute <= minutes; minute++) {
    await sleepUntil(startUs + (minute * MINUTE_MS - MINUTE_MS / 2) * 1000);
    await stage.publisher.ask('drop', undefined);
    await stage.load.ask('drop', { count: dropped });
    await sleepUntil(startUs + minute * MINUTE_MS * 1000);
    const loop = await relay.loopDelays();
    p99Ms.push(loop.p99Ms);
    loopMaxMs = Math.max(loopMaxMs, loop.maxMs);
    await relay.collectGarbage();
    await relay.loopDelays(); // those of the collection
    rss.push({ atMin: minute, kb: stage.rssKb });
    const seated = await relay.listeners();
    console.error(
      `minute ${minute}: ${seated} listen, ${stage.rssKb} kB, event loop p99 ${loop.p99Ms.toFixed(1)} ms, max ${loop.maxMs.toFixed(1)} ms`,
    );
    if (minute === Math.ceil(minutes * WARM_UP_SHARE)) handlesWarm = handles(stage.serverPid);
  }
  const listening = await relay.listeners();
  const handlesAfter = handles(stage.serverPid);
  const { back } = await stage.load.ask('returned', { withinMs: 0 });
  const { connects } = await stage.publisher.ask('report', undefined);
  await stage.load.end();
  const leftAfterSec = await relay.emptied(GONE_WITHIN_MS);
  const warm = rss.filter(({ atMin }) => atMin > minutes * WARM_UP_SHARE);
  const exitCode = await relay.stopped();
  return {
    listeners,
    minutes,
    listening,
    listenersDropped: back,
    feedsDropped: connects - 1,
    rssFirstWarmKb: warm[0]?.kb ?? Number.NaN,
    rssLastKb: rss.at(-1)?.kb ?? Number.NaN,
    rssSlopeKbPerHour: slopePerMin(warm) * 60,
    loopP99WorstMinuteMs: Math.max(...p99Ms),
    loopP99MedianMs: p99Ms.toSorted((a, b) => a - b)[Math.floor(p99Ms.length / 2)] ?? Number.NaN,
    loopMaxMs,
    handlesWarm,
    handlesAfter,
    allGoneAfterSec: leftAfterSec,
    exitCode,
  };
}

/** The slope of the line that fits best, kB a minute. */
function slopePerMin(points: readonly { atMin: number; kb: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const atMin = mean(points.map((point) => point.atMin));
  const kb = mean(points.map((point) => point.kb));
  const above = points.reduce((sum, point) => sum + (point.atMin - atMin) * (point.kb - kb), 0);
  const below = points.reduce((sum, point) => sum + (point.atMin - atMin) ** 2, 0);
  return above / below;
}
