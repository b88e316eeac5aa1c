import type { RoomMeta } from './session-parts.ts';

/** The title of a player: what the page calls it, or else what the room is called, or its id. */
export function titleOf({ label, room }: { label: string; room: string }, { title }: RoomMeta): string {
  return label || title || room;
}
