import { parseRoomId, type RoomId } from '../../wire/room-id.ts';

/** A room id. Throws for what is none. */
export function roomId(text: string): RoomId {
  const id = parseRoomId(text);
  if (!id) throw new Error(`"${text}" is no room id`);
  return id;
}
