import type { RoomId } from '../../wire/room-id.ts';
import type { CallOutcome } from '../leg.ts';

/** Places and ends the room's calls. Faults of the platform are outcomes: these promises never reject. */
export interface CallControl {
  place(room: RoomId, epoch: number): Promise<CallOutcome>;
  hangUp(room: RoomId, legId: string): Promise<unknown>;
}
