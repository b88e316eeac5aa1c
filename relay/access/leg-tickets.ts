import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RoomId } from '../../wire/room-id.ts';

/** A leg must arrive this soon after its call was asked for. */
const LEG_TICKET_MS = 60_000;

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
