import { parseRoomId, type RoomId } from '../../wire/room-id.ts';

/** Where a dialled leg arrives: `{publicUrl as ws:}/vonage/leg/{room}/{legTicket}`. */
export function legUrl(publicUrl: string, room: RoomId, legTicket: string): string {
  return `${legRoot(publicUrl)}${room}/${legTicket}`;
}

/** The way back; undefined for whatever is no leg of this relay's address. */
export function parseLegUrl(publicUrl: string, url: string): { room: RoomId; legTicket: string } | undefined {
  const root = legRoot(publicUrl);
  const [roomText = '', legTicket, ...rest] = url.startsWith(root) ? url.slice(root.length).split('/') : [];
  const room = parseRoomId(roomText);
  return room && legTicket !== undefined && rest.length === 0 ? { room, legTicket } : undefined;
}

function legRoot(publicUrl: string): string {
  return `${publicUrl.replace(/^http/, 'ws')}/vonage/leg/`;
}
