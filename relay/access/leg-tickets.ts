import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RoomId } from '../../wire/room-id.ts';

/** A leg must arrive this soon after its call was asked for. */
const LEG_TICKET_MS = 60_000;

/** Verdict on a leg ticket. `late`: it is too old; `spent`: it was used before; `wrong`: none of this process. */
export type LegTicketVerdict = { kind: 'right'; epoch: number } | { kind: 'late' | 'spent' | 'wrong' };

/**
 * Tickets of dialled legs: HMAC-SHA-256 over room, epoch and expiry, so a leg of another room, another call or an
 * earlier relay process is refused. The key lives and dies with the process, and so may its tickets be timed by the
 * monotonic clock: no setting of the wall clock makes one late, or good again.
 */
export class LegTickets {
  readonly #key = randomBytes(32);
  /** Tickets that were used, with their expiry: the calls of the last minute at most. */
  readonly #spent = new Map<string, number>();

  /** A ticket for the leg of `epoch`, good once within 60 s from `nowMs` (monotonic); safe in a path. */
  issue(room: RoomId, epoch: number, nowMs: number): string {
    const claims = `${epoch.toString(36)}.${Math.ceil(nowMs + LEG_TICKET_MS).toString(36)}`;
    return `${claims}.${this.#mac(room, claims).toString('base64url')}`;
  }

  /** Whether this process issued the ticket, however long ago; compares in constant time. */
  isOurs(room: RoomId, ticket: string): boolean {
    const [epoch = '', expiry = '', mac = '', ...rest] = ticket.split('.');
    const given = Buffer.from(mac, 'base64url');
    const right = this.#mac(room, `${epoch}.${expiry}`);
    return rest.length === 0 && given.length === right.length && timingSafeEqual(given, right);
  }

  /** Checks a ticket and uses it up: it is right once. */
  spend(room: RoomId, ticket: string, nowMs: number): LegTicketVerdict {
    if (!this.isOurs(room, ticket)) return { kind: 'wrong' };
    const [epoch = '', expiry = ''] = ticket.split('.');
    const expiryMs = Number.parseInt(expiry, 36);
    if (expiryMs < nowMs) return { kind: 'late' };
    for (const [spent, untilMs] of this.#spent) if (untilMs < nowMs) this.#spent.delete(spent);
    // Not the whole text: one MAC can be written in several ways.
    const key = `${room}.${epoch}.${expiry}`;
    if (this.#spent.has(key)) return { kind: 'spent' };
    this.#spent.set(key, expiryMs);
    return { kind: 'right', epoch: Number.parseInt(epoch, 36) };
  }

  #mac(room: RoomId, claims: string): Buffer {
    return createHmac('sha256', this.#key).update(`leg|${room}|${claims}`).digest();
  }
}
