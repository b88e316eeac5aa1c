import type { RoomId } from '../../wire/room-id.ts';
import type { LegEnd } from '../leg.ts';
import type { Room } from './room.ts';

/** The rooms this relay was configured with, by id. */
export class Rooms {
  readonly #rooms: ReadonlyMap<RoomId, Room>;

  constructor(rooms: ReadonlyMap<RoomId, Room>) {
    this.#rooms = rooms;
  }

  /** The room, or `undefined` when there is none of this id. */
  get(id: RoomId): Room | undefined {
    return this.#rooms.get(id);
  }

  /** Passes news of a call to the room whose call it is; the others do not know its name. */
  callOver(legId: string, end: LegEnd): void {
    for (const room of this.#rooms.values()) room.callOver(legId, end);
  }

  /** Hangs up everywhere; resolves when the platform has answered for each room. */
  async close(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.close()));
  }
}
