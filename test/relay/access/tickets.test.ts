import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { SignJWT, exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tickets, bearerToken } from '../../../relay/access/tickets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';
import { ticketConfig } from '../../support/tickets.ts';

const A = roomId('allhands');
const B = roomId('board');

const SECRET = 'a secret of thirty-two characters';
const OLD_SECRET = 'the secret before: 32 characters!';

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A JWT of any header and claims, signed HS256 with `secret`. */
function jwt(claims: object, header: object = { alg: 'HS256' }, secret = SECRET): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const clock = new FakeClock();
const tickets = new Tickets(ticketConfig(SECRET), clock);
const nowSec = Math.floor(clock.wallMs() / 1000);
const good = { aud: 'conf-listener', room: 'allhands', scope: 'listen', exp: nowSec + 60 };

describe('a ticket', () => {
  test('signed by anybody who has the secret is right up to its expiry', async () => {
    expect(await tickets.check(jwt(good), A, 'listen')).toMatchObject({
      kind: 'right',
      untilMs: (nowSec + 60) * 1000,
    });
  });

  test('is good for its time and 30 s of clock difference, then expired', async () => {
    const later = new FakeClock();
    const issuer = new Tickets(ticketConfig(SECRET), later);
    const ticket = await issuer.issue([A], 'publish', 60);
    const expiresAtMs = Math.floor(later.wallMs() / 1000) * 1000 + 60_000;
    later.advance(89_000);
    expect(await issuer.check(ticket, A, 'publish')).toMatchObject({
      kind: 'right',
      untilMs: expiresAtMs + 30_000,
    });
    later.advance(2000);
    expect(await issuer.check(ticket, A, 'publish')).toEqual({ kind: 'wrong', code: 'expired' });
  });

  test('is for one room and one scope', async () => {
    const ticket = await tickets.issue([A], 'listen', 60);
    expect(await tickets.check(ticket, B, 'listen')).toEqual({ kind: 'wrong', code: 'wrong-room' });
    expect(await tickets.check(ticket, A, 'publish')).toEqual({ kind: 'wrong', code: 'wrong-room' });
  });

  test.each([
    [['allhands', 'board'], true],
    [['all*'], true],
    [['*'], true],
    [['board', 'b-*'], false],
    [['a*s'], false],
    [['ALLHANDS'], false],
    [[''], false],
    [[], false],
    ['allhands', false],
    [{ 0: 'allhands' }, false],
    [[['allhands']], false],
    [undefined, false],
  ])('whose rooms are %j is for allhands: %s', async (rooms, right) => {
    const verdict = await tickets.check(jwt({ ...good, room: undefined, rooms }), A, 'listen');
    expect(verdict.kind).toBe(right ? 'right' : 'wrong');
  });

  test.each([
    ['listen', true],
    ['openid listen profile', true],
    ['listening', false],
    ['LISTEN', false],
    ['admin', false],
    [['listen'], false],
    [undefined, false],
  ])('whose scope is %j lets its holder listen: %s', async (scope, right) => {
    const verdict = await tickets.check(jwt({ ...good, scope }), A, 'listen');
    expect(verdict.kind).toBe(right ? 'right' : 'wrong');
  });

  test('that lets its holder rule says which rooms', async () => {
    const mayRule = await tickets.checkAdmin(await tickets.issue(['all*'], 'admin', 60));
    expect([mayRule?.(A), mayRule?.(B)]).toEqual([true, false]);
    expect(await tickets.checkAdmin(await tickets.issue(['*'], 'listen', 60))).toBeUndefined();
  });

  test('of a page is renewed for 24 h after its expiry', async () => {
    const later = new FakeClock();
    const issuer = new Tickets(ticketConfig(SECRET), later);
    const ticket = await issuer.issue([A], 'page', 600);
    later.advance(600_000 + 24 * 3_600_000 - 5000);
    expect(await issuer.check(ticket, A, 'page')).toEqual({ kind: 'wrong', code: 'expired' });
    expect(await issuer.checkPage(ticket, A)).toMatchObject({ kind: 'right' });
    later.advance(10_000);
    expect(await issuer.checkPage(ticket, A)).toEqual({ kind: 'wrong', code: 'expired' });
    expect(await issuer.checkPage(await issuer.issue([A], 'listen', 60), A)).toMatchObject({ kind: 'wrong' });
  });

  test('of a relay without secret is known to that relay alone', async () => {
    const none = ticketConfig(SECRET, { secret: undefined });
    const [one, other] = [new Tickets(none, clock), new Tickets(none, clock)];
    const ticket = await one.issue([A], 'page', 60);
    expect(await one.check(ticket, A, 'page')).toMatchObject({ kind: 'right' });
    expect(await other.check(ticket, A, 'page')).toEqual({ kind: 'wrong', code: 'unsigned' });
  });
});

describe('P17: a ticket is refused with one stable code', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  test.each([
    ['alg none', 'unsigned', jwt(good, { alg: 'none' }).replace(/[^.]*$/, '')],
    ['alg none with a signature', 'unsigned', jwt(good, { alg: 'none' })],
    ['alg HS512', 'unsigned', jwt(good, { alg: 'HS512' })],
    ['alg RS256 signed with the secret', 'unsigned', jwt(good, { alg: 'RS256' })],
    ['alg in another case', 'unsigned', jwt(good, { alg: 'hs256' })],
    ['no alg', 'unsigned', jwt(good, {})],
    [
      'a critical header that nobody knows',
      'unsigned',
      jwt(good, { alg: 'HS256', crit: ['b64'], b64: false }),
    ],
    ['another secret', 'unsigned', jwt(good, { alg: 'HS256' }, `${SECRET}!`)],
    ['another audience', 'unsigned', jwt({ ...good, aud: 'somebody-else' })],
    ['no audience', 'unsigned', jwt({ ...good, aud: undefined })],
    ['no expiry', 'unsigned', jwt({ ...good, exp: undefined })],
    ['an expiry in words', 'unsigned', jwt({ ...good, exp: 'tomorrow' })],
    ['a beginning in an hour', 'not-yet', jwt({ ...good, nbf: nowSec + 3600 })],
    ['an expiry an hour ago', 'expired', jwt({ ...good, exp: nowSec - 3600 })],
    ['8 kB', 'unsigned', jwt({ ...good, name: 'x'.repeat(6000) })],
    ['no signature', 'unsigned', jwt(good).replace(/[^.]*$/, '')],
    ['a body that is no JSON', 'unsigned', `${part({ alg: 'HS256' })}.bm9uZQ.xxxx`],
    ['garbage', 'unsigned', 'garbage'],
    ['nothing', 'missing', ''],
    ['five parts', 'unsigned', 'a.b.c.d.e'],
    ['a room that is a number', 'wrong-room', jwt({ ...good, room: 1 })],
    ['room __proto__', 'wrong-room', jwt({ ...good, room: '__proto__' })],
  ])('%s: %s', async (_, code, ticket) => {
    expect(await tickets.check(ticket, A, 'listen')).toEqual({ kind: 'wrong', code });
  });

  test('an RSA signature by anybody, where no identity provider is set up: unsigned', async () => {
    const ticket = await new SignJWT(good).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    expect(await tickets.check(ticket, A, 'listen')).toEqual({ kind: 'wrong', code: 'unsigned' });
  });

  test('another issuer, or none, where the relay asks for one', async () => {
    const strict = new Tickets(ticketConfig(SECRET, { issuer: 'https://id.example' }), clock);
    for (const iss of ['https://id.example.evil', undefined, ['https://id.example'], ''])
      expect(await strict.check(jwt({ ...good, iss }), A, 'listen')).toEqual({
        kind: 'wrong',
        code: 'unsigned',
      });
    expect(await strict.check(jwt({ ...good, iss: 'https://id.example' }), A, 'listen')).toMatchObject({
      kind: 'right',
    });
    expect(await strict.check(await strict.issue([A], 'listen', 60), A, 'listen')).toMatchObject({
      kind: 'right',
    });
  });

  test('while the secret changes, tickets of the previous one are right, of the one before not', async () => {
    const changing = new Tickets(ticketConfig(SECRET, { previousSecret: OLD_SECRET }), clock);
    const kinds = await Promise.all(
      [SECRET, OLD_SECRET, 'a secret that was there long ago!'].map(async (secret) => {
        return (await changing.check(jwt(good, { alg: 'HS256' }, secret), A, 'listen')).kind;
      }),
    );
    expect(kinds).toEqual(['right', 'right', 'wrong']);
  });
});

describe('a ticket of an identity provider', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = 'https://id.example';
  let server: Server;
  let jwksUrl = '';
  let asked = 0;
  let answers = true;

  beforeAll(async () => {
    const keys = [
      { ...(await exportJWK(ec.publicKey)), kid: 'ec-1', alg: 'ES256', use: 'sig' },
      { ...(await exportJWK(rsa.publicKey)), kid: 'rsa-1', alg: 'RS256', use: 'sig' },
    ];
    server = createServer((_, response) => {
      asked++;
      if (!answers) return void response.writeHead(503).end();
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    jwksUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/keys`;
  });
  afterAll(() => server.close());

  const provided = (): Tickets => new Tickets(ticketConfig(SECRET, { jwksUrl, issuer }), clock);
  const sign = (alg: string, kid: string, key: KeyObject): Promise<string> =>
    new SignJWT({ ...good, iss: issuer }).setProtectedHeader({ alg, kid }).sign(key);

  test('is right by ES256 and RS256; 100 of them ask for the keys once', async () => {
    const taken = provided();
    asked = 0;
    const two = [await sign('ES256', 'ec-1', ec.privateKey), await sign('RS256', 'rsa-1', rsa.privateKey)];
    const all = Array.from({ length: 100 }, (_, n) => two[n % 2]);
    const kinds = await Promise.all(all.map(async (ticket) => (await taken.check(ticket, A, 'listen')).kind));
    expect([new Set(kinds), asked]).toEqual([new Set(['right']), 1]);
  });

  test('P17: signed by another, by an unknown key, or HS256 with a public key as secret is unsigned', async () => {
    const taken = provided();
    const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const forged = [
      await sign('ES256', 'ec-1', stranger.privateKey),
      await sign('ES256', 'ec-9', stranger.privateKey),
      jwt({ ...good, iss: issuer }, { alg: 'HS256', kid: 'rsa-1' }, publicPem),
      jwt(
        { ...good, iss: issuer },
        { alg: 'HS256', kid: 'rsa-1' },
        JSON.stringify(await exportJWK(rsa.publicKey)),
      ),
    ];
    for (const ticket of forged)
      expect(await taken.check(ticket, A, 'listen')).toEqual({ kind: 'wrong', code: 'unsigned' });
    asked = 0;
    for (let n = 0; n < 50; n++)
      await taken.check(await sign('ES256', `made-up-${n}`, stranger.privateKey), A, 'listen');
    expect(asked).toBeLessThanOrEqual(1);
  });

  test('cannot be told while the provider does not answer; the relay’s own are right all the same', async () => {
    answers = false;
    const taken = provided();
    const ticket = await sign('ES256', 'ec-1', ec.privateKey);
    expect(await taken.check(ticket, A, 'listen')).toEqual({ kind: 'wrong', code: 'keys-unavailable' });
    expect(await taken.check(jwt({ ...good, iss: issuer }), A, 'listen')).toMatchObject({ kind: 'right' });
    answers = true;
    expect(await taken.check(ticket, A, 'listen')).toMatchObject({ kind: 'right' });
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
