import { parseRoomId } from '../wire/room-id.ts';
import { misconfigured, type PlayerError } from './player-error.ts';

/** The listener socket's address, or why there is none. */
export type ListenUrl = { kind: 'url'; url: string } | { kind: 'error'; error: PlayerError };

/**
 * Address of a room's listener socket. `relay` is the attribute (http or https, may have a path); without one the
 * relay is where `scriptUrl`, the player's own script, came from. wire/PROTOCOL.md, "Listener socket".
 */
export function listenUrl(relay: string, room: string, scriptUrl: string): ListenUrl {
  if (!room) return fault('The attribute "room" is missing');
  const roomId = parseRoomId(room);
  if (!roomId) return fault(`"${room}" is not a room: 1 to 64 of a-z 0-9 -, a letter or digit first`);
  const base = relay ? parsed(relay) : parsed('/', scriptUrl);
  if (!base || !/^https?:$/.test(base.protocol)) {
    return fault(
      relay
        ? `The attribute "relay" is "${relay}"; write the relay's address, as https://relay.example`
        : 'The attribute "relay" is missing, and the script did not come from a relay',
    );
  }
  const path = base.pathname.replace(/\/$/, '');
  return {
    kind: 'url',
    url: `${base.protocol.replace('http', 'ws')}//${base.host}${path}/v1/rooms/${roomId}/listen`,
  };
}

/** The URL, or undefined: URL.parse() is younger than the browsers we serve. */
function parsed(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function fault(message: string): ListenUrl {
  return { kind: 'error', error: misconfigured(message) };
}
