import { fileURLToPath } from 'node:url';
import { FRAME_MS } from '../wire/format.ts';
import type { RoomId } from '../wire/room-id.ts';
import type { Middleware } from 'koa';
import { LegTickets, Tickets, bearerToken, type Scope, type TicketVerdict } from './auth.ts';
import { LocalBus } from './bus/local-bus.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config, RoomConfig } from './config.ts';
import { ProblemError } from './errors.ts';
import { Fanout } from './fanout/fanout.ts';
import { ListenerDoor } from './fanout/listener-socket.ts';
import { WavTransport } from './fanout/wav-stream.ts';
import { createApp } from './http/app.ts';
import { openServer } from './http/server.ts';
import { upgradeHandler } from './http/upgrade.ts';
import type { RoomDescription } from './http/routes.ts';
import { L16Door } from './ingest/l16.ts';
import { LegDoor } from './ingest/leg-door.ts';
import { VonageDoor } from './ingest/vonage-door.ts';
import { VonageProvider } from './ingest/vonage.ts';
import { VonageSignature } from './ingest/vonage-signature.ts';
import type { Provider } from './ingest/provider.ts';
import type { Admission } from './leg.ts';
import { createLog, type Log } from './log.ts';
import { Room } from './room/room.ts';
import { Rooms } from './room/rooms.ts';
import type { LifecycleSettings } from './room/room-life.ts';

const DIAL_TIMEOUT_MS = 45_000;
const QUIET_MS = 2000;
const STEADY_MS = 30_000;
const CLOSE_GRACE_MS = 1000;

/** What tests and the demo may put in place of the real thing. */
export interface RelayOptions {
  log?: Log;
  clock?: Clock;
  random?: () => number;
  /** Where the built element lies; default: beside the built relay. */
  assetsDir?: string;
  /** Serves what the relay itself does not, such as the demo's pages. */
  extraPages?: Middleware;
}

/** A running relay. */
export interface Relay {
  /** `http://host:port` it listens on. */
  url: string;
  /** Connected listeners, all rooms. */
  listeners(): number;
  /** Says goodbye to listeners, hangs up every leg, closes every socket. Resolves when all is done; once is enough. */
  close(): Promise<void>;
}

/** Builds every part from the configuration, joins them along the way of the sound, and listens. */
export async function startRelay(config: Config, options: RelayOptions = {}): Promise<Relay> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const log = options.log ?? createLog(config.logLevel);
  const configs = new Map(config.rooms.map((room) => [room.id, room]));
  const tickets = config.ticketSecret === undefined ? undefined : new Tickets(config.ticketSecret, clock);
  const legTickets = new LegTickets();
  const bus = new LocalBus();

  const provider: Provider | undefined =
    config.vonage &&
    new VonageProvider(
      { ...config.vonage, publicUrl: config.publicUrl },
      (room) => configs.get(room)?.conversation ?? room,
      clock,
      log,
    );
  const calls = provider && {
    place: (room: RoomId, epoch: number) =>
      provider.placeCall(room, legTickets.issue(room, epoch, clock.wallMs())),
    hangUp: (legId: string) => provider.hangUp(legId),
  };

  const rooms = new Rooms(
    new Map(
      config.rooms.map(({ id, source, chunkMs, silence }) => {
        const dials = source === 'vonage';
        const lifecycle = lifecycleOf(config, dials);
        const suppressSilence = silence === 'suppress';
        const out = bus.publish.bind(bus, id);
        return [
          id,
          new Room({
            id,
            // The fan-out joins frames to chunks, for each part of the audience at another moment.
            chunkMs: FRAME_MS,
            prerollMs: chunkMs - FRAME_MS,
            suppressSilence,
            lifecycle,
            calls: (dials && calls) || null,
            clock,
            random,
            log,
            out,
          }),
        ];
      }),
    ),
  );
  bus.watchAudience((id, listeners) => rooms.get(id)?.audience(listeners));

  const fanout = new Fanout({
    rooms: configs,
    subscribe: (id, onMessage) => bus.subscribe(id, onMessage),
    announce: (id, listeners) => bus.announce(id, listeners),
    retryWindowMs: config.retryWindowMs,
    clock,
    random,
  });

  const checkTicket = (
    room: RoomId,
    ticket: string | undefined,
    scope: Scope,
  ): Promise<TicketVerdict> | undefined => {
    if (scope === 'listen' && configs.get(room)?.access === 'open') return undefined;
    return (
      tickets?.check(ticket ?? '', room, scope) ?? Promise.resolve({ kind: 'wrong', code: 'not-a-ticket' })
    );
  };
  const listenerDoor = new ListenerDoor({
    hasRoom: (room) => fanout.has(room),
    checkTicket: (room, ticket) => checkTicket(room, ticket, 'listen'),
    join: (room, transport) => fanout.join(room, transport),
    clock,
    log,
  });

  const legDoor = new LegDoor(clock, log);
  const l16Door = new L16Door({
    door: legDoor,
    checkTicket: async (ticket, room) =>
      (await checkTicket(room, ticket, 'publish')) ?? { kind: 'wrong', code: 'not-a-ticket' },
    admit: (room) => rooms.get(room)?.admitPublisher(),
    log,
  });
  const vonageDoor =
    config.vonage &&
    new VonageDoor({
      door: legDoor,
      signature: new VonageSignature(config.vonage, clock),
      checkLegTicket: (room, ticket) => legTickets.check(room, ticket, clock.wallMs()),
      admit: (room, epoch): Admission =>
        rooms.get(room)?.admitLeg(epoch) ?? { kind: 'refused', why: 'not-expected' },
      roomOfNumber: (number) => dialledRoom(config.rooms, number),
      onNews: ({ legId, end }) => rooms.callOver(legId, end),
      log,
    });

  const app = createApp(
    {
      assetsDir: options.assetsDir ?? fileURLToPath(new URL('../component/', import.meta.url)),
      publicUrl: config.publicUrl,
      extraPages: options.extraPages,
      describeRoom: (id) => describeRoom(rooms.get(id), configs.get(id)),
      checkTicket: async (room, authorization) => {
        const verdict = await checkTicket(room, bearerToken(authorization), 'listen');
        if (verdict?.kind === 'wrong')
          throw new ProblemError('ticket-refused', `This room wants a ticket (${verdict.code}).`);
      },
      streamWav: (room, request, response) => {
        // Gone while its ticket was checked: its `close` has been, and nobody would ever take the listener out.
        if (response.destroyed) return;
        response.writeHead(200, {
          'Content-Type': 'audio/wav',
          // It ends when one side goes: nothing follows on its connection.
          Connection: 'close',
          'Cache-Control': 'no-store, no-transform',
          'Access-Control-Allow-Origin': '*',
          'X-Accel-Buffering': 'no',
        });
        // Who asks for the head alone does not listen: a link checker must not place a call.
        if (request.method === 'HEAD') return void response.end();
        response.once('close', fanout.join(room, new WavTransport(response)));
      },
      ...(vonageDoor && {
        vonage: {
          answer: (authorization, body) => vonageDoor.answer(authorization, body),
          event: (authorization, body) => vonageDoor.event(authorization, body),
        },
      }),
    },
    log,
  );
  const upgrade = upgradeHandler(
    {
      listener: (request, socket, head, room) => listenerDoor.upgrade(request, socket, head, room),
      publisher: (request, socket, head, room) => l16Door.upgrade({ request, socket, head }, room),
      leg:
        vonageDoor &&
        ((request, socket, head, room, ticket) =>
          vonageDoor.upgrade({ request, socket, head }, room, ticket)),
    },
    log,
  );
  const server = await openServer({ request: app.callback(), upgrade }, config, clock);
  log.info('relay.listening', { url: server.url, rooms: config.rooms.length });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // The clock's timers do not keep the process alive, but a hang-up that is to be tried again must.
    const awake = setInterval(() => {}, 1000);
    const closed = server.close();
    await Promise.all([fanout.close('the relay is going away'), rooms.close()]);
    await closed;
    clearInterval(awake);
    log.info('relay.closed');
  };
  return { url: server.url, listeners: () => fanout.listeners, close: () => (closing ??= close()) };
}

function lifecycleOf(config: Config, dials: boolean): LifecycleSettings {
  return {
    dials,
    lingerMs: config.lingerMs,
    stalledMs: config.stalledMs,
    maxLegMs: (config.vonage?.lengthTimerSec ?? Infinity) * 1000,
    dialTimeoutMs: DIAL_TIMEOUT_MS,
    quietMs: QUIET_MS,
    steadyMs: STEADY_MS,
    closeGraceMs: CLOSE_GRACE_MS,
  };
}

function describeRoom(live: Room | undefined, room: RoomConfig | undefined): RoomDescription | undefined {
  if (!live || !room) return undefined;
  const { mediaMs, listeners, ...status } = live.describe();
  return {
    title: room.title,
    ...status,
    chunkMs: room.chunkMs,
    mediaMs: mediaMs === null ? null : Math.round(mediaMs),
    ...(room.showListeners && { listeners }),
  };
}

/** The room under a dialled number; a relay with one room and no numbers has no doubt. */
function dialledRoom(rooms: readonly RoomConfig[], number: string): RoomConfig | undefined {
  const dialled = rooms.filter(({ source }) => source === 'vonage');
  const found = dialled.find((room) => room.number === number);
  return found ?? (dialled.length === 1 && dialled[0]?.number === undefined ? dialled[0] : undefined);
}
