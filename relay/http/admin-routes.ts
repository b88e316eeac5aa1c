import Router, { type RouterContext } from '@koa/router';
import { Readable } from 'node:stream';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { refusalOf } from '../access/access-refusal.ts';
import type { Clock } from '../clock.ts';
import { ProblemError, type Problem } from '../errors.ts';
import type { HistoryFault } from '../history/history-fault.ts';
import type { History } from '../history/history.ts';
import type { HistoryTable } from '../history/records.ts';
import type { Happening, Log } from '../log.ts';
import type { OperatedRoom, RelayStatus } from '../relay-status.ts';
import type { AdminState } from './admin-guard.ts';
import { rawBody } from './body.ts';
import { historyRequestOf, type HistoryRequest } from './history-query.ts';
import {
  announcementIn,
  throwUnlessDone,
  type ActionVerdict,
  type OperatorAction,
} from './operator-action.ts';

/** As many of a room's happenings are told. */
const MOST_EVENTS = 200;

/** What is kept beyond a restart, as far as it is asked here. */
export type KeptHistory = Pick<History, HistoryTable | 'csv'>;

/** What the routes of the admin listener hand requests to. */
export interface AdminRouteParts {
  rooms: () => readonly OperatedRoom[];
  status: () => RelayStatus;
  /** Why the relay should be started anew; undefined while it is well. */
  health: () => Problem | undefined;
  metrics: () => Promise<{ type: string; text: string }>;
  /** What happened to a room since the start, newest last. */
  timeline: (room: RoomId) => readonly Happening[];
  /** Undefined where nothing is kept. */
  history: KeptHistory | undefined;
  act: (room: RoomId, action: OperatorAction) => Promise<ActionVerdict>;
  /** Takes back a room's tickets and sends its listeners away. */
  revoke: (room: RoomId) => Promise<void>;
  clock: Clock;
  log: Log;
}

type AdminRouter = Router<AdminState>;
type AdminContext = RouterContext<AdminState>;

/** All routes behind the key. */
export function adminRoutes(parts: AdminRouteParts): AdminRouter {
  const router: AdminRouter = new Router({ strict: true });
  addRelayRoutes(router, parts);
  addRoomRoutes(router, parts);
  addActionRoutes(router, parts);
  return router;
}

function addRelayRoutes(router: AdminRouter, { health, status, rooms, metrics }: AdminRouteParts): void {
  router.get('/healthz', (context) => {
    const ailment = health();
    if (ailment) throw ProblemError.of(ailment);
    context.body = 'ok\n';
  });
  router.get('/metrics', async (context) => {
    if (context.state.by !== 'key')
      throw new ProblemError('key-refused', 'Metrics tell of every room: bring the admin key.');
    const { type, text } = await metrics();
    context.set('Content-Type', type);
    context.body = text;
  });
  router.get('/v1/status', (context) => {
    const found = status();
    context.body = { ...found, rooms: ruled(context, found.rooms) };
  });
  router.get('/v1/rooms', (context) => {
    context.body = { rooms: ruled(context, rooms()) };
  });
}

function addRoomRoutes(router: AdminRouter, { rooms, timeline, history, clock }: AdminRouteParts): void {
  router.get('/v1/rooms/:room/timeline', (context) => {
    context.body = { events: timeline(roomOf(context, rooms)).slice(-MOST_EVENTS) };
  });
  router.get('/v1/rooms/:room/history', async (context) => {
    const room = roomOf(context, rooms);
    const request = historyRequestOf(new URLSearchParams(context.querystring), room, clock.wallMs());
    if (!history)
      throw new ProblemError('no-history', 'This relay keeps no history: see the setting "history".');
    if (request.format === 'csv') await serveCsv(context, history, room, request);
    else await serveRecords(context, history, room, request);
  });
}

function addActionRoutes(router: AdminRouter, { rooms, act, revoke, log }: AdminRouteParts): void {
  const perform = async (
    context: AdminContext,
    asked: OperatorAction | (() => Promise<OperatorAction>),
  ): Promise<void> => {
    const room = roomOf(context, rooms);
    const action = typeof asked === 'function' ? await asked() : asked;
    const verdict = await act(room, action);
    log.info(`operator.${action.kind}`, { room, by: context.state.by, verdict });
    throwUnlessDone(verdict);
    context.status = 204;
  };
  router.post('/v1/rooms/:room/call', (context) => perform(context, { kind: 'call' }));
  router.post('/v1/rooms/:room/hangup', (context) => perform(context, { kind: 'hang-up' }));
  router.post('/v1/rooms/:room/kick', (context) => perform(context, { kind: 'kick' }));
  router.post('/v1/rooms/:room/announce', (context) =>
    perform(context, async () => announcementIn(context.get('Content-Type'), await rawBody(context.req))),
  );
  router.post('/v1/rooms/:room/revoke', async (context) => {
    const room = roomOf(context, rooms);
    log.warn('room.revoked', { room, by: context.state.by });
    await revoke(room);
    context.status = 204;
  });
}

async function serveRecords(
  context: AdminContext,
  history: KeptHistory,
  room: RoomId,
  { kind, query }: HistoryRequest,
): Promise<void> {
  const answer = await history[kind](query);
  if (answer.kind === 'unavailable') throw unavailable(answer.code);
  const { fromMs, toMs } = query;
  context.body = { room, kind, fromMs, toMs, records: answer.rows, more: answer.more };
}

/** All of it, whatever its limit, in pieces as the client takes them. */
async function serveCsv(
  context: AdminContext,
  history: KeptHistory,
  room: RoomId,
  { kind, query }: HistoryRequest,
): Promise<void> {
  const answer = await history.csv(kind, query);
  if (answer.kind === 'unavailable') throw unavailable(answer.code);
  context.attachment(`conf-${room}-${kind}.csv`);
  context.set('Content-Type', 'text/csv; charset=utf-8; header=present');
  context.body = Readable.from(answer.pages);
}

function unavailable(code: HistoryFault): ProblemError {
  return new ProblemError(
    'history-unavailable',
    `The history cannot be read now (${code}): the relay’s log says what to do.`,
  );
}

function ruled(context: AdminContext, rooms: readonly OperatedRoom[]): OperatedRoom[] {
  return rooms.filter(({ room }) => context.state.mayRule(room));
}

/** The room that a path names. Throws the problem where it is none, or not one of theirs. */
function roomOf(context: AdminContext, rooms: AdminRouteParts['rooms']): RoomId {
  const room = parseRoomId(String(context.params['room']));
  if (!room) throw ProblemError.of(refusalOf('bad-room-id'));
  if (!ruled(context, rooms()).some((one) => one.room === room))
    throw ProblemError.of(refusalOf('room-not-found'));
  return room;
}
