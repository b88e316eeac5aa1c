import type { Duplex } from 'node:stream';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Problem } from './errors.ts';
import { problemBody } from './errors.ts';

/**
 * Refuses an upgrade before it happens: answers with the problem over plain HTTP and ends the connection. Nobody but us
 * watches the socket any more: one whose other end never closes would stay half open for ever.
 */
export function refuseUpgrade(socket: Duplex, refusal: Problem): void {
  const body = problemBody(refusal);
  const headers = Object.entries(headersOf(refusal, body)).map(([name, value]) => `${name}: ${value}`);
  socket.once('finish', () => socket.destroy());
  socket.end(
    [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`, ...headers, '', body].join('\r\n'),
  );
}

/** Refuses a request that nobody may see, and ends the connection. */
export function refuseRequest(response: ServerResponse, refusal: Problem): void {
  const body = problemBody(refusal);
  response.writeHead(refusal.status, headersOf(refusal, body)).end(body);
}

function headersOf({ retryAfterSec }: Problem, body: string): Record<string, string | number> {
  return {
    Connection: 'close',
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(retryAfterSec !== undefined && { 'Retry-After': retryAfterSec }),
    'Content-Length': Buffer.byteLength(body),
  };
}
