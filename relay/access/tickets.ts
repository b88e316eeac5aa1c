import { SignJWT, errors, jwtVerify } from 'jose';
import type { RoomId } from '../../wire/room-id.ts';
import { systemClock, type Clock } from '../clock.ts';

/** What a ticket lets its holder do in its room. */
export type Scope = 'listen' | 'publish';

const AUDIENCE = 'conf-listener';
const CLOCK_TOLERANCE_SEC = 30;

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
