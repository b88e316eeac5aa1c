import { parseRoomId } from '../../wire/room-id.ts';
import type { Ticket, TicketFault, TicketReading } from '../access/tickets.ts';

const UNIT_SEC = { s: 1, m: 60, h: 3600, d: 86_400 };
const MAX_TTL_SEC = 366 * UNIT_SEC.d;

/** A ticket as the command line asks for it. */
export interface TicketWish {
  /** A room's id; `*`, all rooms, for `admin` only. */
  room: string;
  scope: 'listen' | 'publish' | 'admin';
  ttlSec: number;
}

/** Result of {@link readWish}. */
export type WishReading = { kind: 'wish'; wish: TicketWish } | { kind: 'fault'; detail: string };

/** Reads what `conf-relay token` is asked for; the detail says how to ask. */
export function readWish(room: string, scope = 'listen', ttl = '8h'): WishReading {
  if (scope !== 'listen' && scope !== 'publish' && scope !== 'admin') {
    return { kind: 'fault', detail: '--scope is listen, publish or admin' };
  }
  const ttlSec = secondsOf(ttl);
  if (ttlSec === undefined) return { kind: 'fault', detail: '--ttl is 30s, 15m, 8h or 7d, at most 366d' };
  if (room === '*' && scope !== 'admin') {
    return { kind: 'fault', detail: 'all rooms at once ("*") is for --scope admin; name one' };
  }
  if (room !== '*' && !parseRoomId(room)) {
    return { kind: 'fault', detail: 'name a room, as in: conf-relay token allhands' };
  }
  return { kind: 'wish', wish: { room, scope, ttlSec } };
}

function secondsOf(ttl: string): number | undefined {
  const [, count, unit] = /^(\d{1,8})([smhd])$/.exec(ttl) ?? [];
  if (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd') return undefined;
  const sec = Number(count) * UNIT_SEC[unit];
  return sec >= 1 && sec <= MAX_TTL_SEC ? sec : undefined;
}

/** The ticket on the first line, then what to do with it. `wallMs`: when it was issued, Unix milliseconds. */
export function ticketText(
  { room, scope, ttlSec }: TicketWish,
  jwt: string,
  publicUrl: string,
  wallMs: number,
): string {
  const until = `until ${timeText((Math.floor(wallMs / 1000) + ttlSec) * 1000)}`;
  switch (scope) {
    case 'listen':
      return `${jwt}

<script type="module" src="${publicUrl}/v1/conf-listener.js"></script>
<conf-listener room="${room}" token="${jwt}"></conf-listener>

${publicUrl}/listen/${room}#ticket=${jwt}

Good ${until}; whoever has it can listen.
`;
    case 'publish':
      return `${jwt}

Good ${until}; whoever has it can speak: ${publicUrl.replace('http', 'ws')}/ingest/${room}, Authorization: Bearer <ticket>.
`;
    case 'admin':
      return `${jwt}

Good ${until}; whoever has it can send listeners out of ${room === '*' ? 'all rooms' : room}.
`;
    default:
      return scope satisfies never;
  }
}

/** What to say of a ticket that somebody wants checked; never the ticket. */
export function readingText(reading: TicketReading): string {
  return reading.kind === 'fault' ? `wrong: ${FAULTS[reading.code]}` : `right: ${rightsText(reading.ticket)}`;
}

function rightsText({ scopes, rooms, expiresAtMs }: Ticket): string {
  // In quotes, escaped: an identity provider may have put in anything.
  const [what, where] = [scopes, rooms].map((texts) => texts.map((text) => JSON.stringify(text)).join(', '));
  return `scope ${what || 'none'}; rooms ${where || 'none'}; until ${timeText(expiresAtMs)}`;
}

/** For whoever asks with the settings at hand. */
const FAULTS: Record<TicketFault, string> = {
  missing: 'there is no ticket',
  unsigned: 'not signed by this relay’s secrets or its identity provider, or for another audience or issuer',
  expired: 'it has expired',
  'not-yet': 'it is not good yet; is the clock right?',
  'wrong-room': 'it is for another room',
  'keys-unavailable': 'nobody can say: the identity provider does not give its keys',
};

function timeText(wallMs: number): string {
  const date = new Date(wallMs);
  return Number.isNaN(date.getTime()) ? 'no day that has a date' : date.toISOString().replace('.000Z', 'Z');
}
