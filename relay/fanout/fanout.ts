import { CloseCode, type ByeMessage } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { RoomMessage } from '../room-message.ts';
import { Feed } from './feed.ts';
import type { Listener } from './listener.ts';

/** Every listener gives a sign of life this often, or is cut. */
const BEAT_EVERY_MS = 10_000;

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
}

/**
 * Each room's sound to each of its listeners. Every room's feed is open from the start, so that whoever comes finds
 * the last second of a live room, even the first.
 */
export class Fanout {
  readonly #parts: FanoutParts;
  readonly #feeds = new Map<RoomId, Feed>();
  readonly #subscriptions: (() => void)[] = [];
  readonly #stopBeat: Cancel;
  /** Why the fan-out is closed; undefined while it is open. */
  #closedFor: string | undefined;

  constructor(parts: FanoutParts) {
    this.#parts = parts;
    const { rooms, subscribe, retryWindowMs, clock } = parts;
    for (const [id, room] of rooms) {
      const feed = new Feed({ room: id, ...room, retryWindowMs }, () => clock.nowMs());
      this.#feeds.set(id, feed);
      this.#subscriptions.push(subscribe(id, (message) => feed.hear(message)));
    }
    this.#stopBeat = repeat(clock, BEAT_EVERY_MS, () => this.#beat());
  }

  /** Whether listeners may ask for this room at all. */
  has(id: RoomId): boolean {
    return this.#feeds.has(id);
  }

  /**
   * Seats a listener and greets it; says goodbye instead once {@link close} was called. Throws for a room that
   * {@link has} does not know. The result takes it out.
   */
  join(id: RoomId, listener: Listener): () => void {
    const feed = this.#feeds.get(id);
    if (!feed) throw new Error(`no room "${id}" to join`);
    if (this.#closedFor !== undefined) {
      this.#sayGoodbye(listener, this.#closedFor);
      return () => {};
    }
    feed.join(listener);
    this.#parts.announce(id, feed.listeners.size);
    return () => {
      if (feed.listeners.delete(listener)) this.#parts.announce(id, feed.listeners.size);
    };
  }

  /** Listeners of all rooms on this node. */
  get listeners(): number {
    let sum = 0;
    for (const feed of this.#feeds.values()) sum += feed.listeners.size;
    return sum;
  }

  /** Says goodbye to everyone, each with its own moment to come back. */
  close(reason: string): void {
    this.#closedFor = reason;
    this.#stopBeat();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    for (const feed of this.#feeds.values()) {
      for (const listener of feed.listeners) this.#sayGoodbye(listener, reason);
    }
  }

  #sayGoodbye(listener: Listener, reason: string): void {
    const { random, retryWindowMs } = this.#parts;
    const retryInMs = Math.round(random() * retryWindowMs);
    const bye: ByeMessage = { type: 'bye', code: CloseCode.goingAway, reason, retryInMs };
    listener.tell(JSON.stringify(bye));
    listener.close(CloseCode.goingAway, reason);
  }

  #beat(): void {
    for (const feed of this.#feeds.values()) {
      for (const listener of feed.listeners) listener.beat();
    }
  }
}
