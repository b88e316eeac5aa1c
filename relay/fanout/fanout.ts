import { CloseCode } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import { inSlices, repeat, type Cancel, type Clock } from '../clock.ts';
import type { AudienceStatus, SlowCounts, TransportKind } from '../relay-status.ts';
import type { RoomMessage } from '../room-message.ts';
import { Audience, type FanoutWatch, type SentCounts } from './audience.ts';
import { Feed } from './feed.ts';
import { Listener, type Transport } from './listener.ts';
import type { PaceVerdict } from './pace.ts';
import { Parcel } from './parcel.ts';

/** Every listener is asked for a sign of life this often. */
const BEAT_EVERY_MS = 5000;
/** Not all at once: so many of them in turn. */
const BEAT_SLOTS = 50;

/** A room as listeners are told of it. */
export interface ListenedRoom {
  title: string;
  chunkMs: number;
  showListeners: boolean;
}

/** What the fan-out is made of. */
export interface FanoutParts {
  rooms: ReadonlyMap<RoomId, ListenedRoom>;
  subscribe: (id: RoomId, onMessage: (message: RoomMessage) => void) => () => void;
  /** Told how many listeners a room has here, at every change. */
  announce: (id: RoomId, listeners: number) => void;
  /** Players spread their reconnects over this time, milliseconds. */
  retryWindowMs: number;
  clock: Clock;
  random: () => number;
  /** Told of deliveries and round trips. */
  watch?: FanoutWatch | undefined;
}

/** Saying goodbye takes the event loop so long at a stretch, ms; then as long a rest for those who go. */
const GOODBYE_SLICE_MS = 5;
/** Nobody is asked to come back sooner: a relay that starts anew is not there yet, ms. */
const SOONEST_RETRY_MS = 1500;

/**
 * Each room's sound to each of its listeners. Every room's feed is open from the start, so that whoever comes finds
 * the last second of a live room, even the first.
 */
export class Fanout {
  readonly slow: SlowCounts = { skipped: 0, closed: 0, cut: 0 };
  readonly sent: SentCounts = { chunks: 0, bytes: 0, leftOut: 0 };
  readonly #parts: FanoutParts;
  readonly #feeds = new Map<RoomId, Feed>();
  readonly #subscriptions = new Map<RoomId, () => void>();
  readonly #beats = Array.from({ length: BEAT_SLOTS }, () => new Set<Listener>());
  #beat = 0;
  #listeners = 0;
  #peak = 0;
  readonly #stopBeat: Cancel;
  /** Why the fan-out is closed; undefined while it is open. */
  #closedFor: string | undefined;

  constructor(parts: FanoutParts) {
    this.#parts = parts;
    for (const [id, room] of parts.rooms) this.open(id, room);
    this.#stopBeat = repeat(parts.clock, BEAT_EVERY_MS / BEAT_SLOTS, () => this.#beatNext());
  }

  /** Begins a room's feed. */
  open(id: RoomId, room: ListenedRoom): void {
    const { subscribe, retryWindowMs, clock, watch } = this.#parts;
    const audience = new Audience({ sent: this.sent, watch, nowMs: () => clock.nowMs() });
    const feed = new Feed({ room: id, ...room, retryWindowMs }, clock, audience);
    this.#feeds.set(id, feed);
    this.#subscriptions.set(
      id,
      subscribe(id, (message) => feed.hear(message)),
    );
  }

  /** Ends a room's feed, which nobody listens to any more. */
  drop(id: RoomId): void {
    this.#subscriptions.get(id)?.();
    this.#subscriptions.delete(id);
    this.#feeds.get(id)?.close();
    this.#feeds.delete(id);
  }

  /** Whether listeners may ask for this room at all. */
  has(id: RoomId): boolean {
    return this.#feeds.has(id);
  }

  /**
   * Seats a listener and greets it; says goodbye instead once {@link close} was called. Throws for a room that
   * {@link has} does not know. The result takes it out.
   */
  join(id: RoomId, transport: Transport): () => void {
    const feed = this.#feed(id);
    const listener = new Listener(transport, this.#onSlow, feed.audience);
    if (this.#closedFor !== undefined) {
      this.#sayGoodbye(listener, this.#closedFor);
      return () => {};
    }
    const leave = feed.join(listener);
    this.#peak = Math.max(this.#peak, ++this.#listeners);
    const beats = this.#beats.reduce((a, b) => (b.size < a.size ? b : a));
    beats.add(listener);
    this.#parts.announce(id, feed.size);
    return () => {
      if (!beats.delete(listener)) return;
      leave();
      this.#listeners--;
      this.#parts.announce(id, feed.size);
    };
  }

  /** The room's `hello` of this moment, for who stays from one request to the next. Throws as {@link join} does. */
  hello(id: RoomId): Parcel {
    return Parcel.ofText(this.#feed(id).hello());
  }

  /** Listeners of all rooms on this node. */
  get listeners(): number {
    return this.#listeners;
  }

  /** Listeners of all rooms on this node, by what carries their sound. */
  get listenersByTransport(): Record<TransportKind, number> {
    const counts = { websocket: 0, stream: 0, poll: 0, wav: 0 };
    for (const { audience } of this.#feeds.values()) audience.addTo(counts);
    return counts;
  }

  /** The audience of all rooms on this node. */
  get audience(): AudienceStatus {
    return { now: this.listeners, peak: this.#peak, byTransport: this.listenersByTransport };
  }

  /** A room's listeners on this node, and how long their pings take. Throws as {@link join} does. */
  audienceOf(id: RoomId): { listeners: AudienceStatus; rttMs: { p50: number; p95: number } | null } {
    const { audience } = this.#feed(id);
    return { listeners: audience.status, rttMs: audience.rttMs };
  }

  /**
   * Says goodbye to everyone, each with its own moment to come back, a few milliseconds at a stretch. Resolves when all
   * have been told. Who comes meanwhile is told as well.
   */
  async close(reason: string): Promise<void> {
    this.#closedFor = reason;
    this.#stopBeat();
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe();
    this.#subscriptions.clear();
    for (const feed of this.#feeds.values()) feed.close();
    // A copy: those who have been told leave while others are.
    const listeners = [...this.#feeds.values()].flatMap((feed) => [...feed.listeners()]);
    await inSlices(this.#parts.clock, GOODBYE_SLICE_MS, listeners, (listener) =>
      this.#sayGoodbye(listener, reason),
    );
  }

  /** Sends a room's listeners away: they do not come back by themselves. Resolves when all have been told. */
  async dismissAll(id: RoomId, reason: string): Promise<void> {
    const code = CloseCode.forbidden;
    await inSlices(this.#parts.clock, GOODBYE_SLICE_MS, [...this.#feed(id).listeners()], (listener) => {
      listener.send(Parcel.ofText({ type: 'bye', code, reason }));
      listener.close(code, reason);
    });
  }

  #feed(id: RoomId): Feed {
    const feed = this.#feeds.get(id);
    if (!feed) throw new Error(`no room "${id}" to join`);
    return feed;
  }

  #sayGoodbye(listener: Listener, reason: string): void {
    const { random, retryWindowMs } = this.#parts;
    const soonestMs = Math.min(SOONEST_RETRY_MS, retryWindowMs);
    const retryInMs = Math.round(soonestMs + random() * (retryWindowMs - soonestMs));
    listener.send(Parcel.ofText({ type: 'bye', code: CloseCode.goingAway, reason, retryInMs }));
    listener.close(CloseCode.goingAway, reason);
  }

  #beatNext(): void {
    this.#beat = (this.#beat + 1) % BEAT_SLOTS;
    const nowMs = this.#parts.clock.nowMs();
    for (const listener of this.#beats[this.#beat] ?? []) listener.beat(nowMs);
  }

  readonly #onSlow = (verdict: PaceVerdict): void => {
    switch (verdict) {
      case 'keep':
        return;
      case 'skip':
        this.slow.skipped++;
        return;
      case 'close':
        this.slow.closed++;
        return;
      case 'cut':
        this.slow.cut++;
        return;
      default:
        verdict satisfies never;
    }
  };
}
