import type { RoomId } from '../wire/room-id.ts';
import { FailureLimit } from './access/failure-limit.ts';
import type { LegTickets } from './access/leg-tickets.ts';
import { PageAccess } from './access/page-access.ts';
import type { Reception } from './access/reception.ts';
import type { RoomAccess } from './access/room-access.ts';
import { bearerToken, type Tickets } from './access/tickets.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { RoomConfig } from './config/room-config.ts';
import type { Fanout } from './fanout/fanout.ts';
import { HttpDoor } from './fanout/http-door.ts';
import { ListenerDoor } from './fanout/listener-socket.ts';
import { Unacked } from './fanout/unacked.ts';
import { openAdmin } from './http/admin.ts';
import { createApp } from './http/app.ts';
import { Assets } from './http/assets.ts';
import type { ActionVerdict, OperatorAction } from './http/operator-action.ts';
import { openServer } from './http/server.ts';
import { upgradeHandler } from './http/upgrade.ts';
import { CaptionDoor } from './ingest/caption-door.ts';
import { L16Door } from './ingest/l16.ts';
import { LegDoor } from './ingest/leg-door.ts';
import { VonageDoor } from './ingest/vonage-door.ts';
import { VonageSignature } from './ingest/vonage-signature.ts';
import { ELEMENT_DIR, PAGES_DIR, VERSION } from './installation.ts';
import type { Admission } from './leg.ts';
import type { OperatorDesk } from './operator-desk.ts';
import type { RelayOptions } from './relay.ts';
import { describeRoom, dialledRoom } from './room-directory.ts';
import type { Rooms } from './room/rooms.ts';

/** Wrong PINs that one calling number is forgiven. */
const PIN_FAILURES_PER_MINUTE = 20;
/** Wrong keys and tickets that one address is forgiven on the admin listener. */
const ADMIN_FAILURES_PER_MINUTE = 20;

/** What stands behind the doors. */
export interface FrontParts {
  config: Config;
  options: RelayOptions;
  clock: Clock;
  desk: OperatorDesk;
  /** As configured; they may change. */
  configured: ReadonlyMap<RoomId, RoomConfig>;
  tickets: Tickets;
  legTickets: LegTickets;
  access: RoomAccess;
  reception: Reception;
  rooms: Rooms;
  fanout: Fanout;
  act: (room: RoomId, action: OperatorAction) => Promise<ActionVerdict>;
}

/** The open doors. */
export interface Front {
  url: string;
  adminUrl: string | undefined;
  close(): Promise<void>;
}

/** Opens every door: who comes is asked in by the reception and taken to a room, its feed or the operator's desk. */
export async function openFront(parts: FrontParts): Promise<Front> {
  const { config, options, clock, desk } = parts;
  const pageFiles = Assets.in(options.pagesDir ?? PAGES_DIR);
  const handlers = publicHandlers(parts, pageFiles);
  const admin =
    config.admin &&
    (await openAdmin(config.admin, {
      pageFiles,
      rooms: () => desk.rooms(),
      status: () => desk.status(),
      health: () => desk.liveness.hindrance,
      metrics: async () => ({ type: desk.metrics.contentType, text: await desk.metrics.text() }),
      timeline: (room) => desk.timeline.ofRoom(room),
      history: desk.history,
      act: parts.act,
      revoke: (room) => parts.reception.revoke(room),
      adminRooms: (authorization) => parts.tickets.checkAdmin(bearerToken(authorization)),
      failures: new FailureLimit(ADMIN_FAILURES_PER_MINUTE, clock),
      clock,
      log: desk.log,
    }));
  const server = await openServer(handlers, config, clock, desk.log).catch(async (error: unknown) => {
    await admin?.close();
    throw error;
  });
  return {
    url: server.url,
    adminUrl: admin?.url,
    close: async () => void (await Promise.all([server.close(), admin?.close()])),
  };
}

function publicHandlers(parts: FrontParts, pageFiles: Assets) {
  const { config, options, clock, desk, configured, access, reception, rooms, fanout } = parts;
  const { log, metrics } = desk;
  const pages = new PageAccess({ rooms: configured, tickets: parts.tickets, access });
  const listenerDoor = new ListenerDoor({
    receive: (room, request) => metrics.ofJoin(reception.receiveUpgrade(room, request)),
    join: (room, transport) => fanout.join(room, transport),
    clock,
    log,
  });
  const httpDoor = new HttpDoor({
    receive: (room, request, response, ticket) =>
      metrics.ofJoin(reception.receiveResponse(room, request, response, ticket)),
    receivePoll: (room, request) => metrics.ofJoin(reception.receivePoll(room, request)),
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
    admit: (id) => {
      const room = rooms.get(id);
      return room && desk.ingest.of(room.admitPublisher());
    },
    log,
  });
  const captionDoor = new CaptionDoor({ access, room: (id) => rooms.get(id), clock });
  const vonageDoor = openVonageDoor(parts, legDoor);
  const app = createApp(
    {
      assets: Assets.in(options.assetsDir ?? ELEMENT_DIR),
      pageFiles,
      version: VERSION,
      publicUrl: config.publicUrl,
      providerName: config.providerName,
      extraPages: options.extraPages,
      describeRoom: (id) => describeRoom(rooms.get(id), configured.get(id)),
      check: (room, request) => reception.check(room, request),
      corsOrigin: (room, origin) => access.corsOrigin(room, origin),
      page: (room) => pages.page(room),
      renewPage: (room, ticket) => pages.renew(room, ticket),
      ailment: () => desk.liveness.hindrance,
      hindrance: () => desk.readiness.hindrance,
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
  return { request: app.callback(), upgrade };
}

/** Undefined where no room is dialled. */
function openVonageDoor(
  { config, clock, desk, configured, legTickets, rooms }: FrontParts,
  door: LegDoor,
): VonageDoor | undefined {
  if (!config.vonage) return undefined;
  return new VonageDoor({
    door,
    signature: new VonageSignature(config.vonage, clock),
    spendLegTicket: (room, ticket) => legTickets.spend(room, ticket, clock.nowMs()),
    admit: (room, epoch): Admission =>
      desk.ingest.of(rooms.get(room)?.admitLeg(epoch) ?? { kind: 'refused', why: 'not-expected' }),
    roomOfNumber: (number) => dialledRoom([...configured.values()], number),
    roomOfId: (room) => configured.get(room),
    pinFailures: new FailureLimit(PIN_FAILURES_PER_MINUTE, clock),
    publicUrl: config.publicUrl,
    onNews: ({ legId, end }) => rooms.callOver(legId, end),
    log: desk.log,
  });
}
