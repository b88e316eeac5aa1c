import type { RoomId } from '../../wire/room-id.ts';
import type { RoomMessage, RoomStatus } from '../room-message.ts';
import type { Bus, Unsubscribe } from './bus.ts';

/** The bus of a single node: a function call. */
export class LocalBus implements Bus {
  readonly #subscribers = new Map<RoomId, Set<(message: RoomMessage) => void>>();
  readonly #statuses = new Map<RoomId, RoomStatus>();
  readonly #audiences = new Map<RoomId, number>();
  readonly #watchers = new Set<(room: RoomId, listeners: number) => void>();

  publish(room: RoomId, message: RoomMessage): void {
    if (message.kind === 'status') this.#statuses.set(room, message.status);
    const subscribers = this.#subscribers.get(room);
    if (!subscribers) return;
    for (const onMessage of subscribers) onMessage(message);
  }

  subscribe(room: RoomId, onMessage: (message: RoomMessage) => void): Unsubscribe {
    const subscribers = this.#subscribers.get(room) ?? new Set();
    this.#subscribers.set(room, subscribers);
    subscribers.add(onMessage);
    const status = this.#statuses.get(room);
    if (status) onMessage({ kind: 'status', status });
    return () => {
      subscribers.delete(onMessage);
      if (subscribers.size === 0 && this.#subscribers.get(room) === subscribers)
        this.#subscribers.delete(room);
    };
  }

  announce(room: RoomId, listeners: number): void {
    if ((this.#audiences.get(room) ?? 0) === listeners) return;
    if (listeners === 0) this.#audiences.delete(room);
    else this.#audiences.set(room, listeners);
    for (const onAudience of this.#watchers) onAudience(room, listeners);
  }

  watchAudience(onAudience: (room: RoomId, listeners: number) => void): Unsubscribe {
    this.#watchers.add(onAudience);
    return () => this.#watchers.delete(onAudience);
  }
}
