import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LegTickets } from '../../../relay/access/leg-tickets.ts';
import { Tickets, bearerToken } from '../../../relay/access/tickets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';

const A = roomId('allhands');
const B = roomId('board');
const NOW_MS = 1_795_224_993_000;
const EPOCH = NOW_MS + 7;

describe('a leg ticket', () => {
  const tickets = new LegTickets();
  const ticket = tickets.issue(A, EPOCH, NOW_MS);

  test('is right for its room for 60 s, and names its epoch', () => {
    expect(tickets.check(A, ticket, NOW_MS)).toEqual({ kind: 'right', epoch: EPOCH });
    expect(tickets.check(A, ticket, NOW_MS + 60_000)).toEqual({ kind: 'right', epoch: EPOCH });
    expect(tickets.check(A, ticket, NOW_MS + 60_001)).toEqual({ kind: 'late' });
  });

  test('is safe in a path', () => {
    expect(ticket).toMatch(/^[\w.-]+$/);
  });

  test('of another room or another process is wrong', () => {
    expect(tickets.check(B, ticket, NOW_MS)).toEqual({ kind: 'wrong' });
    expect(new LegTickets().check(A, ticket, NOW_MS)).toEqual({ kind: 'wrong' });
  });

  const [epoch = '', expiry = '', mac = ''] = ticket.split('.');
  test.each([
    ['with another epoch', `${(EPOCH + 1).toString(36)}.${expiry}.${mac}`],
    ['with a later expiry', `${epoch}.${(NOW_MS + 999_999).toString(36)}.${mac}`],
    ['with another mac', `${epoch}.${expiry}.${mac.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`],
    ['without mac', `${epoch}.${expiry}.`],
    ['with a part more', `${ticket}.x`],
    ['that is empty', ''],
    ['that is garbage', '%00.__proto__.🦊'],
    ['of 8 kB', 'a'.repeat(8192)],
  ])('%s is wrong', (_, forged) => {
    expect(tickets.check(A, forged, NOW_MS)).toEqual({ kind: 'wrong' });
  });
});

const SECRET = 'a secret of thirty-two characters';

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A JWT of any header and claims, signed HS256 with `secret`. */
function jwt(claims: object, header: object = { alg: 'HS256' }, secret = SECRET): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

describe('a ticket', () => {
  const clock = new FakeClock();
  const tickets = new Tickets(SECRET, clock);
  const nowSec = Math.floor(clock.wallMs() / 1000);
  const good = { aud: 'conf-listener', room: 'allhands', scope: 'listen', exp: nowSec + 60 };

  test('signed by anybody who has the secret is right', async () => {
    expect(await tickets.check(jwt(good), A, 'listen')).toEqual({ kind: 'right' });
  });

  test('is good for its time and 30 s of clock difference, then expired', async () => {
    const later = new FakeClock();
    const issuer = new Tickets(SECRET, later);
    const ticket = await issuer.issue(A, 'publish', 60);
    later.advance(89_000);
    expect(await issuer.check(ticket, A, 'publish')).toEqual({ kind: 'right' });
    later.advance(2000);
    expect(await issuer.check(ticket, A, 'publish')).toEqual({ kind: 'wrong', code: 'expired' });
  });

  test('is for one room and one scope', async () => {
    const ticket = await tickets.issue(A, 'listen', 60);
    expect(await tickets.check(ticket, B, 'listen')).toEqual({ kind: 'wrong', code: 'wrong-room' });
    expect(await tickets.check(ticket, A, 'publish')).toEqual({ kind: 'wrong', code: 'wrong-room' });
  });

  test.each([
    ['alg none', jwt(good, { alg: 'none' }).replace(/[^.]*$/, '')],
    ['alg none with a signature', jwt(good, { alg: 'none' })],
    ['alg HS512', jwt(good, { alg: 'HS512' })],
    ['alg RS256', jwt(good, { alg: 'RS256' })],
    ['another secret', jwt(good, { alg: 'HS256' }, `${SECRET}!`)],
    ['another audience', jwt({ ...good, aud: 'somebody-else' })],
    ['no audience', jwt({ ...good, aud: undefined })],
    ['no expiry', jwt({ ...good, exp: undefined })],
    ['a beginning in an hour', jwt({ ...good, nbf: nowSec + 3600 })],
    ['8 kB', jwt({ ...good, name: 'x'.repeat(6000), aud: 'x' })],
    ['no signature', jwt(good).replace(/[^.]*$/, '')],
    ['garbage', 'garbage'],
    ['nothing', ''],
    ['five parts', 'a.b.c.d.e'],
  ])('with %s is refused as no ticket', async (_, ticket) => {
    expect(await tickets.check(ticket, A, 'listen')).toEqual({ kind: 'wrong', code: 'not-a-ticket' });
  });
});

test.each([
  ['Bearer abc.def-g_h', 'abc.def-g_h'],
  ['bearer   abc=', 'abc='],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  ['Basic abc', undefined],
  [undefined, undefined],
])('the token of the header %o is %o', (header, token) => {
  expect(bearerToken(header)).toBe(token);
});
