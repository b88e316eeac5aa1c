import type { RoomId } from '../wire/room-id.ts';
import { ListenerAdmission } from './access/admission.ts';
import { LegTickets } from './access/leg-tickets.ts';
import { Reception } from './access/reception.ts';
import { RoomAccess } from './access/room-access.ts';
import { Tickets } from './access/tickets.ts';
import { LocalBus } from './bus/local-bus.ts';
import { systemClock, within } from './clock.ts';
import { changesBetween, type ConfigChange } from './config/config-change.ts';
import type { Config } from './config/config.ts';
import { Fanout } from './fanout/fanout.ts';
import { hangUpOrphans } from './ingest/orphans.ts';
import { VonageProvider } from './ingest/vonage.ts';
import type { Provider } from './ingest/provider.ts';
import { openFront } from './front.ts';
import type { ActionVerdict, OperatorAction } from './http/operator-action.ts';
import { createLog } from './log.ts';
import { OperatorDesk } from './operator-desk.ts';
import type { Relay, RelayOptions } from './relay.ts';
import { RoomBook } from './room-book.ts';
import { Rooms } from './room/rooms.ts';

export type { Relay, RelayOptions } from './relay.ts';

/** Listeners who were told goodbye may take so long to go. */
const LEAVE_MS = 5000;
/** Closing takes no longer, but for the 2 s that the last connections have to end by themselves. */
const CLOSE_WITHIN_MS = 23_000;

/** Builds every part from the configuration, joins them along the way of the sound, and listens. */
export async function startRelay(config: Config, options: RelayOptions = {}): Promise<Relay> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
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
    isAtRest: (id) => rooms.get(id)?.isAtRest ?? true,
    clock,
  });
  const { configured, running } = book;
  const fanout = new Fanout({
    rooms: running,
    subscribe: (id, onMessage) => bus.subscribe(id, onMessage),
    announce: (id, listeners) => bus.announce(id, listeners),
    retryWindowMs: config.retryWindowMs,
    clock,
    random,
    watch: {
      delivered: (tookMs) => desk.metrics.delivered(tookMs),
      answered: (tookMs) => desk.metrics.answered(tookMs),
    },
  });

  const desk = new OperatorDesk({
    config,
    clock,
    log: options.log ?? createLog(config.logLevel),
    rooms: configured,
    room: (id) => rooms.get(id),
    sound: () => fanout,
    admission: () => admission.hindrance,
  });
  const { log } = desk;
  for (const { name } of config.unsafe) log.warn('relay.unsafe', { setting: name });
  const tickets = new Tickets(config.tickets, clock);
  const legTickets = new LegTickets();

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
  bus.watchAudience((id, listeners) => {
    rooms.get(id)?.audience(listeners);
    desk.audience(id, listeners);
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
  const reception = new Reception({ admission, access, trustProxy: config.trustProxy, clock, log });

  const act = async (id: RoomId, action: OperatorAction): Promise<ActionVerdict> => {
    const room = rooms.get(id);
    switch (action.kind) {
      case 'call': {
        const verdict = room?.call() ?? 'not-dialled';
        return verdict === 'calling' ? 'done' : verdict;
      }
      case 'hang-up': {
        const verdict = room?.hangUp() ?? 'no-call';
        return verdict === 'hanging-up' ? 'done' : verdict;
      }
      case 'kick':
        await fanout.dismissAll(id, 'the operator has ended listening');
        return 'done';
      case 'announce':
        bus.publish(id, { kind: 'notice', text: action.text });
        return 'done';
      default:
        return action satisfies never;
    }
  };
  const front = await openFront({
    config,
    options,
    clock,
    desk,
    configured,
    tickets,
    legTickets,
    access,
    reception,
    rooms,
    fanout,
    act,
  }).catch(async (error: unknown) => {
    await desk.close();
    throw error;
  });
  log.info('relay.listening', { url: front.url, adminUrl: front.adminUrl, rooms: config.rooms.length });
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
    await front.close();
    log.info('relay.closed');
    await desk.close();
    clearInterval(awake);
  };
  let current = config;
  const reload = (next: Config): ConfigChange[] => {
    const changes = changesBetween(current, next);
    for (const change of changes) log.info('config.changed', { ...change });
    current = next;
    tickets.rekey(next.tickets);
    admission.setLimits(next.limits);
    desk.take(next);
    // Without a phone platform nobody could dial: that one comes with a restart.
    book.take(next.rooms.filter(({ source }) => source === 'l16' || calls !== undefined));
    for (const room of next.rooms) rooms.get(room.id)?.reschedule(room.schedule);
    access.roomsChanged();
    log.info('config.reloaded', { changes: changes.length, waiting: book.waiting.join(' ') });
    return changes;
  };
  return {
    url: front.url,
    adminUrl: front.adminUrl,
    log,
    reload,
    listeners: () => fanout.listeners,
    slow: () => fanout.slow,
    close: () => (closing ??= close()),
  };
}
