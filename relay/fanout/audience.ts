import type { AudienceStatus, TransportKind } from '../relay-status.ts';
import { RoundTrips } from './round-trips.ts';

/** Who is told of deliveries and answers as they happen; what takes longer than a few microseconds is not for it. */
export interface FanoutWatch {
  /** A chunk has been handed to all connections of a phase, so long after its last frame came in, ms. */
  delivered(tookMs: number): void;
  /** A WebSocket listener answered a ping in so many ms. */
  answered(tookMs: number): void;
}

/** What has been sent since the start. */
export interface SentCounts {
  /** Chunks times listeners. */
  chunks: number;
  /** Of those chunks as WAV files: framing, texts, TLS and IP come on top, and what a `wav` listener's rate needs. */
  bytes: number;
  /** Chunks that were left out for a listener who had fallen behind. */
  leftOut: number;
}

/** What all audiences of a relay share. */
export interface AudienceParts {
  sent: SentCounts;
  watch: FanoutWatch | undefined;
  nowMs: () => number;
}

const NOBODY: Readonly<Record<TransportKind, number>> = { websocket: 0, stream: 0, poll: 0, wav: 0 };

/** Counts who listens, and what they are sent: once a delivery, never once a listener. */
export class Audience {
  readonly #parts: AudienceParts;
  readonly #byTransport = { ...NOBODY };
  readonly #roundTrips = new RoundTrips();
  #now = 0;
  #peak = 0;

  constructor(parts: AudienceParts) {
    this.#parts = parts;
  }

  /** Of a room that shares its counts with no other. */
  static alone({ nowMs }: { nowMs: () => number }): Audience {
    return new Audience({ sent: { chunks: 0, bytes: 0, leftOut: 0 }, watch: undefined, nowMs });
  }

  /** How many listen. */
  get now(): number {
    return this.#now;
  }

  /** How many listen, and the most there have been. */
  get status(): AudienceStatus {
    return { now: this.#now, peak: this.#peak, byTransport: { ...this.#byTransport } };
  }

  /** Adds who listens to a sum by what carries the sound. */
  addTo(sum: Record<TransportKind, number>): void {
    sum.websocket += this.#byTransport.websocket;
    sum.stream += this.#byTransport.stream;
    sum.poll += this.#byTransport.poll;
    sum.wav += this.#byTransport.wav;
  }

  /** Ping round trips of those who listen over a WebSocket; null where nobody has answered yet. */
  get rttMs(): { p50: number; p95: number } | null {
    return this.#roundTrips.quantiles;
  }

  /** Somebody has come. */
  joined(kind: TransportKind): void {
    this.#byTransport[kind]++;
    this.#peak = Math.max(this.#peak, ++this.#now);
  }

  /** Somebody has gone. */
  left(kind: TransportKind): void {
    this.#byTransport[kind]--;
    if (--this.#now === 0) this.#roundTrips.clear();
  }

  /** A chunk of so many bytes has gone to so many; its last frame came at `sinceMs`, where it was not kept. */
  delivered(bytes: number, listeners: number, sinceMs?: number): void {
    if (listeners === 0) return;
    const { sent, watch, nowMs } = this.#parts;
    sent.chunks += listeners;
    sent.bytes += bytes * listeners;
    if (sinceMs !== undefined) watch?.delivered(nowMs() - sinceMs);
  }

  /** Of what counts as delivered, a chunk was left out for somebody. */
  leftOut(bytes: number): void {
    const { sent } = this.#parts;
    sent.leftOut++;
    sent.chunks--;
    sent.bytes -= bytes;
  }

  /** A ping was answered. */
  answered(tookMs: number): void {
    this.#roundTrips.add(tookMs);
    this.#parts.watch?.answered(tookMs);
  }
}
