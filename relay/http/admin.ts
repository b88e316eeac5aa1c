import Router from '@koa/router';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { refusalOf } from '../access/access-refusal.ts';
import type { FailureLimit } from '../access/failure-limit.ts';
import { clientAddress } from '../access/client-address.ts';
import type { Clock } from '../clock.ts';
import type { AdminConfig } from '../config/config.ts';
import { problem, ProblemError } from '../errors.ts';
import type { Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';
import type { OperatedRoom } from '../room-directory.ts';
import { appBehind, serve } from './app.ts';
import { ADMIN_HEADERS } from './security-headers.ts';
import { openServer, type HttpServer } from './server.ts';

const RETRY_AFTER_SEC = 60;
/** All of this machine count as one: whoever asks here directly is behind no proxy that would say more. */
const THIS_MACHINE = 'this-machine';
const UNAUTHORIZED = 'Bring the admin key, or a ticket of scope "admin": Authorization: Bearer <key>.';

/** Which rooms somebody may see and act on. */
export type RoomFilter = (room: RoomId) => boolean;

/** What the admin listener hands requests to. */
export interface AdminParts {
  rooms: () => readonly OperatedRoom[];
  /** Takes back a room's tickets and sends its listeners away. */
  revoke: (room: RoomId) => Promise<void>;
  /** The rooms of an admin's ticket in this `Authorization` header; undefined where it holds none. */
  adminRooms: (authorization: string | undefined) => Promise<RoomFilter | undefined>;
  /** Of keys and tickets, by address. */
  failures: FailureLimit;
  clock: Clock;
  log: Log;
}

/** Listens for the operator, and rejects when that is not possible. Nobody without key or ticket learns even what is there. */
export function openAdmin({ key, ...at }: AdminConfig, parts: AdminParts): Promise<HttpServer> {
  const app = appBehind({ every: ADMIN_HEADERS, refusal: {} }, parts.log);
  app.use(guard(key, parts));
  serve(app, adminRoutes(parts));
  const refusal = problem('key-refused', UNAUTHORIZED);
  const handlers = {
    request: app.callback(),
    upgrade: (_: unknown, socket: Parameters<typeof refuseUpgrade>[0]) => refuseUpgrade(socket, refusal),
  };
  return openServer(handlers, at, parts.clock, parts.log);
}

/** What somebody's page makes a browser send bears one of these headers, and scripts can neither forge nor drop them. */
function isFromPage(context: Context): boolean {
  const site = context.get('Sec-Fetch-Site');
  return context.get('Origin') !== '' || !['', 'none', 'same-origin'].includes(site);
}

function guard(key: string, { adminRooms, failures }: AdminParts): Middleware {
  const keyHash = sha256(Buffer.from(`Bearer ${key}`));
  return async (context, next) => {
    if (isFromPage(context)) throw new ProblemError('cross-site', 'The admin listener is not for pages.');
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
    context.state['mayRule'] = mayRule;
    await next();
  };
}

/** All HTTP routes of the admin listener. */
export function adminRoutes({ rooms, revoke, log }: AdminParts): Router<{ mayRule: RoomFilter }> {
  const router = new Router<{ mayRule: RoomFilter }>({ strict: true });
  router.get('/healthz', (context) => {
    context.body = 'ok\n';
  });
  router.get('/v1/rooms', (context) => {
    context.body = { rooms: rooms().filter(({ room }) => context.state.mayRule(room)) };
  });
  router.post('/v1/rooms/:room/revoke', async (context) => {
    const room = parseRoomId(String(context.params['room']));
    if (!room) throw ProblemError.of(refusalOf('bad-room-id'));
    const isThere = context.state.mayRule(room) && rooms().some((one) => one.room === room);
    if (!isThere) throw ProblemError.of(refusalOf('room-not-found'));
    log.warn('room.revoked', { room });
    await revoke(room);
    context.status = 204;
  });
  return router;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
