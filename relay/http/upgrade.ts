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

/** Which path leads to which door; a part after `:` may be any text. */
export const UPGRADE_PATHS = {
  leg: '/vonage/leg/:room/:ticket',
  publisher: '/ingest/:room',
  listener: '/v1/rooms/:room/listen',
} as const satisfies Record<keyof UpgradeDoors, string>;

/** The handler of the server's `upgrade` event: each path has one door. */
export function upgradeHandler(doors: UpgradeDoors, log: Log) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
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
  const [room, ticket = ''] = partsOf(path, UPGRADE_PATHS.leg) ?? [];
  if (room !== undefined) return doors.leg?.(request, socket, head, room, ticket);
  const [published] = partsOf(path, UPGRADE_PATHS.publisher) ?? [];
  if (published !== undefined) return doors.publisher(request, socket, head, published);
  const [listened] = partsOf(path, UPGRADE_PATHS.listener) ?? [];
  if (listened !== undefined) return doors.listener(request, socket, head, listened);
  return undefined;
}

/** What stands in a path where the pattern has a `:`; undefined where they differ elsewhere. */
function partsOf(path: string, pattern: string): string[] | undefined {
  const given = path.split('/');
  const wanted = pattern.split('/');
  const isSame = wanted.every((part, at) => part.startsWith(':') || part === given[at]);
  if (given.length !== wanted.length || !isSame) return undefined;
  return given.filter((_, at) => wanted[at]?.startsWith(':'));
}
