import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TICKET_PREFIX } from '../../wire/messages.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { inSlices, type Clock } from '../clock.ts';
import { ProblemError, type Problem } from '../errors.ts';
import type { Log } from '../log.ts';
import { SeldomLog } from '../seldom-log.ts';
import { refusalOf } from './access-refusal.ts';
import type { ListenerAdmission } from './admission.ts';
import { clientAddress } from './client-address.ts';
import type { Comer, RoomAccess } from './room-access.ts';
import { Stay } from './stay.ts';
import { bearerToken } from './tickets.ts';

const LOG_EVERY_MS = 60_000;
/** Sending a room's listeners away takes the event loop so long at a stretch, ms. */
const REVOKE_SLICE_MS = 5;

/**
 * What becomes of a listener at the door. `not-now`: refuse it before any work is done for it, with a 503. `refused`:
 * a person should read why, so a WebSocket is opened and closed with the code that says the same.
 */
export type Welcome =
  | { kind: 'admitted'; room: RoomId; stay: Stay }
  | { kind: 'not-now'; refusal: Problem }
  | { kind: 'refused'; refusal: Problem };

/** Who was let in; throws the problem where nobody was. */
export function admitted(welcome: Welcome): { room: RoomId; stay: Stay } {
  if (welcome.kind === 'admitted') return welcome;
  throw ProblemError.of(welcome.refusal);
}

/** What the reception is made of. */
export interface ReceptionParts {
  admission: ListenerAdmission;
  access: RoomAccess;
  /** So many proxies stand in front. */
  trustProxy: number;
  clock: Clock;
  log: Log;
}

/** A request to listen. */
interface Asking {
  roomText: string;
  request: IncomingMessage;
  ticket: string | undefined;
  isTicketInUrl?: boolean;
  /** With its `close` the listener has gone; undefined for one who stays from one request to the next. */
  closing?: EventEmitter & { readonly destroyed: boolean };
}

/** Where listeners of every transport ask to be let in, with the request that they came with. */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #log: SeldomLog;
  /** Everybody who is there and came with a ticket, by room. */
  readonly #stays = new Map<RoomId, Set<Stay>>();

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    this.#log = new SeldomLog(parts.log, parts.clock, LOG_EVERY_MS);
  }

  /** Lets a listener in until the connection itself closes: for upgrades, which have it for themselves. */
  receiveUpgrade(roomText: string, request: IncomingMessage): Promise<Welcome> {
    return this.#receive({ roomText, request, ticket: offeredTicket(request), closing: request.socket });
  }

  /** Lets a listener in until its response closes. `urlTicket`: what stands in the address. */
  async receiveResponse(
    roomText: string,
    request: IncomingMessage,
    response: ServerResponse,
    urlTicket?: string,
  ): Promise<Welcome> {
    // Behind another response on its connection (no browser sends requests so) its end would not be noticed.
    if (!response.socket) {
      throw new ProblemError('bad-request', 'Ask for a stream on a connection of its own.');
    }
    const shown = headerTicket(request);
    const isTicketInUrl = shown === undefined;
    return this.#receive({ roomText, request, ticket: shown ?? urlTicket, isTicketInUrl, closing: response });
  }

  /** Lets a listener in until its stay ends: for those who are there for longer than one request. */
  receivePoll(roomText: string, request: IncomingMessage): Promise<Welcome> {
    return this.#receive({ roomText, request, ticket: headerTicket(request) });
  }

  /**
   * Whether this request may know of a room what its listeners know; throws the problem where it may not. `stay` is
   * that of its listener, who may stay for as long as the ticket is good that came now.
   */
  async check(roomText: string, request: IncomingMessage, stay?: Stay): Promise<RoomId> {
    const comer = this.#comer({ roomText, request, ticket: headerTicket(request) });
    const verdict = await this.#parts.access.check(roomText, comer);
    if (verdict.kind === 'refused') throw ProblemError.of(verdict.refusal);
    stay?.extend(verdict.untilMs);
    return verdict.room;
  }

  /** Takes back all tickets of a room and sends away who came with one. Resolves when all have been told. */
  async revoke(room: RoomId): Promise<void> {
    this.#parts.access.revoke(room);
    const stays = [...(this.#stays.get(room) ?? [])];
    const refusal = refusalOf('ticket-revoked');
    await inSlices(this.#parts.clock, REVOKE_SLICE_MS, stays, (stay) => stay.end(refusal));
  }

  async #receive(asking: Asking): Promise<Welcome> {
    const { admission, access, clock } = this.#parts;
    const { roomText, closing } = asking;
    const comer = this.#comer(asking);
    const asked = parseRoomId(roomText);
    const known = asked && access.knows(asked) ? asked : undefined;
    const entry = admission.admit(known, comer.address);
    if (entry.kind !== 'admitted') {
      this.#log.warn('listener.turned-away', { code: entry.refusal.code });
      if (entry.kind === 'not-now') return entry;
      // That a room is full, and so that there is one, is for those who might come in.
      const verdict = await access.check(roomText, comer);
      return verdict.kind === 'refused' ? verdict : { kind: 'refused', refusal: entry.refusal };
    }
    closing?.once('close', entry.leave);
    const verdict = await access.check(roomText, comer);
    if (verdict.kind === 'refused') {
      this.#log.warn('listener.refused', { code: verdict.refusal.code, room: known });
      // Until it closes it takes up a connection like any other, but nobody's place in the room.
      if (closing) entry.leaveRoom();
      else entry.leave();
      return verdict;
    }
    const { room, untilMs } = verdict;
    const stay =
      untilMs === undefined
        ? new Stay({ untilMs, check: async () => verdict, onLeave: entry.leave, clock })
        : this.#limitedStay({ room, untilMs }, comer, closing, entry.leave);
    return { kind: 'admitted', room, stay };
  }

  /** The stay of one who came with a ticket; keeps nothing of the request but what another ticket is judged by. */
  #limitedStay(
    { room, untilMs }: { room: RoomId; untilMs: number },
    { origin, address }: Comer,
    closing: Asking['closing'],
    leave: () => void,
  ): Stay {
    const { access, clock } = this.#parts;
    const stays = this.#stays.get(room) ?? new Set();
    this.#stays.set(room, stays);
    const stay: Stay = new Stay({
      untilMs,
      check: (ticket) => access.check(room, { origin, address, ticket, isTicketInUrl: false }),
      onLeave: () => {
        leave();
        stays.delete(stay);
      },
      clock,
    });
    stays.add(stay);
    // Who vanished while the ticket was checked will not close again.
    if (closing?.destroyed) stay.leave();
    else closing?.once('close', () => stay.leave());
    return stay;
  }

  #comer({ request, ticket, isTicketInUrl = false }: Asking): Comer {
    const { socket, headers } = request;
    const forwardedFor = headers['x-forwarded-for'];
    // Node joins several of them with commas, and types them as if it did not.
    const claims = Array.isArray(forwardedFor) ? forwardedFor.join() : forwardedFor;
    if (claims !== undefined && this.#parts.trustProxy === 0)
      this.#log.warn('listener.proxy-not-trusted', { code: 'set-trust-proxy' });
    const address = clientAddress(socket.remoteAddress, claims, this.#parts.trustProxy);
    return { origin: headers.origin, ticket, isTicketInUrl, address };
  }
}

function headerTicket(request: IncomingMessage): string | undefined {
  return bearerToken(request.headers.authorization);
}

/** The ticket among the offered subprotocols. */
function offeredTicket(request: IncomingMessage): string | undefined {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
}
