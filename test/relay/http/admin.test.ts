import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { FailureLimit } from '../../../relay/access/failure-limit.ts';
import { systemClock } from '../../../relay/clock.ts';
import { openAdmin, type AdminParts } from '../../../relay/http/admin.ts';
import type { HttpServer } from '../../../relay/http/server.ts';
import type { RoomId } from '../../../wire/room-id.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';
import { upgradeRequest } from '../house.ts';

const KEY = 'a key = of more than 32 characters, ünd one';
const LINES = [
  {
    room: roomId('allhands'),
    title: 'All hands',
    state: 'live',
    listeners: 7,
    access: 'open',
    source: 'l16',
  },
  { room: roomId('board'), title: 'Board', state: 'idle', listeners: 0, access: 'ticket', source: 'vonage' },
] as const;

const opened: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((admin) => admin.close()));
});

/** An admin listener on a free port; the ticket `for-board` is good for the board's room. */
async function open(parts: Partial<AdminParts> = {}) {
  const clock = new FakeClock();
  const log = new KeptLog();
  const revoked: RoomId[] = [];
  const admin = await openAdmin(
    { host: '127.0.0.1', port: 0, key: KEY },
    {
      rooms: () => LINES,
      revoke: async (room) => void revoked.push(room),
      adminRooms: async (authorization) =>
        authorization === 'Bearer for-board' ? (room) => room === 'board' : undefined,
      failures: new FailureLimit(20, clock),
      clock: systemClock,
      log,
      ...parts,
    },
  );
  opened.push(admin);
  return { clock, log, revoked, url: admin.url, port: Number(new URL(admin.url).port) };
}

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** Asks as a program does, with this very path and these headers. */
async function ask(
  { port }: { port: number },
  path: string,
  { method = 'GET', key = KEY, headers = {} }: { method?: string; key?: string; headers?: object } = {},
): Promise<Answer> {
  // A header's characters are bytes, as a shell's UTF-8 arrives.
  const authorization = { Authorization: Buffer.from(`Bearer ${key}`).toString('latin1') };
  const asked = request({
    port,
    path,
    method,
    agent: false,
    headers: { ...(key && authorization), ...headers },
  });
  const answered = once(asked, 'response');
  asked.end();
  const [response] = await answered;
  let text = '';
  for await (const part of response) text += String(part);
  return { status: response.statusCode, headers: response.headers, text };
}

const codeOf = ({ text }: Answer): unknown => JSON.parse(text).code;

describe('with the key', () => {
  test('the operator sees every room, never a PIN', async () => {
    const answer = await ask(await open(), '/v1/rooms');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { rooms: LINES }]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  test('a room is revoked with 204, once, with a line in the log', async () => {
    const admin = await open();
    expect((await ask(admin, '/v1/rooms/allhands/revoke', { method: 'POST' })).status).toBe(204);
    expect(admin.revoked).toEqual(['allhands']);
    expect(admin.log.of('room.revoked')).toEqual([expect.objectContaining({ room: 'allhands' })]);
  });

  test.each([
    ['/v1/rooms/nobody/revoke', 'POST', 404, 'room-not-found'],
    ['/v1/rooms/constructor/revoke', 'POST', 404, 'room-not-found'],
    ['/v1/rooms/__proto__/revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/%2e%2e%2f/revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/a%0d%0ab/revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/%00/revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/../revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/*/revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/>/revoke', 'POST', 400, 'bad-room-id'],
    [`/v1/rooms/${'a'.repeat(65)}/revoke`, 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/%D0%B0llhands/revoke', 'POST', 400, 'bad-room-id'],
    ['/v1/rooms/allhands/revoke', 'GET', 405, 'method-not-allowed'],
    ['/v1/rooms', 'DELETE', 405, 'method-not-allowed'],
    ['/v1/rooms/', 'GET', 404, 'not-found'],
    ['/', 'GET', 404, 'not-found'],
  ])('P21: %s by %s is %i %s', async (path, method, status, code) => {
    const admin = await open();
    const answer = await ask(admin, path, { method });
    expect([answer.status, codeOf(answer), admin.revoked]).toEqual([status, code, []]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('/healthz says ok, and the scheme may be in lower case', async () => {
    const Authorization = Buffer.from(`bearer ${KEY}`).toString('latin1');
    const answer = await ask(await open(), '/healthz', { key: '', headers: { Authorization } });
    expect([answer.status, answer.text]).toEqual([200, 'ok\n']);
  });
});

describe('P20: without the key', () => {
  test('every path, known or not, by whatever method, is one and the same 401', async () => {
    const admin = await open();
    const answers = [
      await ask(admin, '/v1/rooms', { key: '' }),
      await ask(admin, '/healthz', { key: '' }),
      await ask(admin, '/nothing', { key: '' }),
      await ask(admin, '/v1/rooms/allhands/revoke', { method: 'POST', key: 'x'.repeat(40) }),
      await ask(admin, '/v1/rooms/nobody/revoke', { method: 'POST', key: KEY.slice(0, -1) }),
      await ask(admin, '/v1/rooms', { key: `${KEY}x` }),
      await ask(admin, '/v1/rooms', { key: '', headers: { Authorization: `Basic ${KEY.slice(0, 10)}` } }),
    ];
    for (const { status, text, headers } of answers) {
      expect([status, text]).toEqual([401, answers[0]?.text]);
      expect(headers['www-authenticate']).toBe('Bearer');
    }
    expect(admin.revoked).toEqual([]);
  });

  test('an upgrade is 401', async () => {
    const { port } = await open();
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write(upgradeRequest('/v1/rooms/allhands/listen'));
    const [heard] = await once(socket, 'data');
    expect(String(heard)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('20 failures a minute are 401, the next is 429, while the key goes on opening; a minute later it is 401 again', async () => {
    const admin = await open();
    for (let n = 0; n < 20; n++) expect((await ask(admin, '/v1/rooms', { key: 'wrong' })).status).toBe(401);
    const refused = await ask(admin, '/v1/rooms', { key: 'wrong' });
    expect([refused.status, codeOf(refused), refused.headers['retry-after']]).toEqual([
      429,
      'too-many-failures',
      '60',
    ]);
    expect((await ask(admin, '/v1/rooms')).status).toBe(200);
    admin.clock.advance(60_000);
    expect((await ask(admin, '/v1/rooms', { key: 'wrong' })).status).toBe(401);
  });

  test('the log has no key, right or wrong', async () => {
    const admin = await open();
    await ask(admin, '/v1/rooms');
    await ask(admin, '/v1/rooms', { key: 'swordfish' });
    expect(JSON.stringify(admin.log.lines)).not.toMatch(/swordfish|a key =/);
  });
});

describe('with a ticket of scope admin', () => {
  test('only its rooms are seen and revoked; the others are 404', async () => {
    const admin = await open();
    const key = 'for-board';
    expect(JSON.parse((await ask(admin, '/v1/rooms', { key })).text)).toEqual({ rooms: [LINES[1]] });
    const elsewhere = await ask(admin, '/v1/rooms/allhands/revoke', { key, method: 'POST' });
    expect([elsewhere.status, codeOf(elsewhere)]).toEqual([404, 'room-not-found']);
    expect((await ask(admin, '/v1/rooms/board/revoke', { key, method: 'POST' })).status).toBe(204);
    expect(admin.revoked).toEqual(['board']);
  });
});

describe('P24: a page', () => {
  test.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('that sends %j is 403, even with the key, and no answer is for it', async (headers) => {
    const admin = await open();
    const answer = await ask(admin, '/v1/rooms/allhands/revoke', { method: 'POST', headers });
    expect([answer.status, codeOf(answer), admin.revoked]).toEqual([403, 'cross-site', []]);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each([{ 'Sec-Fetch-Site': 'none' }, { 'Sec-Fetch-Site': 'same-origin' }])(
    'of nobody else’s, %j, is answered',
    async (headers) => {
      expect((await ask(await open(), '/v1/rooms', { headers })).status).toBe(200);
    },
  );

  test.each(['/v1/rooms', '/nothing'])('%s says that nothing may be done with it', async (path) => {
    const { headers } = await ask(await open(), path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
});
