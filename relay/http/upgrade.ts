import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { problem } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';

/** Takes an upgrade; the path's parts are passed as they came, unchecked. */
type Door<Parts extends string[]> = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  ...parts: Parts
) => Promise<void>;

/** Who takes which upgrade. */
export interface UpgradeDoors {
  /** Absent where no room is dialled. */
  leg: Door<[room: string, ticket: string]> | undefined;
  publisher: Door<[room: string]>;
  listener: Door<[room: string]>;
}

/** The handler of the server's `upgrade` event: one switch over the path. */
export function upgradeHandler(doors: UpgradeDoors, log: Log) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Until a door has upgraded it, nobody else listens for the socket's error.
    socket.on('error', () => socket.destroy());
    const opened = openDoor(doors, request, socket, head);
    if (!opened)
      return refuseUpgrade(socket, problem('not-found', 'No WebSocket is served under this path.'));
    opened.catch((error: unknown) => {
      log.error('upgrade.failed', describeError(error));
      refuseUpgrade(socket, problem('internal', 'The relay failed; its log says why.'));
    });
  };
}

function openDoor(
  doors: UpgradeDoors,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> | undefined {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const [, first, second, third = '', fourth = '', ...rest] = path.split('/');
  if (rest.length > 0) return undefined;
  if (first === 'v1' && second === 'rooms' && fourth === 'listen') {
    return doors.listener(request, socket, head, third);
  }
  if (first === 'vonage' && second === 'leg') return doors.leg?.(request, socket, head, third, fourth);
  if (first === 'ingest' && second !== undefined && !third)
    return doors.publisher(request, socket, head, second);
  return undefined;
}
