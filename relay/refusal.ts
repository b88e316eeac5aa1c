import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import type { Problem } from './errors.ts';
import { problemBody } from './errors.ts';

/** Refuses an upgrade before it happens: answers with the problem over plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, refusal: Problem): void {
  const body = problemBody(refusal);
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
