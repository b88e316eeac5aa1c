import type { RoomId } from '../wire/room-id.ts';
import type { RoomState } from '../wire/messages.ts';
import type { RoomConfig } from './config/config.ts';
import type { RoomStatus } from './room-message.ts';

/** A room as `GET /v1/rooms/{room}` tells it. */
export interface RoomDescription extends RoomStatus {
  title: string;
  chunkMs: number;
  /** The media clock now, milliseconds; null while no leg is up. */
  mediaMs: number | null;
  /** Only where the room shows them. */
  listeners?: number;
}

/** What a running room tells of itself. */
export interface LiveRoom {
  describe(): RoomStatus & { mediaMs: number | null; listeners: number };
}

/** What anybody may know of a room; undefined where there is none. */
export function describeRoom(
  live: LiveRoom | undefined,
  room: RoomConfig | undefined,
): RoomDescription | undefined {
  if (!live || !room) return undefined;
  const { mediaMs, listeners, ...status } = live.describe();
  return {
    title: room.title,
    ...status,
    chunkMs: room.chunkMs,
    mediaMs: mediaMs === null ? null : Math.round(mediaMs),
    ...(room.showListeners && { listeners }),
  };
}

/** A room as its operator sees it. Never a PIN or a number. */
export interface OperatedRoom extends Pick<RoomConfig, 'title' | 'access' | 'source'> {
  room: RoomId;
  state: RoomState;
  listeners: number;
}

/** All rooms, in the order of the configuration. */
export function operatedRooms(
  rooms: readonly RoomConfig[],
  live: (room: RoomId) => LiveRoom | undefined,
): OperatedRoom[] {
  return rooms.map(({ id, title, access, source }) => {
    const { state = 'idle', listeners = 0 } = live(id)?.describe() ?? {};
    return { room: id, title, state, listeners, access, source };
  });
}

/** The room under a dialled number; a relay with one room and no numbers has no doubt. */
export function dialledRoom(rooms: readonly RoomConfig[], number: string): RoomConfig | undefined {
  const dialled = rooms.filter(({ source }) => source === 'vonage');
  const found = dialled.find((room) => room.number === number);
  return found ?? (dialled.length === 1 && dialled[0]?.number === undefined ? dialled[0] : undefined);
}
