import { randomBytes } from 'node:crypto';
import { SignJWT, errors, type JWTPayload } from 'jose';
import type { RoomId } from '../../wire/room-id.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { TicketConfig } from '../config/config.ts';
import { KeysUnavailable, TicketKeys } from './ticket-keys.ts';

/**
 * What a ticket lets its holder do. `page` is what the relay's own pages are given: it opens no room that wants
 * tickets, only stands in for the Origin that a sandboxed frame does not have.
 */
export const SCOPES = ['listen', 'publish', 'admin', 'page'] as const;

/** One of {@link SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** What a ticket says, once its signature and its times are found right. Times are Unix milliseconds. */
export interface Ticket {
  scopes: readonly string[];
  /** Ids, or beginnings of ids that end in `*`. */
  rooms: readonly string[];
  expiresAtMs: number;
  /** Undefined where the issuer did not say. */
  issuedAtMs: number | undefined;
}

/** Why a ticket is none, for logs and for people: `unsigned` is all that nobody whose word counts has signed so. */
export type TicketFault = 'missing' | 'unsigned' | 'expired' | 'not-yet' | 'wrong-room' | 'keys-unavailable';

/** Result of {@link Tickets.read}. */
export type TicketReading = { kind: 'ticket'; ticket: Ticket } | { kind: 'fault'; code: TicketFault };

/** Verdict on a ticket. `untilMs`: it is good up to then, Unix milliseconds. */
export type TicketVerdict =
  | { kind: 'right'; ticket: Ticket; untilMs: number }
  | { kind: 'wrong'; code: TicketFault };

/** Whoever's clock is this far off is still understood; a ticket that was right so late goes on for as long. */
const CLOCK_TOLERANCE_SEC = 30;
/** A page that slept overnight may still have its ticket renewed. */
const PAGE_RENEWAL_SEC = 24 * 3600;
/** Longer is no ticket: it would have to be parsed before it can be refused. */
const MAX_TICKET_CHARS = 4096;

/**
 * Tickets are JWTs (RFC 7519): signed HS256 with the relay's secret or the previous one, or ES256 or RS256 by the
 * company's identity provider. Claims: `aud`, `exp`, `room` or `rooms`, `scope`, and `iss` where the relay asks for it.
 */
export class Tickets {
  #config: TicketConfig;
  readonly #clock: Clock;
  /** Without a secret there are the pages' tickets only, and nobody else needs to know their key. */
  readonly #ownSecret = randomBytes(32);
  #secret: Uint8Array;
  #keys: TicketKeys;

  constructor(config: TicketConfig, clock: Clock = systemClock) {
    this.#config = config;
    this.#clock = clock;
    this.#secret = this.#secretOf(config);
    this.#keys = new TicketKeys(this.#secret, config);
  }

  /** From now on tickets are signed, and taken, as this says. Who is in stays in until the ticket ends. */
  rekey(config: TicketConfig): void {
    this.#config = config;
    this.#secret = this.#secretOf(config);
    this.#keys = new TicketKeys(this.#secret, config);
  }

  /** A ticket for rooms (ids, or beginnings of ids that end in `*`) and one scope, good for `ttlSec` seconds. */
  issue(rooms: readonly string[], scope: Scope, ttlSec: number): Promise<string> {
    const { audience, issuer } = this.#config;
    const nowSec = Math.floor(this.#clock.wallMs() / 1000);
    const [room] = rooms;
    const single = rooms.length === 1 && !room?.endsWith('*');
    const jwt = new SignJWT({ ...(single ? { room } : { rooms: [...rooms] }), scope })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(audience)
      .setIssuedAt(nowSec)
      .setExpirationTime(nowSec + ttlSec);
    if (issuer !== undefined) jwt.setIssuer(issuer);
    return jwt.sign(this.#secret);
  }

  /** Checks who signed a ticket, for whom, and when it is good. */
  read(ticket: string | undefined): Promise<TicketReading> {
    return this.#read(ticket, CLOCK_TOLERANCE_SEC);
  }

  /** {@link read}, and whether it is for this room and one of these scopes. */
  async check(ticket: string | undefined, room: RoomId, ...scopes: Scope[]): Promise<TicketVerdict> {
    return this.#verdict(await this.#read(ticket, CLOCK_TOLERANCE_SEC), room, scopes);
  }

  /** Whether a page of the relay that holds this ticket, perhaps since yesterday, may have another. */
  async checkPage(ticket: string | undefined, room: RoomId): Promise<TicketVerdict> {
    return this.#verdict(await this.#read(ticket, PAGE_RENEWAL_SEC), room, ['page']);
  }

  /** The rooms that the holder of this ticket may rule; undefined where it lets nobody rule. */
  async checkAdmin(ticket: string | undefined): Promise<((room: RoomId) => boolean) | undefined> {
    const reading = await this.read(ticket);
    if (reading.kind === 'fault' || !reading.ticket.scopes.includes('admin')) return undefined;
    return (room) => isFor(reading.ticket, room);
  }

  #secretOf({ secret }: TicketConfig): Uint8Array {
    return secret === undefined ? this.#ownSecret : new TextEncoder().encode(secret);
  }

  #verdict(reading: TicketReading, room: RoomId, scopes: readonly Scope[]): TicketVerdict {
    if (reading.kind === 'fault') return { kind: 'wrong', code: reading.code };
    const { ticket } = reading;
    if (!scopes.some((scope) => ticket.scopes.includes(scope)) || !isFor(ticket, room))
      return { kind: 'wrong', code: 'wrong-room' };
    const lateMs = this.#clock.wallMs() < ticket.expiresAtMs ? 0 : CLOCK_TOLERANCE_SEC * 1000;
    return { kind: 'right', ticket, untilMs: ticket.expiresAtMs + lateMs };
  }

  async #read(text: string | undefined, toleranceSec: number): Promise<TicketReading> {
    if (text === undefined || text === '') return { kind: 'fault', code: 'missing' };
    if (text.length > MAX_TICKET_CHARS) return { kind: 'fault', code: 'unsigned' };
    const { audience, issuer } = this.#config;
    try {
      const { payload } = await this.#keys.verify(text, {
        audience,
        requiredClaims: ['exp'],
        clockTolerance: toleranceSec,
        currentDate: new Date(this.#clock.wallMs()),
        ...(issuer !== undefined && { issuer }),
      });
      return { kind: 'ticket', ticket: ticketOf(payload) };
    } catch (error) {
      return { kind: 'fault', code: faultOf(error) };
    }
  }
}

/** Whether a ticket is for a room. */
export function isFor({ rooms }: Ticket, room: RoomId): boolean {
  return rooms.some((id) => (id.endsWith('*') ? room.startsWith(id.slice(0, -1)) : id === room));
}

/** The token of an `Authorization: Bearer …` header (RFC 6750 §2.1), or `undefined`. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
}

function ticketOf({ exp = 0, iat, scope, room, rooms }: JWTPayload): Ticket {
  return {
    // Several scopes in one text, as identity providers write them (RFC 8693 §4.2).
    scopes: typeof scope === 'string' ? scope.split(' ') : [],
    rooms: typeof room === 'string' ? [room] : textsOf(rooms),
    expiresAtMs: exp * 1000,
    issuedAtMs: iat === undefined ? undefined : iat * 1000,
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function faultOf(error: unknown): TicketFault {
  if (error instanceof KeysUnavailable) return 'keys-unavailable';
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') return 'not-yet';
  if (error instanceof errors.JOSEError) return 'unsigned';
  throw error;
}
