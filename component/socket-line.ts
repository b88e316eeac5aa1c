import { SUBPROTOCOL, TICKET_PREFIX } from '../wire/messages.ts';
import type { Line, LineOutlet } from './line.ts';

/** A line over WebSocket. Throws what the constructor throws: Firefox and WebKit do where a policy forbids the address. */
export function openSocketLine(
  url: string,
  token: string,
  outlet: LineOutlet,
  Socket: typeof WebSocket,
): Line {
  const socket = new Socket(url, token ? [SUBPROTOCOL, TICKET_PREFIX + token] : [SUBPROTOCOL]);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) =>
    outlet.onData(typeof data === 'string' ? data : new Uint8Array(data)),
  );
  socket.addEventListener('close', ({ code, reason }) => outlet.onClosed(code, reason));
  return socket;
}
