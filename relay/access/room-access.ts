import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { Clock } from '../clock.ts';
import type { RoomConfig } from '../config/room-config.ts';
import type { Problem } from '../errors.ts';
import { refusalOf, type AccessRefusal } from './access-refusal.ts';
import { FailureLimit } from './failure-limit.ts';
import { Origins } from './origins.ts';
import type { Scope, Ticket, TicketFault, Tickets, TicketVerdict } from './tickets.ts';

/** Who asks to listen, and with what. */
export interface Comer {
  /** As the browser names it, `null` for a sandboxed frame; undefined where no browser says. */
  origin: string | undefined;
  ticket: string | undefined;
  /** It stood in an address, which others see: it opens nothing a minute later. */
  isTicketInUrl: boolean;
  /** By what failures are counted; undefined for who cannot be told from others. */
  address: string | undefined;
}

/** May the comer listen? `untilMs`: with this ticket so long, Unix milliseconds. */
export type AccessVerdict =
  | { kind: 'let-in'; room: RoomId; untilMs?: number }
  | { kind: 'refused'; refusal: Problem };

/** What the decision is made of. */
export interface RoomAccessParts {
  rooms: ReadonlyMap<RoomId, Pick<RoomConfig, 'access' | 'origins'>>;
  tickets: Pick<Tickets, 'check'>;
  /** The origin of the relay's own pages. */
  ownOrigin: string;
  clock: Clock;
}

const FAILURES_PER_MINUTE = 20;
/** What stands in an address may be read by many: it must be worthless soon. */
const URL_TICKET_MS = 60_000;
/** Plain audio cannot bring another ticket: what it was let in by opens a stream of this length. */
const URL_STAY_MS = 8 * 3_600_000;

/** Says who may listen to which room. What the room's access asks for is asked of every transport alike. */
export class RoomAccess {
  readonly #parts: RoomAccessParts;
  #origins: ReadonlyMap<RoomId, Origins> = new Map();
  /** Where some rooms want tickets, a room that does not exist answers as one of them: nobody learns which exist. */
  #hides = false;
  readonly #failures: FailureLimit;
  /** Tickets of before this second are taken back, Unix milliseconds. */
  readonly #revokedMs = new Map<RoomId, number>();

  constructor(parts: RoomAccessParts) {
    this.#parts = parts;
    this.roomsChanged();
    this.#failures = new FailureLimit(FAILURES_PER_MINUTE, parts.clock);
  }

  /** The rooms are others than before, or have other settings. Who is in stays in. */
  roomsChanged(): void {
    const { rooms } = this.#parts;
    this.#origins = new Map([...rooms].map(([id, { origins }]) => [id, new Origins(origins)]));
    this.#hides = [...rooms.values()].some(({ access }) => access === 'ticket');
  }

  /** Whether there is such a room. */
  knows(room: RoomId): boolean {
    return this.#parts.rooms.has(room);
  }

  /** Decides; who is refused too often is told no more than that. */
  async check(roomText: string, comer: Comer): Promise<AccessVerdict> {
    const verdict = await this.#decide(roomText, comer);
    if (typeof verdict !== 'string') return verdict;
    const isGuess =
      verdict === 'ticket-refused' || verdict === 'room-not-found' || verdict === 'origin-refused';
    if (!isGuess) return { kind: 'refused', refusal: refusalOf(verdict) };
    if (this.#failures.isOver(comer.address))
      return { kind: 'refused', refusal: refusalOf('too-many-failures') };
    this.#failures.failed(comer.address);
    return { kind: 'refused', refusal: refusalOf(verdict) };
  }

  /** Whether a ticket lets its holder send the sound of a room. */
  async checkPublisher(ticket: string | undefined, room: RoomId): Promise<TicketVerdict> {
    const verdict = await this.#parts.tickets.check(ticket, room, 'publish');
    if (verdict.kind === 'right' && this.isRevoked(room, verdict.ticket))
      return { kind: 'wrong', code: 'expired' };
    return verdict;
  }

  /** Takes back all tickets of a room that were issued before this second. */
  revoke(room: RoomId): void {
    this.#revokedMs.set(room, Math.floor(this.#parts.clock.wallMs() / 1000) * 1000);
  }

  /** Whether a ticket is one that was taken back. */
  isRevoked(room: RoomId, { issuedAtMs = 0 }: Ticket): boolean {
    return issuedAtMs < (this.#revokedMs.get(room) ?? 0);
  }

  /** Whether anybody may know that a room of this name does not exist. */
  get hidesRooms(): boolean {
    return this.#hides;
  }

  /**
   * Pages of which origin may read an answer about a room (CORS): one, any (`*`), or none. Any of a private room, for
   * it would differ from no room: without a ticket, and from elsewhere, there is nothing to read.
   */
  corsOrigin(roomText: string, origin: string | undefined): string | undefined {
    const room = parseRoomId(roomText);
    const config = room && this.#parts.rooms.get(room);
    if (!config || config.access === 'ticket' || config.origins.length === 0) return '*';
    if (origin === undefined) return undefined;
    return origin === 'null' || this.#mayPlay(room, origin) ? origin : undefined;
  }

  async #decide(roomText: string, comer: Comer): Promise<AccessVerdict | AccessRefusal> {
    const room = parseRoomId(roomText);
    if (!room) return 'bad-room-id';
    const config = this.#parts.rooms.get(room);
    if (!config) {
      const verdict = this.#hides ? await this.#byTicket(room, comer, 'listen') : 'room-not-found';
      return typeof verdict === 'string' ? verdict : 'room-not-found';
    }
    switch (config.access) {
      case 'open':
        return { kind: 'let-in', room };
      case 'origin':
        if (comer.origin !== undefined && this.#mayPlay(room, comer.origin)) return { kind: 'let-in', room };
        if ((comer.origin !== undefined && comer.origin !== 'null') || comer.ticket === undefined)
          return 'origin-refused';
        return this.#byTicket(room, comer, 'listen', 'page');
      case 'ticket': {
        const verdict = await this.#byTicket(room, comer, 'listen');
        const { origin } = comer;
        const elsewhere = config.origins.length > 0 && origin !== undefined && origin !== 'null';
        if (elsewhere && typeof verdict !== 'string' && !this.#mayPlay(room, origin)) return 'origin-refused';
        return verdict;
      }
      default:
        return config.access satisfies never;
    }
  }

  async #byTicket(room: RoomId, comer: Comer, ...scopes: Scope[]): Promise<AccessVerdict | AccessRefusal> {
    const verdict: TicketVerdict = await this.#parts.tickets.check(comer.ticket, room, ...scopes);
    if (verdict.kind === 'wrong') return codeOf(verdict.code);
    const { ticket, untilMs } = verdict;
    if (this.isRevoked(room, ticket)) return 'ticket-revoked';
    // It stands for an origin, which does not run out either.
    if (!ticket.scopes.includes('listen')) return { kind: 'let-in', room };
    if (!comer.isTicketInUrl) return { kind: 'let-in', room, untilMs };
    const nowMs = this.#parts.clock.wallMs();
    if (ticket.expiresAtMs - nowMs > URL_TICKET_MS) return 'ticket-refused';
    return { kind: 'let-in', room, untilMs: nowMs + URL_STAY_MS };
  }

  #mayPlay(room: RoomId, origin: string): boolean {
    return origin === this.#parts.ownOrigin || this.#origins.get(room)?.has(origin) === true;
  }
}

/** Who signed a ticket may be told that it is late; who did not learns nothing else of it. */
function codeOf(fault: TicketFault): AccessRefusal {
  switch (fault) {
    case 'expired':
      return 'ticket-expired';
    case 'keys-unavailable':
      return 'keys-unavailable';
    case 'missing':
    case 'unsigned':
    case 'not-yet':
    case 'wrong-room':
      return 'ticket-refused';
    default:
      return fault satisfies never;
  }
}
