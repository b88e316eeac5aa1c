import { CloseCode, type ByeMessage } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { RoomMessage } from '../room-message.ts';
import { Feed } from './feed.ts';
import type { Listener } from './listener.ts';

/** Every listener gives a sign of life this often, or is cut. */
const BEAT_EVERY_MS = 10_000;

/** A room as listeners are told of it; undefined when there is none of that id. */
export interface ListenedRoom {
  title: string;
  chunkMs: number;
  showListeners: boolean;
}

/** What the fan-out is made of. */
export interface FanoutParts {
  room: (id: RoomId) => ListenedRoom | undefined;
  subscribe: (id: RoomId, onMessage: (message: RoomMessage) => void) => () => void;
  /** Told how many listeners a room has here, at every change. */
  announce: (id: RoomId, listeners: number) => void;
  /** Players spread their reconnects over this time, milliseconds. */
  retryWindowMs: number;
  clock: Clock;
  random: () => number;
}

interface OpenFeed {
  feed: Feed;
  unsubscribe: () => void;
}

/** Each room's sound to each of its listeners. Encoded once, sent many times. */
export class Fanout {
  readonly #parts: FanoutParts;
  readonly #feeds = new Map<RoomId, OpenFeed>();
  readonly #stopBeat: Cancel;

  constructor(parts: FanoutParts) {
    this.#parts = parts;
    this.#stopBeat = repeat(parts.clock, BEAT_EVERY_MS, () => this.#beat());
  }

  /** Whether listeners may ask for this room at all. */
  has(id: RoomId): boolean {
    return this.#parts.room(id) !== undefined;
  }

  /** Seats a listener and greets it. Throws for a room that {@link has} does not know. The result takes it out. */
  join(id: RoomId, listener: Listener): () => void {
    const { feed } = this.#open(id);
    feed.join(listener);
    this.#parts.announce(id, feed.listeners.size);
    return () => {
      if (!feed.listeners.delete(listener)) return;
      this.#parts.announce(id, feed.listeners.size);
      this.#closeIfIdle(id, feed);
    };
  }

  /** Listeners of all rooms on this node. */
  get listeners(): number {
    let sum = 0;
    for (const { feed } of this.#feeds.values()) sum += feed.listeners.size;
    return sum;
  }

  /** Says goodbye to everyone, each with its own moment to come back. */
  close(reason: string): void {
    this.#stopBeat();
    const { random, retryWindowMs } = this.#parts;
    for (const { feed, unsubscribe } of this.#feeds.values()) {
      unsubscribe();
      for (const listener of feed.listeners) {
        const retryInMs = Math.round(random() * retryWindowMs);
        const bye: ByeMessage = { type: 'bye', code: CloseCode.goingAway, reason, retryInMs };
        listener.tell(JSON.stringify(bye));
        listener.close(CloseCode.goingAway, reason);
      }
    }
    this.#feeds.clear();
  }

  #open(id: RoomId): OpenFeed {
    const open = this.#feeds.get(id);
    if (open) return open;
    const { room, subscribe, retryWindowMs, clock } = this.#parts;
    const settings = room(id);
    if (!settings) throw new Error(`no room "${id}" to open a feed of`);
    const feed = new Feed({ room: id, ...settings, retryWindowMs }, () => clock.nowMs());
    const opened: OpenFeed = {
      feed,
      unsubscribe: subscribe(id, (message) => this.#onMessage(id, feed, message)),
    };
    this.#feeds.set(id, opened);
    return opened;
  }

  #onMessage(id: RoomId, feed: Feed, message: RoomMessage): void {
    feed.hear(message);
    if (message.kind === 'status') this.#closeIfIdle(id, feed);
  }

  /** A feed stays while its room has a leg, so that whoever comes within the linger time finds the last second. */
  #closeIfIdle(id: RoomId, feed: Feed): void {
    const open = this.#feeds.get(id);
    if (open?.feed !== feed || feed.listeners.size > 0) return;
    if (feed.state === 'live' || feed.state === 'waiting') return;
    open.unsubscribe();
    this.#feeds.delete(id);
  }

  #beat(): void {
    for (const { feed } of this.#feeds.values()) {
      for (const listener of feed.listeners) listener.beat();
    }
  }
}
