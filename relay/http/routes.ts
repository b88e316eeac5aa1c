import Router from '@koa/router';
import type { Context } from 'koa';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomId } from '../../wire/room-id.ts';
import { ProblemError } from '../errors.ts';
import { addAssetRoutes, type AssetRouteParts } from './asset-routes.ts';
import { addPageRoutes, type PageRouteParts } from './page-routes.ts';
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

/** The same for what a talker has keyed in; the path's parts are passed as they came, unchecked. */
export type PinWebhook = (
  authorization: string | undefined,
  body: string | Buffer,
  room: string,
  attempt: string,
) => Promise<WebhookReply>;

/** What the routes hand requests to. Whatever takes a room takes it unchecked, and throws the problem. */
export interface RouteParts extends PageRouteParts, AssetRouteParts {
  describeRoom: (room: RoomId) => RoomDescription | undefined;
  /** Why the relay should be started anew; undefined while it is well. */
  ailment: () => Problem | undefined;
  /** Why nobody can listen now; undefined while somebody can. */
  hindrance: () => Problem | undefined;
  /** Whether this request may know of a room what its listeners know. */
  check: (roomText: string, request: IncomingMessage) => Promise<RoomId>;
  /** Pages of which origin may read an answer about a room: one, any (`*`), or none. */
  corsOrigin: (roomText: string, origin: string | undefined) => string | undefined;
  /** Serve a stream, its head too, until the client goes: of messages, or of sound alone. */
  stream: (roomText: string, response: ServerResponse) => Promise<void>;
  streamWav: (roomText: string, query: URLSearchParams, response: ServerResponse) => Promise<void>;
  /** Serves one poll, its head too. */
  poll: (roomText: string, query: URLSearchParams, response: ServerResponse) => Promise<void>;
  /** Takes what was said in a room, as text; `body` is read of those who may send it. */
  caption: (
    roomText: string,
    authorization: string | undefined,
    body: () => Promise<Buffer>,
  ) => Promise<void>;
  /** Absent where no room is dialled. */
  vonage?: { answer: Webhook; event: Webhook; pin: PinWebhook };
}

/** All HTTP routes of the public listener. */
export function routes(parts: RouteParts): Router {
  const router = new Router({ strict: true });
  router.get('/healthz', (context) => {
    const ailment = parts.ailment();
    if (ailment) throw ProblemError.of(ailment);
    context.body = 'ok\n';
  });
  router.get('/readyz', (context) => {
    const hindrance = parts.hindrance();
    if (hindrance) throw ProblemError.of(hindrance);
    context.body = 'ready\n';
  });
  addAssetRoutes(router, parts);
  router.get('/v1/rooms/:room', async (context) => {
    const room = await parts.check(allowReaders(context, parts), context.req);
    context.set('Cache-Control', 'no-store');
    context.body = { room, ...parts.describeRoom(room) };
  });
  // Their heads are written by whoever serves them.
  router.get('/v1/rooms/:room/stream', async (context) => {
    await parts.stream(allowReaders(context, parts), context.res);
    context.respond = false;
  });
  router.get('/v1/rooms/:room/stream.wav', async (context) => {
    await parts.streamWav(allowReaders(context, parts), queryOf(context), context.res);
    context.respond = false;
  });
  router.get('/v1/rooms/:room/chunks', async (context) => {
    await parts.poll(allowReaders(context, parts), queryOf(context), context.res);
    context.respond = false;
  });
  // For programs: pages of other origins cannot ask.
  router.post('/v1/rooms/:room/captions', async (context) => {
    const authorization = context.get('authorization') || undefined;
    await parts.caption(String(context.params['room']), authorization, () => rawBody(context.req));
    context.status = 204;
  });
  // A page of another origin that sends a ticket asks first.
  router.options(
    ['/v1/rooms/:room', '/v1/rooms/:room/stream', '/v1/rooms/:room/stream.wav', '/v1/rooms/:room/chunks'],
    (context) => {
      allowReaders(context, parts);
      context.set('Access-Control-Allow-Methods', 'GET');
      context.set('Access-Control-Allow-Headers', 'authorization');
      context.set('Access-Control-Max-Age', '86400');
      context.status = 204;
    },
  );
  addPageRoutes(router, parts);
  if (parts.vonage) {
    const { answer, event, pin } = parts.vonage;
    router.get('/vonage/answer', (context) => reply(context, answer, queryJson(context)));
    router.post('/vonage/answer', async (context) => reply(context, answer, await rawBody(context.req)));
    router.get('/vonage/event', (context) => reply(context, event, queryJson(context)));
    router.post('/vonage/event', async (context) => reply(context, event, await rawBody(context.req)));
    router.post('/vonage/pin/:room/:attempt', async (context) => {
      const { room, attempt } = context.params;
      const webhook: Webhook = (authorization, body) =>
        pin(authorization, body, String(room), String(attempt));
      await reply(context, webhook, await rawBody(context.req));
    });
  }
  return router;
}

/** Lets pages of the room's origins read the answer; gives the room as the path names it. */
function allowReaders(context: Context, { corsOrigin }: RouteParts): string {
  const roomText = String(context['params'].room);
  const origin = corsOrigin(roomText, context.get('origin') || undefined);
  if (origin !== '*') context.vary('Origin');
  if (origin !== undefined) context.set('Access-Control-Allow-Origin', origin);
  return roomText;
}

function queryOf(context: Context): URLSearchParams {
  return new URLSearchParams(context.querystring);
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
      throw ProblemError.of(answer.problem);
    default:
      answer satisfies never;
  }
}

/** The query as the platform signs it: compact JSON of the parameters in their order. */
function queryJson(context: Context): string {
  return JSON.stringify(Object.fromEntries(new URLSearchParams(context.querystring)));
}
