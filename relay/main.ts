import { fileURLToPath } from 'node:url';
import { FRAME_MS } from '../wire/format.ts';
import type { RoomId } from '../wire/room-id.ts';
import type { Middleware } from 'koa';
import { ListenerAdmission } from './access/admission.ts';
import { LegTickets } from './access/leg-tickets.ts';
import { Tickets, bearerToken, type Scope, type TicketVerdict } from './access/tickets.ts';
import { LocalBus } from './bus/local-bus.ts';
import { systemClock, within, type Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { ProblemError } from './errors.ts';
import { Fanout, type SlowCounts } from './fanout/fanout.ts';
import { HttpDoor } from './fanout/http-door.ts';
import { ListenerDoor } from './fanout/listener-socket.ts';
import { Unacked } from './fanout/unacked.ts';
import { createApp } from './http/app.ts';
import { openServer } from './http/server.ts';
import { upgradeHandler } from './http/upgrade.ts';
import { L16Door } from './ingest/l16.ts';
import { LegDoor } from './ingest/leg-door.ts';
import { VonageDoor } from './ingest/vonage-door.ts';
import { VonageProvider } from './ingest/vonage.ts';
import { VonageSignature } from './ingest/vonage-signature.ts';
import type { Provider } from './ingest/provider.ts';
import type { Admission } from './leg.ts';
import { createLog, type Log } from './log.ts';
import { Reception } from './access/reception.ts';
import { describeRoom, dialledRoom } from './room-directory.ts';
import { Room } from './room/room.ts';
import { Rooms } from './room/rooms.ts';
import { lifecycleOf } from './room/room-life.ts';

/** Listeners who were told goodbye may take so long to go. */
const LEAVE_MS = 5000;
/** Closing takes no longer, but for the 2 s that the last connections have to end by themselves. */
const CLOSE_WITHIN_MS = 23_000;

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
  /** What slow listeners have suffered since the start. */
  slow(): Readonly<SlowCounts>;
  /**
   * Admits nobody any more, says goodbye to listeners, hangs up every leg; goes on answering requests until both are
   * done; closes every socket. Resolves after 25 s at the latest; once is enough.
   */
  close(): Promise<void>;
}

/** Builds every part from the configuration, joins them along the way of the sound, and listens. */
export async function startRelay(config: Config, options: RelayOptions = {}): Promise<Relay> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const log = options.log ?? createLog(config.logLevel);
  const configs = new Map(config.rooms.map((room) => [room.id, room]));
  const tickets = config.tickets.secret === undefined ? undefined : new Tickets(config.tickets.secret, clock);
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

  const admission = new ListenerAdmission({
    limits: config.limits,
    retryWindowMs: config.retryWindowMs,
    clock,
    random,
  });
  const reception = new Reception(admission, config.trustProxy, clock, log);

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
    admit: (room, request) => reception.admit(room, request),
    hasRoom: (room) => fanout.has(room),
    checkTicket: (room, ticket) => checkTicket(room, ticket, 'listen'),
    join: (room, transport) => fanout.join(room, transport),
    clock,
    log,
  });
  const httpDoor = new HttpDoor({
    enter: (room, request) => reception.enter(room, request),
    join: (room, transport) => fanout.join(room, transport),
    hello: (room) => fanout.hello(room),
    unacked: new Unacked(clock),
    clock,
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
      hindrance: () => admission.hindrance,
      admit: (room, request, response) => reception.admitResponse(room, request, response),
      stream: (room, response) => httpDoor.stream(room, response),
      streamWav: (room, response) => httpDoor.wav(room, response),
      poll: (room, query, response) => httpDoor.poll(room, query, response),
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
  const server = await openServer({ request: app.callback(), upgrade }, config, clock, log);
  log.info('relay.listening', { url: server.url, rooms: config.rooms.length });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // The clock's timers do not keep the process alive, but a hang-up that is to be tried again must.
    const awake = setInterval(() => {}, 1000);
    admission.close();
    const goodbyes = fanout.close('the relay is going away');
    const gone = goodbyes.then(() => within(clock, LEAVE_MS, admission.emptied()));
    await within(clock, CLOSE_WITHIN_MS, Promise.all([gone, rooms.close()]));
    await server.close();
    clearInterval(awake);
    log.info('relay.closed');
  };
  return {
    url: server.url,
    listeners: () => fanout.listeners,
    slow: () => fanout.slow,
    close: () => (closing ??= close()),
  };
}
