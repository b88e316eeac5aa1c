import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import type { RoomId } from '../wire/room-id.ts';
import { systemClock, type Clock } from './clock.ts';

/** What a ticket lets its holder do in its room. */
export type Scope = 'listen' | 'publish';

/** A leg must arrive this soon after its call was asked for. */
const LEG_TICKET_MS = 60_000;
const AUDIENCE = 'conf-listener';
const CLOCK_TOLERANCE_SEC = 30;

/** Verdict on a leg ticket. `late`: it was right once. */
export type LegTicketVerdict = { kind: 'right'; epoch: number } | { kind: 'late' } | { kind: 'wrong' };

/**
 * Tickets of dialled legs: HMAC-SHA-256 over room, epoch and expiry, so a leg of another room, another call or an
 * earlier relay process is refused. The key lives and dies with the process. Single use is the room's to enforce: it
 * expects one epoch at a time.
 */
export class LegTickets {
  readonly #key = randomBytes(32);

  /** A ticket for the leg of `epoch`, good for 60 s from `wallMs`; safe in a path. */
  issue(room: RoomId, epoch: number, wallMs: number): string {
    const claims = `${epoch.toString(36)}.${(wallMs + LEG_TICKET_MS).toString(36)}`;
    return `${claims}.${this.#mac(room, claims).toString('base64url')}`;
  }

  /** Checks a ticket in constant time. */
  check(room: RoomId, ticket: string, wallMs: number): LegTicketVerdict {
    const [epoch = '', expiry = '', mac = '', ...rest] = ticket.split('.');
    const given = Buffer.from(mac, 'base64url');
    const right = this.#mac(room, `${epoch}.${expiry}`);
    if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right))
      return { kind: 'wrong' };
    if (Number.parseInt(expiry, 36) < wallMs) return { kind: 'late' };
    return { kind: 'right', epoch: Number.parseInt(epoch, 36) };
  }

  #mac(room: RoomId, claims: string): Buffer {
    return createHmac('sha256', this.#key).update(`leg|${room}|${claims}`).digest();
  }
}

/** Verdict on a ticket. `code` is stable and says why. */
export type TicketVerdict =
  | { kind: 'right' }
  | { kind: 'wrong'; code: 'expired' | 'wrong-room' | 'not-a-ticket' };

/** Tickets of listeners and publishers: JWTs signed HS256 with the relay's `ticketSecret`. */
export class Tickets {
  readonly #secret: Uint8Array;
  readonly #clock: Clock;

  /** `secret` is 32 bytes or longer (config.ts checks). */
  constructor(secret: string, clock: Clock = systemClock) {
    this.#secret = new TextEncoder().encode(secret);
    this.#clock = clock;
  }

  /** A ticket for one room and scope, good for `ttlSec` seconds. */
  issue(room: RoomId, scope: Scope, ttlSec: number): Promise<string> {
    const nowSec = Math.floor(this.#clock.wallMs() / 1000);
    return new SignJWT({ room, scope })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(AUDIENCE)
      .setIssuedAt(nowSec)
      .setExpirationTime(nowSec + ttlSec)
      .sign(this.#secret);
  }

  /** Checks signature, audience, expiry, room and scope. */
  async check(ticket: string, room: RoomId, scope: Scope): Promise<TicketVerdict> {
    try {
      const { payload } = await jwtVerify(ticket, this.#secret, {
        algorithms: ['HS256'],
        audience: AUDIENCE,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_TOLERANCE_SEC,
        currentDate: new Date(this.#clock.wallMs()),
      });
      const right = payload['room'] === room && payload['scope'] === scope;
      return right ? { kind: 'right' } : { kind: 'wrong', code: 'wrong-room' };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return { kind: 'wrong', code: error instanceof errors.JWTExpired ? 'expired' : 'not-a-ticket' };
    }
  }
}

/** The token of an `Authorization: Bearer …` header, or `undefined`. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
}
