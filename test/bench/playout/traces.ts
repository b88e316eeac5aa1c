import { seeded } from '../../support/random.ts';

/** A chunk as it comes to the player. All in milliseconds. */
export interface Arrival {
  /** On the listener's clock. */
  t: number;
  /** First sample, on the source's media clock. */
  mediaMs: number;
  durMs: number;
}

/** Arrivals and what is known of their making. */
export interface Trace {
  name: string;
  arrivals: Arrival[];
  /** Least time from a chunk's last sample to its arrival, at media time 0. */
  leastMs: number;
  /** The listener's clock gains this much on the source's, parts per million. */
  ppm: number;
}

/** What a network, a page and a source do, and how often: one every `everyMs` on average. */
interface Conditions {
  jitterMs: number;
  ppm?: number;
  /** The network holds everything back, then delivers it at once (TCP). */
  stalls?: { everyMs: number; lengthMs: (draw: () => number) => number };
  /** The page is busy and takes no message. */
  tasks?: { everyMs: number; lengthMs: (draw: () => number) => number };
  /** The source itself stops. */
  gaps?: { everyMs: number; lengthMs: (draw: () => number) => number };
}

const between = (low: number, high: number) => (draw: () => number) => low + draw() * (high - low);
const logBetween = (low: number, high: number) => (draw: () => number) => low * (high / low) ** draw();

const WIFI = { everyMs: 8000, lengthMs: between(300, 800) };
const BUSY = { everyMs: 3000, lengthMs: between(100, 300) };

/** Conditions as people meet them: LAN, bad Wi-Fi, TCP stalls, a busy page, drift, source gaps, sleep, a mix. */
export const CONDITIONS: Readonly<Record<string, Conditions>> = {
  lan: { jitterMs: 3 },
  wifi: { jitterMs: 3, stalls: WIFI },
  tcp: { jitterMs: 3, stalls: { everyMs: 60_000, lengthMs: logBetween(200, 2000) } },
  longtask: { jitterMs: 3, tasks: BUSY },
  'drift+100': { jitterMs: 3, ppm: 100 },
  'drift-100': { jitterMs: 3, ppm: -100 },
  srcgap: { jitterMs: 3, gaps: { everyMs: 300_000, lengthMs: between(500, 5000) } },
  sleep: { jitterMs: 3, stalls: { everyMs: 600_000, lengthMs: between(15_000, 30_000) } },
  mix: { jitterMs: 3, ppm: 60, stalls: { ...WIFI, everyMs: 15_000 }, tasks: BUSY },
};

const NETWORK_MS = 20;

/** An hour, or `lengthMs`, under the named conditions, cut into chunks of `durMs`. */
export function makeTrace(name: string, seed: number, durMs: number, lengthMs: number): Trace {
  const conditions = CONDITIONS[name];
  if (!conditions)
    throw new Error(`no conditions "${name}"; there are ${Object.keys(CONDITIONS).join(', ')}`);
  const { jitterMs, ppm = 0, stalls, tasks, gaps } = conditions;
  const draw = seeded(seed);
  const stallAt = holds(stalls, draw, lengthMs);
  const busyAt = holds(tasks, draw, lengthMs);
  const gapAt = holds(gaps, draw, lengthMs);
  const arrivals: Arrival[] = [];
  let deliveredMs = 0;
  let mediaMs = 0;
  while (mediaMs + durMs <= lengthMs) {
    const resumesMs = gapAt(mediaMs);
    if (resumesMs > mediaMs) mediaMs = Math.ceil(resumesMs / durMs) * durMs;
    const madeMs = (mediaMs + durMs) * (1 + ppm / 1e6);
    const jitteredMs = madeMs + NETWORK_MS - jitterMs * Math.log(1 - draw());
    deliveredMs = Math.max(deliveredMs, stallAt(jitteredMs));
    arrivals.push({ t: busyAt(deliveredMs), mediaMs, durMs });
    mediaMs += durMs;
  }
  return { name, arrivals, leastMs: NETWORK_MS, ppm };
}

/** Spans drawn along the hour; the result maps a time inside one to its end, any other to itself. */
function holds(spans: Conditions['stalls'], draw: () => number, lengthMs: number): (atMs: number) => number {
  const drawn: { startMs: number; endMs: number }[] = [];
  for (let atMs = 0; spans && atMs < lengthMs;) {
    const startMs = atMs - spans.everyMs * Math.log(1 - draw());
    atMs = startMs + spans.lengthMs(draw);
    drawn.push({ startMs, endMs: atMs });
  }
  let next = 0;
  return (atMs) => {
    while ((drawn[next]?.endMs ?? Infinity) <= atMs) next++;
    const span = drawn[next];
    return span && span.startMs <= atMs ? span.endMs : atMs;
  };
}
