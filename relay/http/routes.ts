import Router from '@koa/router';
import type { Context } from 'koa';
import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { ProblemError } from '../errors.ts';
import { embedPage, listenPage, pagePolicy } from './pages.ts';
import { rawBody } from './body.ts';
import type { Problem } from '../errors.ts';
import type { RoomDescription } from '../room-directory.ts';

/** Answer of a webhook: an NCCO, nothing, or a refusal. */
export type WebhookReply =
  | { kind: 'ncco'; ncco: unknown }
  | { kind: 'done' }
  | { kind: 'refused'; problem: Problem };

/** Takes a webhook: the `Authorization` header and the raw body, or the query as compact JSON. */
export type Webhook = (authorization: string | undefined, body: string | Buffer) => Promise<WebhookReply>;

/** What the routes hand requests to. */
export interface RouteParts {
  /** Where `conf-listener.js` and its compressed copies lie. */
  assetsDir: string;
  /** The relay's own origin as browsers see it. */
  publicUrl: string;
  describeRoom: (room: RoomId) => RoomDescription | undefined;
  /** Why nobody can listen now; undefined while somebody can. */
  hindrance: () => Problem | undefined;
  /** Counts a listener in until its response closes; throws a problem where it may not come in. Ask before all else. */
  admit: (room: RoomId, request: IncomingMessage, response: ServerResponse) => void;
  /** Serve a stream, its head too, until the client goes: of messages, or of sound alone. */
  stream: (room: RoomId, response: ServerResponse) => void;
  streamWav: (room: RoomId, response: ServerResponse) => void;
  /** Serves one poll, its head too; throws a problem where the query is wrong or a new listener may not come in. */
  poll: (room: RoomId, query: URLSearchParams, response: ServerResponse) => void;
  /** Refuses a room that needs a ticket; resolves to nothing when the request may listen. */
  checkTicket: (room: RoomId, authorization: string | undefined) => Promise<void>;
  /** Absent where no room is dialled. */
  vonage?: { answer: Webhook; event: Webhook };
}

/** All HTTP routes of the public listener. */
export function routes(parts: RouteParts): Router {
  const router = new Router({ strict: true });
  const assets = sirv(parts.assetsDir, {
    brotli: true,
    gzip: true,
    etag: true,
    maxAge: 300,
    setHeaders: assetHeaders,
  });

  router.get('/healthz', (context) => {
    context.body = 'ok\n';
  });
  router.get('/readyz', (context) => {
    const hindrance = parts.hindrance();
    if (hindrance) throw new ProblemError(hindrance.code, hindrance.detail, hindrance.retryAfterSec);
    context.body = 'ready\n';
  });
  router.get(['/conf-listener.js', '/v1/conf-listener.js'], (context) => {
    context.req.url = '/conf-listener.js';
    context.respond = false;
    context.res.statusCode = 200; // Koa starts at 404
    assets(context.req, context.res, () => {
      context.res.writeHead(404).end();
    });
  });
  router.get('/v1/rooms/:room', (context) => {
    const { id, description } = roomOf(context, parts);
    context.set('Access-Control-Allow-Origin', '*');
    context.set('Cache-Control', 'no-store');
    context.body = { room: id, ...description };
  });
  router.get('/v1/rooms/:room/stream', (context) => serveStream(context, parts, parts.stream));
  router.get('/v1/rooms/:room/stream.wav', (context) => serveStream(context, parts, parts.streamWav));
  router.get('/v1/rooms/:room/chunks', async (context) => {
    const { id } = roomOf(context, parts);
    await parts.checkTicket(id, context.get('authorization') || undefined);
    parts.poll(id, new URLSearchParams(context.querystring), context.res);
    context.respond = false;
  });
  // A page of another origin that sends a ticket asks first.
  router.options(
    ['/v1/rooms/:room/stream', '/v1/rooms/:room/stream.wav', '/v1/rooms/:room/chunks'],
    (context) => {
      context.set('Access-Control-Allow-Origin', '*');
      context.set('Access-Control-Allow-Methods', 'GET');
      context.set('Access-Control-Allow-Headers', 'authorization');
      context.set('Access-Control-Max-Age', '86400');
      context.status = 204;
    },
  );
  router.get('/listen/:room', (context) => {
    const { id, description } = roomOf(context, parts);
    context.set('Content-Security-Policy', pagePolicy(parts.publicUrl, "'none'"));
    context.type = 'html';
    context.body = listenPage({ room: id, title: description.title });
  });
  router.get('/embed/:room', (context) => {
    const { id, description } = roomOf(context, parts);
    context.set('Content-Security-Policy', pagePolicy(parts.publicUrl, '*'));
    context.set('Permissions-Policy', 'autoplay=*');
    context.set('Cross-Origin-Embedder-Policy', 'require-corp');
    context.set('Cross-Origin-Resource-Policy', 'cross-origin');
    context.type = 'html';
    context.body = embedPage({ room: id, title: description.title });
  });
  if (parts.vonage) {
    const { answer, event } = parts.vonage;
    router.get('/vonage/answer', (context) => reply(context, answer, queryJson(context)));
    router.post('/vonage/answer', async (context) => reply(context, answer, await rawBody(context.req)));
    router.get('/vonage/event', (context) => reply(context, event, queryJson(context)));
    router.post('/vonage/event', async (context) => reply(context, event, await rawBody(context.req)));
  }
  return router;
}

function roomOf(context: Context, parts: RouteParts): { id: RoomId; description: RoomDescription } {
  const text = String(context['params'].room);
  const id = parseRoomId(text);
  if (!id)
    throw new ProblemError('bad-room-id', 'A room id is 1 to 64 of a-z, 0-9 and -, a letter or digit first.');
  const description = parts.describeRoom(id);
  if (!description) throw new ProblemError('room-not-found', `There is no room "${id}" here.`);
  return { id, description };
}

async function serveStream(context: Context, parts: RouteParts, serve: RouteParts['stream']): Promise<void> {
  const { id } = roomOf(context, parts);
  parts.admit(id, context.req, context.res);
  await parts.checkTicket(id, context.get('authorization') || undefined);
  context.respond = false;
  serve(id, context.res);
}

async function reply(context: Context, webhook: Webhook, body: string | Buffer): Promise<void> {
  const answer = await webhook(context.get('authorization') || undefined, body);
  switch (answer.kind) {
    case 'ncco':
      context.body = answer.ncco;
      return;
    case 'done':
      context.status = 204;
      return;
    case 'refused':
      throw new ProblemError(answer.problem.code, answer.problem.detail);
    default:
      answer satisfies never;
  }
}

/** The query as the platform signs it: compact JSON of the parameters in their order. */
function queryJson(context: Context): string {
  return JSON.stringify(Object.fromEntries(new URLSearchParams(context.querystring)));
}

/** A module script is a CORS request on every page, and a COEP page wants CORP (both measured). */
function assetHeaders(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader('Timing-Allow-Origin', '*');
  response.setHeader('Cache-Control', 'public, max-age=300, stale-while-revalidate=86400');
  response.setHeader('X-Content-Type-Options', 'nosniff');
}
