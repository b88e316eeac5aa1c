import type { RoomId } from '../wire/room-id.ts';
import { ListenerAdmission } from './access/admission.ts';
import { FailureLimit } from './access/failure-limit.ts';
import { LegTickets } from './access/leg-tickets.ts';
import { PageAccess } from './access/page-access.ts';
import { Reception } from './access/reception.ts';
import { RoomAccess } from './access/room-access.ts';
import { Tickets, bearerToken } from './access/tickets.ts';
import { LocalBus } from './bus/local-bus.ts';
import { systemClock, within, type Clock } from './clock.ts';
import { changesBetween, type ConfigChange } from './config/config-change.ts';
import type { Config } from './config/config.ts';
import { Fanout } from './fanout/fanout.ts';
import { HttpDoor } from './fanout/http-door.ts';
import { ListenerDoor } from './fanout/listener-socket.ts';
import { Unacked } from './fanout/unacked.ts';
import { openAdmin } from './http/admin.ts';
import { createApp } from './http/app.ts';
import { Assets } from './http/assets.ts';
import { openServer } from './http/server.ts';
import { upgradeHandler } from './http/upgrade.ts';
import { CaptionDoor } from './ingest/caption-door.ts';
import { L16Door } from './ingest/l16.ts';
import { LegDoor } from './ingest/leg-door.ts';
import { hangUpOrphans } from './ingest/orphans.ts';
import { VonageDoor } from './ingest/vonage-door.ts';
import { VonageProvider } from './ingest/vonage.ts';
import { VonageSignature } from './ingest/vonage-signature.ts';
import type { Provider } from './ingest/provider.ts';
import { ELEMENT_DIR, PAGES_DIR, VERSION } from './installation.ts';
import type { Admission } from './leg.ts';
import { createLog, type Log } from './log.ts';
import type { Relay, RelayOptions } from './relay.ts';
import { RoomBook } from './room-book.ts';
import { describeRoom, dialledRoom, operatedRooms } from './room-directory.ts';
import { Rooms } from './room/rooms.ts';

export type { Relay, RelayOptions } from './relay.ts';

/** Listeners who were told goodbye may take so long to go. */
const LEAVE_MS = 5000;
/** Closing takes no longer, but for the 2 s that the last connections have to end by themselves. */
const CLOSE_WITHIN_MS = 23_000;

/** Wrong PINs that one calling number is forgiven. */
const PIN_FAILURES_PER_MINUTE = 20;
/** Wrong keys and tickets that one address is forgiven on the admin listener. */
const ADMIN_FAILURES_PER_MINUTE = 20;

/** Builds every part from the configuration, joins them along the way of the sound, and listens. */
export async function startRelay(config: Config, options: RelayOptions = {}): Promise<Relay> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const log = options.log ?? createLog(config.logLevel);
  for (const { name } of config.unsafe) log.warn('relay.unsafe', { setting: name });
  const tickets = new Tickets(config.tickets, clock);
  const legTickets = new LegTickets();
  const bus = new LocalBus();
  const book = new RoomBook({
    open: (room) => {
      rooms.open(config, room);
      fanout.open(room.id, room);
    },
    drop: (id) => {
      fanout.drop(id);
      void rooms.drop(id);
    },
    isAtRest: (id) => {
      const { state, listeners } = rooms.get(id)?.describe() ?? { state: 'idle', listeners: 0 };
      return state === 'idle' && listeners === 0;
    },
    clock,
  });
  const { configured, running } = book;

  const provider: Provider | undefined =
    config.vonage &&
    new VonageProvider({ ...config.vonage, publicUrl: config.publicUrl }, running, clock, log);
  const calls = provider && {
    place: (room: RoomId, epoch: number) =>
      provider.placeCall(room, legTickets.issue(room, epoch, clock.nowMs())),
    hangUp: (room: RoomId, legId: string) => provider.hangUp(room, legId),
  };

  const rooms = new Rooms({
    calls: calls ?? null,
    out: (id, message) => bus.publish(id, message),
    clock,
    random,
    log,
  });
  bus.watchAudience((id, listeners) => rooms.get(id)?.audience(listeners));

  const fanout = new Fanout({
    rooms: running,
    subscribe: (id, onMessage) => bus.subscribe(id, onMessage),
    announce: (id, listeners) => bus.announce(id, listeners),
    retryWindowMs: config.retryWindowMs,
    clock,
    random,
  });

  book.take(config.rooms);

  const admission = new ListenerAdmission({
    limits: config.limits,
    ofRoom: (room) => configured.get(room)?.maxListeners ?? 0,
    retryWindowMs: config.retryWindowMs,
    clock,
    random,
  });
  const access = new RoomAccess({ rooms: configured, tickets, ownOrigin: config.publicUrl, clock });
  const pages = new PageAccess({ rooms: configured, tickets, access });
  const reception = new Reception({ admission, access, trustProxy: config.trustProxy, clock, log });

  const listenerDoor = new ListenerDoor({
    receive: (room, request) => reception.receiveUpgrade(room, request),
    join: (room, transport) => fanout.join(room, transport),
    clock,
    log,
  });
  const httpDoor = new HttpDoor({
    receive: (room, request, response, ticket) => reception.receiveResponse(room, request, response, ticket),
    receivePoll: (room, request) => reception.receivePoll(room, request),
    check: (room, request, stay) => reception.check(room, request, stay),
    join: (room, transport) => fanout.join(room, transport),
    hello: (room) => fanout.hello(room),
    unacked: new Unacked(clock),
    clock,
  });

  const legDoor = new LegDoor(clock, log);
  const l16Door = new L16Door({
    door: legDoor,
    checkTicket: (ticket, room) => access.checkPublisher(ticket, room),
    admit: (room) => rooms.get(room)?.admitPublisher(),
    log,
  });
  const captionDoor = new CaptionDoor({ access, room: (id) => rooms.get(id), clock });
  const vonageDoor =
    config.vonage &&
    new VonageDoor({
      door: legDoor,
      signature: new VonageSignature(config.vonage, clock),
      spendLegTicket: (room, ticket) => legTickets.spend(room, ticket, clock.nowMs()),
      admit: (room, epoch): Admission =>
        rooms.get(room)?.admitLeg(epoch) ?? { kind: 'refused', why: 'not-expected' },
      roomOfNumber: (number) => dialledRoom([...configured.values()], number),
      roomOfId: (room) => configured.get(room),
      pinFailures: new FailureLimit(PIN_FAILURES_PER_MINUTE, clock),
      publicUrl: config.publicUrl,
      onNews: ({ legId, end }) => rooms.callOver(legId, end),
      log,
    });

  const app = createApp(
    {
      assets: Assets.in(options.assetsDir ?? ELEMENT_DIR),
      pageFiles: Assets.in(options.pagesDir ?? PAGES_DIR),
      version: VERSION,
      publicUrl: config.publicUrl,
      providerName: config.providerName,
      extraPages: options.extraPages,
      describeRoom: (id) => describeRoom(rooms.get(id), configured.get(id)),
      check: (room, request) => reception.check(room, request),
      corsOrigin: (room, origin) => access.corsOrigin(room, origin),
      page: (room) => pages.page(room),
      renewPage: (room, ticket) => pages.renew(room, ticket),
      hindrance: () => admission.hindrance,
      stream: (room, response) => httpDoor.stream(room, response),
      streamWav: (room, query, response) => httpDoor.wav(room, query, response),
      poll: (room, query, response) => httpDoor.poll(room, query, response),
      caption: (room, authorization, body) => captionDoor.post(room, authorization, body),
      ...(vonageDoor && {
        vonage: {
          answer: (authorization, body) => vonageDoor.answer(authorization, body),
          event: (authorization, body) => vonageDoor.event(authorization, body),
          pin: (authorization, body, room, attempt) => vonageDoor.pin(authorization, body, room, attempt),
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
  const admin =
    config.admin &&
    (await openAdmin(config.admin, {
      rooms: () => operatedRooms([...configured.values()], (id) => rooms.get(id)),
      revoke: (room) => reception.revoke(room),
      adminRooms: (authorization) => tickets.checkAdmin(bearerToken(authorization)),
      failures: new FailureLimit(ADMIN_FAILURES_PER_MINUTE, clock),
      clock,
      log,
    }));
  const server = await openServer({ request: app.callback(), upgrade }, config, clock, log).catch(
    async (error: unknown) => {
      await admin?.close();
      throw error;
    },
  );
  log.info('relay.listening', { url: server.url, rooms: config.rooms.length });
  const tidied =
    provider && hangUpOrphans(provider, ({ room, legTicket }) => legTickets.isOurs(room, legTicket), log);

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // The clock's timers do not keep the process alive, but a hang-up that is to be tried again must.
    const awake = setInterval(() => {}, 1000);
    admission.close();
    book.close();
    const goodbyes = fanout.close('the relay is going away');
    const gone = goodbyes.then(() => within(clock, LEAVE_MS, admission.emptied()));
    await within(clock, CLOSE_WITHIN_MS, Promise.all([gone, rooms.close(), tidied]));
    await Promise.all([server.close(), admin?.close()]);
    clearInterval(awake);
    log.info('relay.closed');
  };
  let current = config;
  const reload = (next: Config): ConfigChange[] => {
    const changes = changesBetween(current, next);
    for (const change of changes) log.info('config.changed', { ...change });
    current = next;
    tickets.rekey(next.tickets);
    admission.setLimits(next.limits);
    // Without a phone platform nobody could dial: that one comes with a restart.
    book.take(next.rooms.filter(({ source }) => source === 'l16' || calls !== undefined));
    access.roomsChanged();
    log.info('config.reloaded', { changes: changes.length, waiting: book.waiting.join(' ') });
    return changes;
  };
  return {
    url: server.url,
    adminUrl: admin?.url,
    reload,
    listeners: () => fanout.listeners,
    slow: () => fanout.slow,
    close: () => (closing ??= close()),
  };
}
