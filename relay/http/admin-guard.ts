import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { RoomId } from '../../wire/room-id.ts';
import { clientAddress } from '../access/client-address.ts';
import type { FailureLimit } from '../access/failure-limit.ts';
import { ProblemError } from '../errors.ts';

const RETRY_AFTER_SEC = 60;
/** All of this machine count as one: whoever asks here directly is behind no proxy that would say more. */
const THIS_MACHINE = 'this-machine';

/** What who brings nothing is told, whatever was asked for. */
export const UNAUTHORIZED = 'Bring the admin key, or a ticket of scope "admin": Authorization: Bearer <key>.';

/** Which rooms somebody may see and act on. */
export type RoomFilter = (room: RoomId) => boolean;

/** What the guard makes known of who asks. */
export interface AdminState {
  mayRule: RoomFilter;
  /** What was brought: the key rules everything, a ticket its rooms. */
  by: 'key' | 'ticket';
}

/** What the guard asks. */
export interface GuardParts {
  /** The rooms of an admin's ticket in this `Authorization` header; undefined where it holds none. */
  adminRooms: (authorization: string | undefined) => Promise<RoomFilter | undefined>;
  /** Of keys and tickets, by address. */
  failures: FailureLimit;
}

/** Lets nobody by without key or ticket, and nothing that a page of somebody else's makes a browser send. */
export function guard(key: string, { adminRooms, failures }: GuardParts): Middleware {
  const keyHash = sha256(Buffer.from(`Bearer ${key}`));
  return async (context, next) => {
    if (isFromElsewhere(context))
      throw new ProblemError('cross-site', 'Only the relay’s own console asks here.');
    const address = clientAddress(context.req.socket.remoteAddress, undefined, 0) ?? THIS_MACHINE;
    const { authorization } = context.req.headers;
    // Headers come as latin1 whatever was sent. The scheme's name may be in any case.
    const shown = Buffer.from((authorization ?? '').replace(/^bearer +/i, 'Bearer '), 'latin1');
    const isKey = timingSafeEqual(sha256(shown), keyHash);
    const mayRule = isKey ? () => true : await adminRooms(authorization);
    if (!mayRule) {
      if (failures.isOver(address))
        throw new ProblemError('too-many-failures', 'Try again in a minute.', RETRY_AFTER_SEC);
      failures.failed(address);
      throw new ProblemError('key-refused', UNAUTHORIZED);
    }
    Object.assign(context.state, { mayRule, by: isKey ? 'key' : 'ticket' } satisfies AdminState);
    await next();
  };
}

/**
 * Whether the page of another origin is behind a request. Scripts can neither forge nor drop these headers; a browser
 * says its `Origin` with whatever is no plain GET, `Sec-Fetch-Site` where the listener is on this machine or behind TLS.
 */
function isFromElsewhere(context: Context): boolean {
  if (!['', 'none', 'same-origin'].includes(context.get('Sec-Fetch-Site'))) return true;
  const origin = context.get('Origin');
  if (origin === '') return false;
  // Sandboxed pages have the origin `null`. The scheme is not compared: a proxy may have taken the TLS off.
  return !URL.canParse(origin) || new URL(origin).host !== context.get('Host').toLowerCase();
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
