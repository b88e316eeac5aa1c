import type { ChunkMark } from './workload.ts';
import { CHUNK_MS } from './workload.ts';

const BUCKET_US = 100;
const BUCKETS = 300_000;

/** What one listener has heard, as far as the next chunk is judged by it. */
export interface Heard {
  /** Whether its figures count. */
  measured: boolean;
  joinedAtUs: number;
  epoch: number;
  sequence: number;
  endSample: number;
  lastStampUs: number;
  /** Chunks left out before the newest, since it joined. */
  holes: number;
}

/** Figures of one window. */
export interface WindowReport {
  expected: number;
  received: number;
  missed: number;
  /** Sequence numbers without a hole, yet samples were left out or came twice. */
  brokenSamples: number;
  /** Chunks that end in sound the publisher did not send, or are older than a quarter of an hour. */
  unstamped: number;
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
}

/** Latencies and holes of all chunks whose last frame was sent within a window. */
export class Meter {
  readonly #counts = new Uint32Array(BUCKETS);
  #fromUs = Infinity;
  #toUs = Infinity;
  #received = 0;
  #missed = 0;
  #brokenSamples = 0;
  #unstamped = 0;
  #maxUs = 0;

  /** Begins anew, for chunks sent from `fromUs` until `toUs`. */
  open(fromUs: number, toUs: number): void {
    this.#counts.fill(0);
    this.#fromUs = fromUs;
    this.#toUs = toUs;
    this.#received = this.#missed = this.#brokenSamples = this.#unstamped = this.#maxUs = 0;
  }

  /** One chunk at one listener. */
  hear(listener: Heard, chunk: ChunkMark, stampUs: number, nowUs: number): void {
    const goesOn = chunk.epoch === listener.epoch;
    const hole = goesOn ? chunk.sequence - listener.sequence - 1 : 0;
    const broken = goesOn && hole === 0 && chunk.firstSample !== listener.endSample && !chunk.gapBefore;
    listener.epoch = chunk.epoch;
    listener.sequence = chunk.sequence;
    listener.endSample = chunk.endSample;
    if (hole > 0) listener.holes += hole;
    if (Number.isNaN(stampUs)) {
      this.#unstamped++;
      return;
    }
    listener.lastStampUs = stampUs;
    const counts = listener.measured && stampUs >= this.#fromUs && stampUs < this.#toUs;
    if (!counts || stampUs < listener.joinedAtUs) return;
    this.#received++;
    if (hole > 0) this.#missed += hole;
    if (broken || hole < 0) this.#brokenSamples++;
    const latencyUs = nowUs - stampUs;
    if (latencyUs > this.#maxUs) this.#maxUs = latencyUs;
    const bucket = Math.min(BUCKETS - 1, Math.floor(latencyUs / BUCKET_US));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** Figures of the window. Who has not heard a chunk of its end by now has missed all since its last. */
  report(listeners: readonly Heard[]): WindowReport {
    let tails = 0;
    for (const { measured, joinedAtUs, lastStampUs } of listeners) {
      if (!measured) continue;
      const heardToUs = Math.max(this.#fromUs, joinedAtUs, lastStampUs);
      tails += Math.max(0, Math.floor((this.#toUs - heardToUs) / (CHUNK_MS * 1000)));
    }
    const missed = this.#missed + tails;
    return {
      expected: this.#received + missed,
      received: this.#received,
      missed,
      brokenSamples: this.#brokenSamples,
      unstamped: this.#unstamped,
      p50Ms: this.#percentileMs(0.5),
      p99Ms: this.#percentileMs(0.99),
      p999Ms: this.#percentileMs(0.999),
      maxMs: this.#maxUs / 1000,
    };
  }

  #percentileMs(share: number): number {
    const rank = Math.ceil(this.#received * share);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank && seen > 0) return ((bucket + 1) * BUCKET_US) / 1000;
    }
    return 0;
  }
}

/** The middle value; the mean of the two middle ones where their number is even. 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** The value that `share` of them do not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
