import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { FailureLimit } from '../../../relay/access/failure-limit.ts';
import { problem } from '../../../relay/errors.ts';
import type { AdminParts } from '../../../relay/http/admin.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { CONSOLE_KEY as KEY, ConsoleStage } from '../../support/console-stage.ts';
import { idleRoom, liveRoom } from '../../support/relay-status.ts';
import { askAdmin as ask, codeOf } from '../../support/admin-ask.ts';
import { upgradeRequest } from '../house.ts';

const LINES = [
  liveRoom('allhands', { source: 'l16' }),
  idleRoom('board', { title: 'Board', access: 'ticket' }),
] as const;

const opened: ConsoleStage[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((admin) => admin.away()));
});

/** An admin listener on a free port; the ticket `for-board` is good for the board's room. */
async function open(parts: Partial<AdminParts> = {}) {
  const clock = new FakeClock();
  const stage = await ConsoleStage.openWith(LINES, { failures: new FailureLimit(20, clock), ...parts });
  opened.push(stage);
  const { log, deeds } = stage;
  return { stage, clock, log, deeds, port: Number(new URL(stage.url).port) };
}

describe('with the key', () => {
  test('the operator sees every room, never a PIN', async () => {
    const answer = await ask(await open(), '/v1/rooms');
    expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { rooms: LINES }]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  test('a room is revoked with 204, once, with a line in the log', async () => {
    const admin = await open();
    expect((await ask(admin, '/v1/rooms/allhands/revoke', { method: 'POST' })).status).toBe(204);
    expect(admin.deeds).toEqual(['allhands revoke']);
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
    ['/admin/', 'GET', 404, 'not-found'],
    ['/admin/builder.js', 'GET', 404, 'not-found'],
    ['/admin/..%2fcomponent/conf-listener.js', 'GET', 404, 'not-found'],
  ])('P21: %s by %s is %i %s', async (path, method, status, code) => {
    const admin = await open();
    const answer = await ask(admin, path, { method });
    expect([answer.status, codeOf(answer), admin.deeds]).toEqual([status, code, []]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('/healthz of a relay that is stuck is 503', async () => {
    const admin = await open({ health: () => problem('stuck', 'A moment ago.') });
    const answer = await ask(admin, '/healthz');
    expect([answer.status, codeOf(answer)]).toEqual([503, 'stuck']);
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
    expect(admin.deeds).toEqual([]);
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
    expect(JSON.stringify(admin.log.lines)).not.toMatch(/swordfish|a key of/);
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
    expect(admin.deeds).toEqual(['board revoke']);
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
    expect([answer.status, codeOf(answer), admin.deeds]).toEqual([403, 'cross-site', []]);
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
