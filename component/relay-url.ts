import { parseRoomId } from '../wire/room-id.ts';
import { misconfigured, type Fault } from './player-error.ts';

/**
 * Address of a room's listener socket, or why there is none. `relay` is the attribute (http or https, may have a path);
 * without one the relay is where `scriptUrl`, the player's own script, came from. wire/PROTOCOL.md, "Listener socket".
 */
export function listenUrl(relay: string, room: string, scriptUrl: string): string | Fault {
  if (!parseRoomId(room)) return misconfigured('room', room, '1 to 64 of a-z 0-9 -');
  try {
    const { protocol, host, pathname } = relay ? new URL(relay) : new URL('/', scriptUrl);
    if (/^https?:$/.test(protocol)) {
      return `${protocol.replace('http', 'ws')}//${host}${pathname.replace(/\/$/, '')}/v1/rooms/${room}/listen`;
    }
  } catch {
    // Not an address at all.
  }
  return misconfigured('relay', relay, 'an address as https://relay.example');
}

/** Address of the page about an error's code: on the relay, or where the script came from if that is no address. */
export function helpUrl(relay: string, scriptUrl: string, code: string): string {
  const path = `/help/${code}`;
  // `localhost:8080` is an address, of the scheme `localhost`, but nothing stands beside it.
  return new URL(path, URL.canParse(path, relay) ? relay : scriptUrl).href;
}
