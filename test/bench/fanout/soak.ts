import { handles } from './machine.ts';
import { monotonicUs, sleepUntil } from './monotonic.ts';
import type { RelayProcess } from './relay-process.ts';
import type { Stage } from './stage.ts';

const MINUTE_MS = 60_000;
/** So long the feed breaks more often: until code is compiled, and buffers and caches have found their size. */
const WARM_UP_SHARE = 1 / 6;
const WARM_UP_DROP_EVERY_MS = 4000;
/** Of the listeners, at each drop. */
const DROPPED_SHARE = 0.05;
const GONE_WITHIN_MS = 30_000;

/** A size at a time. */
interface Sized {
  atMin: number;
  kb: number;
}

/** What is asked of a soak. */
export interface SoakWishes {
  relay: RelayProcess;
  stage: Stage;
  listeners: number;
  seconds: number;
}

/**
 * Everybody listens for a long time; once a minute, and more often to warm up, the feed breaks and a part of the listeners
 * lose their connections, and come back. Memory must not grow, the event loop not be late, and nobody be counted who has gone.
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
  const rss: Sized[] = [];
  const held: Sized[] = [];
  const p99Ms: number[] = [];
  let loopMaxMs = 0;
  let handlesWarm = 0;
  await relay.loopDelays();
  for (let minute = 1; minute <= minutes; minute++) {
    const isWarmUp = minute <= minutes * WARM_UP_SHARE;
    const drops = isWarmUp ? MINUTE_MS / WARM_UP_DROP_EVERY_MS - 1 : 1;
    for (let drop = 1; drop <= drops; drop++) {
      await sleepUntil(startUs + (minute - 1 + drop / (drops + 1)) * MINUTE_MS * 1000);
      await stage.publisher.ask('drop', undefined);
      await stage.load.ask('drop', { count: dropped });
    }
    await sleepUntil(startUs + minute * MINUTE_MS * 1000);
    const loop = await relay.loopDelays();
    p99Ms.push(loop.p99Ms);
    loopMaxMs = Math.max(loopMaxMs, loop.maxMs);
    await relay.collectGarbage();
    await relay.loopDelays(); // those of the collection
    rss.push({ atMin: minute, kb: stage.rssKb });
    held.push({ atMin: minute, kb: await relay.heldKb() });
    const seated = await relay.listeners();
    console.error(
      `minute ${minute}: ${seated} listen, ${stage.rssKb} kB, ${held.at(-1)?.kb} kB held, event loop p99 ${loop.p99Ms.toFixed(1)} ms, max ${loop.maxMs.toFixed(1)} ms`,
    );
    if (minute === Math.ceil(minutes * WARM_UP_SHARE)) handlesWarm = handles(stage.serverPid);
  }
  const listening = await relay.listeners();
  const handlesAfter = handles(stage.serverPid);
  const { back } = await stage.load.ask('returned', { withinMs: 0 });
  const { connects } = await stage.publisher.ask('report', undefined);
  await stage.load.end();
  const leftAfterSec = await relay.emptied(GONE_WITHIN_MS);
  const isWarm = ({ atMin }: Sized): boolean => atMin > minutes * WARM_UP_SHARE;
  const warm = rss.filter(isWarm);
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
    heldSlopeKbPerHour: slopePerMin(held.filter(isWarm)) * 60,
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
function slopePerMin(points: readonly Sized[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const atMin = mean(points.map((point) => point.atMin));
  const kb = mean(points.map((point) => point.kb));
  const above = points.reduce((sum, point) => sum + (point.atMin - atMin) * (point.kb - kb), 0);
  const below = points.reduce((sum, point) => sum + (point.atMin - atMin) ** 2, 0);
  return above / below;
}
