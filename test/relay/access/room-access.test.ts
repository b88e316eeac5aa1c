import { describe, expect, test } from 'vitest';
import type { RoomId } from '../../../wire/room-id.ts';
import { RoomAccess, type AccessVerdict, type Comer } from '../../../relay/access/room-access.ts';
import type { RoomConfig } from '../../../relay/config/room-config.ts';
import { Tickets } from '../../../relay/access/tickets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';
import { ticketConfig, ticketsBy } from '../../support/tickets.ts';

const SECRET = 'a secret of thirty-two characters';
const OPEN = { access: 'open', origins: [] } as const;
const PRESS = { access: 'origin', origins: ['https://intranet.example'] } as const;
const BOARD = { access: 'ticket', origins: [] } as const;
const NOBODY: Comer = { origin: undefined, ticket: undefined, isTicketInUrl: false, address: undefined };

function stage({ clock = new FakeClock(), tickets = ticketsBy(SECRET, clock), hasPrivate = true } = {}) {
  const rooms = new Map<RoomId, Pick<RoomConfig, 'access' | 'origins'>>([
    [roomId('allhands'), OPEN],
    [roomId('press'), PRESS],
  ]);
  if (hasPrivate) rooms.set(roomId('board'), BOARD);
  const access = new RoomAccess({ rooms, tickets, ownOrigin: 'https://relay.example', clock });
  const ask = async (room: string, comer: Partial<Comer> = {}): Promise<string> =>
    told(await access.check(room, { ...NOBODY, ...comer }));
  return { access, ask, clock, tickets };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function told(verdict: AccessVerdict): string {
  return verdict.kind === 'refused' ? verdict.refusal.code : verdict.kind;
}

describe('a ticket in an address', () => {
  test('is refused with 61 s left, and with 60 s and with 59 s lets in for 8 h', async () => {
    const { access, ask, clock, tickets } = stage();
    const ticket = await tickets.issue(['board'], 'listen', 61);
    expect(await ask('board', { ticket, isTicketInUrl: true })).toBe('ticket-refused');
    expect(await ask('board', { ticket })).toBe('let-in');
    for (const _ of [60, 59]) {
      clock.advance(1000);
      const verdict = await access.check('board', { ...NOBODY, ticket, isTicketInUrl: true });
      const untilMs = clock.wallMs() + 8 * 3_600_000;
      expect(verdict).toEqual({ kind: 'let-in', room: 'board', untilMs });
    }
  });

  test('that is 31 s over lets nobody in, one that is 29 s over does', async () => {
    const { ask, clock, tickets } = stage();
    const ticket = await tickets.issue(['board'], 'listen', 10);
    clock.advance(39_000);
    expect(await ask('board', { ticket, isTicketInUrl: true })).toBe('let-in');
    clock.advance(2000);
    expect(await ask('board', { ticket, isTicketInUrl: true })).toBe('ticket-expired');
  });
});

describe('a ticket of a page', () => {
  test('stands for the origin of a room of some origins, and does not run out', async () => {
    const { access, ask, tickets } = stage();
    const ticket = await tickets.issue(['press'], 'page', 600);
    expect(await access.check('press', { ...NOBODY, origin: 'null', ticket })).toEqual({
      kind: 'let-in',
      room: 'press',
    });
    expect(await ask('press', { origin: 'https://evil.tld', ticket })).toBe('origin-refused');
  });

  test('opens no room that wants tickets', async () => {
    const { ask, tickets } = stage();
    expect(await ask('board', { ticket: await tickets.issue(['board'], 'page', 600) })).toBe(
      'ticket-refused',
    );
  });
});

describe('tickets of a room that are taken back', () => {
  test('are those of before the second, of listeners and publishers, of this room alone', async () => {
    const { access, ask, clock, tickets } = stage();
    const ticket = await tickets.issue(['board', 'press'], 'listen', 3600);
    const publisher = await tickets.issue(['board'], 'publish', 3600);
    clock.advance(1000);
    access.revoke(roomId('board'));
    expect(await ask('board', { ticket })).toBe('ticket-revoked');
    expect(await ask('press', { ticket })).toBe('let-in');
    expect((await access.checkPublisher(publisher, roomId('board'))).kind).toBe('wrong');
    const next = await tickets.issue(['board'], 'listen', 3600);
    expect(await ask('board', { ticket: next })).toBe('let-in');
    const verdict = await access.checkPublisher(
      await tickets.issue(['board'], 'publish', 60),
      roomId('board'),
    );
    expect(verdict.kind).toBe('right');
  });

  test('are all that do not say when they were issued', () => {
    const { access } = stage();
    access.revoke(roomId('board'));
    const ticket = { scopes: ['listen'], rooms: ['board'], expiresAtMs: 0, issuedAtMs: undefined };
    expect([access.isRevoked(roomId('board'), ticket), access.isRevoked(roomId('press'), ticket)]).toEqual([
      true,
      false,
    ]);
  });
});

describe('a room that does not exist', () => {
  test('is refused as one that wants tickets where there is such a room, else as what it is', async () => {
    expect(await stage().ask('nowhere')).toBe('ticket-refused');
    expect(await stage({ hasPrivate: false }).ask('nowhere')).toBe('room-not-found');
  });

  test('is told as such to who has a ticket for it', async () => {
    const { ask, tickets } = stage();
    expect(await ask('nowhere', { ticket: await tickets.issue(['*'], 'listen', 60) })).toBe('room-not-found');
  });
});

describe('keys that cannot be had', () => {
  test('are no failure of the listener: 503 with 5 s, 30 times, and no 429', async () => {
    const clock = new FakeClock();
    // Nobody listens there.
    const jwksUrl = 'http://127.0.0.1:9/keys';
    const tickets = new Tickets(ticketConfig(SECRET, { jwksUrl, issuer: 'https://login.example' }), clock);
    const { access } = stage({ clock, tickets });
    const ticket = `${part({ alg: 'ES256', kid: 'a' })}.${part({})}.${'A'.repeat(86)}`;
    for (let n = 0; n < 30; n++) {
      const verdict = await access.check('board', { ...NOBODY, ticket, address: '192.0.2.1' });
      expect(verdict).toMatchObject({
        kind: 'refused',
        refusal: { code: 'keys-unavailable', status: 503, retryAfterSec: 5 },
      });
    }
  });
});

test('what is no room id is no guess: 30 times "bad-room-id", and no 429', async () => {
  const { ask } = stage();
  for (let n = 0; n < 30; n++) expect(await ask('..', { address: '192.0.2.1' })).toBe('bad-room-id');
  expect(await ask('nowhere', { address: '192.0.2.1' })).toBe('ticket-refused');
});

test('pages of any origin may read why they may not listen to a private room, as of no room', () => {
  const { access } = stage();
  const origins = ['nowhere', 'board', 'allhands'].map((room) => access.corsOrigin(room, 'https://evil.tld'));
  expect(origins).toEqual(['*', '*', '*']);
});
