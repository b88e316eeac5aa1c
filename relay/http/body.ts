import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../errors.ts';

/** Largest body anybody may send. */
const MAX_BODY_BYTES = 64 * 1024;

/** The raw body of a request: signatures are over the exact bytes. Throws a 413 problem above 64 kB, announced or sent. */
export async function rawBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) throw tooLarge();
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) throw new TypeError('a request without encoding yields buffers');
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function tooLarge(): ProblemError {
  return new ProblemError('too-large', `A body has at most ${MAX_BODY_BYTES} bytes.`);
}
