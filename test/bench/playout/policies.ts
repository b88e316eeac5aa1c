import { Planner, PRESETS } from '../../../component/playout/planner.ts';
import type { Arrival } from './traces.ts';
import type { Pause } from './speech.ts';

/** When a chunk sounds: from when to when, and how much of its start is left out. Undefined: not at all. */
export type Played = { startMs: number; endMs: number; skippedMs: number } | undefined;

/** A way to decide when chunks sound. `pauses` are those inside the chunk, on the media clock. */
export type Policy = (arrival: Arrival, pauses: readonly Pause[]) => Played;

/** Every scheme of the table, made anew for each trace. */
export const POLICIES: Readonly<Record<string, () => Policy>> = {
  seed: countFromStart,
  fixed200: () => fixed(200),
  fixed400: () => fixed(400),
  next50: nextFree,
  neteq: quantile,
  low: () => peakHold(PRESETS.low),
  ours: () => peakHold(PRESETS.balanced),
  smooth: () => peakHold(PRESETS.smooth),
};

/** The demo of 2016: chunk n at T0 + n × its length, come what may; a late chunk sounds over the next. */
function countFromStart(): Policy {
  let startMs: number | undefined;
  let count = 0;
  return ({ t, durMs }) => {
    startMs ??= t + 200;
    const atMs = Math.max(startMs + count * durMs, t);
    count += 1;
    return { startMs: atMs, endMs: atMs + durMs, skippedMs: 0 };
  };
}

/** A fixed schedule; what is late is left out. */
function fixed(delayMs: number): Policy {
  let startMs: number | undefined;
  let count = 0;
  return ({ t, durMs }) => {
    startMs ??= t + delayMs;
    const atMs = startMs + count * durMs;
    count += 1;
    const skippedMs = Math.max(0, t - atMs);
    return skippedMs >= durMs ? undefined : { startMs: atMs + skippedMs, endMs: atMs + durMs, skippedMs };
  };
}

/** The widespread queue: right after the chunk before, or 50 ms from now. */
function nextFree(): Policy {
  let nextMs = 0;
  return ({ t, durMs }) => {
    const startMs = Math.max(t + 50, nextMs);
    nextMs = startMs + durMs;
    return { startMs, endMs: nextMs, skippedMs: 0 };
  };
}

const BUCKET_MS = 20;
const BUCKETS = 100;
const FORGET = 0.983;
const QUANTILE = 0.95;
const OBSERVE_EVERY_MS = 500;

/**
 * After WebRTC NetEQ's delay manager: the 0.95 quantile of a forgetting histogram of relative delays, one maximum
 * every 500 ms; too late is made up in pauses and by 1 % of rate, too early likewise.
 */
function quantile(): Policy {
  const histogram = new Float64Array(BUCKETS);
  let leastMs = Infinity;
  let worstMs = 0;
  let observedMs = 0;
  let nextMs = -Infinity;
  let targetMs = 80;
  return ({ t, mediaMs, durMs }, pauses) => {
    const delayMs = t - mediaMs - durMs;
    leastMs = Math.min(leastMs, delayMs);
    worstMs = Math.max(worstMs, delayMs - leastMs);
    if (t - observedMs >= OBSERVE_EVERY_MS) {
      const bucket = Math.min(BUCKETS - 1, Math.floor(worstMs / BUCKET_MS));
      for (let n = 0; n < BUCKETS; n++)
        histogram[n] = (histogram[n] ?? 0) * FORGET + (n === bucket ? 1 - FORGET : 0);
      targetMs = (quantileOf(histogram) + 1) * BUCKET_MS;
      observedMs = t;
      worstMs = 0;
    }
    const idealMs = mediaMs + leastMs + durMs + targetMs;
    const startMs = Math.max(nextMs === -Infinity ? idealMs : nextMs, t);
    const errorMs = startMs - idealMs;
    const pauseMs = pauses.reduce((sum, { startMs: from, endMs }) => sum + endMs - from, 0);
    const wonMs = Math.abs(errorMs) > 20 ? Math.max(-2 * pauseMs, Math.min(0.6 * pauseMs, errorMs)) : 0;
    const leftMs = errorMs - wonMs;
    const rate = Math.abs(leftMs) > 20 ? 1 + 0.01 * Math.sign(leftMs) : 1;
    nextMs = startMs + (durMs - wonMs) / rate;
    return { startMs, endMs: nextMs, skippedMs: 0 };
  };
}

function quantileOf(histogram: Float64Array): number {
  const total = histogram.reduce((sum, share) => sum + share, 0);
  let sum = 0;
  return histogram.findIndex((share) => (sum += share) >= QUANTILE * total);
}

const CLOCK_EVERY_MS = 4000;

/** Ours: the planner that the element plays by, with the relay's clock messages. */
function peakHold(preset: (typeof PRESETS)[keyof typeof PRESETS]): Policy {
  const planner = new Planner(preset);
  let clockMs = -Infinity;
  return ({ t, mediaMs, durMs }, pauses) => {
    if (clockMs === -Infinity) planner.join(t);
    if (t - clockMs >= CLOCK_EVERY_MS) {
      planner.sync(mediaMs + durMs, t);
      clockMs = t;
    }
    const quiet = pauses.map(({ startMs, endMs }) => ({
      startMs: startMs - mediaMs,
      endMs: endMs - mediaMs,
    }));
    const plan = planner.plan({ tsMs: mediaMs, durMs, quiet }, t);
    return plan.kind === 'play' ? { startMs: plan.startMs, endMs: plan.endMs, skippedMs: 0 } : undefined;
  };
}
