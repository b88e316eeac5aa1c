import type { RoomId } from '../../wire/room-id.ts';
import type { RoomMessage } from '../room-message.ts';

/** Ends a subscription; calling it twice does nothing. */
export type Unsubscribe = () => void;

/**
 * Carries rooms' sound from the node that has the leg to the nodes that have listeners, and listener counts back.
 * Delivery is at most once and in order per room; nothing is queued for a node that is away.
 */
export interface Bus {
  /** Hands a message to every subscriber of the room before it returns, or drops it where there is none. */
  publish(room: RoomId, message: RoomMessage): void;
  /** From now on `onMessage` hears the room; first the last status, when there was one. */
  subscribe(room: RoomId, onMessage: (message: RoomMessage) => void): Unsubscribe;
  /** Says how many listeners this node has in the room. */
  announce(room: RoomId, listeners: number): void;
  /** `onAudience` hears the room's listeners on all nodes together, whenever the sum changes. */
  watchAudience(onAudience: (room: RoomId, listeners: number) => void): Unsubscribe;
}
