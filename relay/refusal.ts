import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import type { Problem } from './errors.ts';
import { problemBody } from './errors.ts';

/**
 * Refuses an upgrade before it happens: answers with the problem over plain HTTP and ends the connection. Nobody but us
 * watches the socket any more: one whose other end never closes would stay half open for ever.
 */
export function refuseUpgrade(socket: Duplex, refusal: Problem): void {
  const body = problemBody(refusal);
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      ...(refusal.retryAfterSec === undefined ? [] : [`Retry-After: ${refusal.retryAfterSec}`]),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
