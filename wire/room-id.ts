/** A checked room id; only {@link parseRoomId} makes one, so it is safe as Map key, path part and subject. */
export type RoomId = string & { readonly brand: 'room-id' };

const ROOM_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The id as a {@link RoomId}, or `undefined` when it is not 1 to 64 of `a-z 0-9 -` with a letter or digit first. */
export function parseRoomId(text: string): RoomId | undefined {
  return isRoomId(text) ? text : undefined;
}

function isRoomId(text: string): text is RoomId {
  return ROOM_ID.test(text);
}
