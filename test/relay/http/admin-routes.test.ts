import { afterEach, describe, expect, test } from 'vitest';
import type { AdminParts } from '../../../relay/http/admin.ts';
import { askAdmin as ask, codeOf } from '../../support/admin-ask.ts';
import { audienceOver, CONSOLE_KEY, ConsoleStage } from '../../support/console-stage.ts';
import { idleRoom, liveRoom } from '../../support/relay-status.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const ROOMS = [liveRoom('allhands'), idleRoom('board', { access: 'ticket' }), idleRoom('side')];
const JSON_BODY = { 'Content-Type': 'application/json' };

/** A history that cannot be read. */
const broken = async () => ({ kind: 'unavailable', code: 'disk-full' }) as const;

const opened: ConsoleStage[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((stage) => stage.away()));
});

async function open(parts: Partial<AdminParts> = {}) {
  const stage = await ConsoleStage.openWith(ROOMS, parts);
  opened.push(stage);
  return { stage, port: Number(new URL(stage.url).port) };
}

describe('what is known of the relay', () => {
  test('/v1/status tells the operator of all 3 rooms, a ticket of its 1', async () => {
    const admin = await open();
    const all = JSON.parse((await ask(admin, '/v1/status')).text);
    expect(all.rooms).toEqual(ROOMS);
    expect(all.host).toMatchObject({ cpu: 0.23, egressCostPerHour: { amount: 3.82, currency: 'EUR' } });
    const own = JSON.parse((await ask(admin, '/v1/status', { key: 'for-board' })).text);
    expect(own.rooms).toEqual([ROOMS[1]]);
  });

  test('/metrics is text of the type that the metrics have, for the key alone', async () => {
    const admin = await open();
    const answer = await ask(admin, '/metrics');
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
      200,
      'text/plain; version=0.0.4',
      'conf_ready 1\n',
    ]);
    expect((await ask(admin, '/metrics', { key: 'for-board' })).status).toBe(401);
  });

  test('a timeline has the last 200 of 250 happenings, the newest last', async () => {
    const admin = await open();
    admin.stage.events = Array.from({ length: 250 }, (_, atMs) => ({
      atMs,
      level: 'info',
      event: 'leg.opened',
      fields: { room: 'allhands', epoch: 7 },
    }));
    const { events } = JSON.parse((await ask(admin, '/v1/rooms/allhands/timeline')).text);
    expect([events.length, events[0].atMs, events.at(-1)]).toEqual([200, 50, admin.stage.events[249]]);
  });

  test.each(['timeline', 'history'])('the %s of a room of others’ is 404 for a ticket', async (what) => {
    const admin = await open();
    const answer = await ask(admin, `/v1/rooms/allhands/${what}`, { key: 'for-board' });
    expect([answer.status, codeOf(answer)]).toEqual([404, 'room-not-found']);
    expect((await ask(admin, `/v1/rooms/board/${what}`, { key: 'for-board' })).status).toBe(200);
  });
});

describe('the history', () => {
  test('without parameters is of the calls of the last 24 h, 500 at most', async () => {
    const clock = new FakeClock();
    const admin = await open({ clock });
    const nowMs = clock.wallMs();
    const answer = await ask(admin, '/v1/rooms/allhands/history');
    const query = { room: 'allhands', fromMs: nowMs - 86_400_000, toMs: nowMs, limit: 500 };
    expect(admin.stage.queries).toEqual([query]);
    const { fromMs, toMs } = query;
    expect(JSON.parse(answer.text)).toEqual({
      room: 'allhands',
      kind: 'calls',
      fromMs,
      toMs,
      records: [],
      more: false,
    });
  });

  test('of the audience over 3 h has 180 samples, and says when there are more than asked for', async () => {
    const admin = await open();
    admin.stage.samples = audienceOver(3, Date.now());
    const path = '/v1/rooms/allhands/history?kind=audience';
    const all = JSON.parse((await ask(admin, path)).text);
    expect([all.records, all.more]).toEqual([admin.stage.samples, false]);
    const few = JSON.parse((await ask(admin, `${path}&limit=10`)).text);
    expect([few.records.length, few.more]).toEqual([10, true]);
  });

  test('takes moments as Unix milliseconds and as ISO 8601', async () => {
    const admin = await open();
    await ask(admin, '/v1/rooms/allhands/history?from=1000&to=2000');
    await ask(admin, '/v1/rooms/allhands/history?from=1970-01-01&to=1970-01-01T01:00:02%2B01:00');
    expect(admin.stage.queries).toMatchObject([
      { fromMs: 1000, toMs: 2000 },
      { fromMs: 0, toMs: 2000 },
    ]);
  });

  test.each([
    ['from=yesterday', 'from'],
    ['from=2026-13-01', 'from'],
    ['from=-1', 'from'],
    ['to=9999999999999999', 'to'],
    ['from=2000&to=1000', 'from'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=', 'limit'],
    ['kind=tickets', 'kind'],
    ['kind=constructor', 'kind'],
    ['format=xml', 'format'],
  ])('with %s is 400 and names "%s"', async (query, name) => {
    const admin = await open();
    const answer = await ask(admin, `/v1/rooms/allhands/history?${query}`);
    expect([answer.status, codeOf(answer), admin.stage.queries]).toEqual([400, 'bad-request', []]);
    expect(answer.text).toContain(`\\"${name}\\"`);
  });

  test('as CSV is a file with the names of room and kind', async () => {
    const admin = await open();
    const answer = await ask(admin, '/v1/rooms/allhands/history?kind=audience&format=csv');
    expect(answer).toMatchObject({ status: 200, text: admin.stage.csv });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="conf-allhands-audience.csv"',
      'cache-control': 'no-store',
    });
  });

  test('of a relay that keeps none is 409, of one that cannot read it 503 with the reason', async () => {
    const none = await ask(await open({ history: undefined }), '/v1/rooms/allhands/history');
    expect([none.status, codeOf(none)]).toEqual([409, 'no-history']);
    const failing = { calls: broken, events: broken, audience: broken, csv: broken };
    const admin = await open({ history: failing });
    for (const format of ['json', 'csv']) {
      const answer = await ask(admin, `/v1/rooms/allhands/history?format=${format}`);
      expect([answer.status, codeOf(answer)]).toEqual([503, 'history-unavailable']);
      expect(answer.text).toContain('disk-full');
    }
  });
});

describe('an operator’s action', () => {
  test.each([
    ['call', 'allhands call', 'operator.call'],
    ['hangup', 'allhands hang-up', 'operator.hang-up'],
    ['kick', 'allhands kick', 'operator.kick'],
  ])('%s is done once, with 204 and a line in the log', async (path, deed, event) => {
    const admin = await open();
    const answer = await ask(admin, `/v1/rooms/allhands/${path}`, { method: 'POST' });
    expect([answer.status, admin.stage.deeds]).toEqual([204, [deed]]);
    expect(admin.stage.log.of(event)).toEqual([
      { level: 'info', event, room: 'allhands', by: 'key', verdict: 'done' },
    ]);
  });

  test('announce hands on its text without what is around it; the log has the text nowhere', async () => {
    const admin = await open();
    const body = JSON.stringify({ text: `  ${'ü'.repeat(200)} `, more: 1 });
    const asking = { method: 'POST', headers: JSON_BODY, body };
    expect((await ask(admin, '/v1/rooms/allhands/announce', asking)).status).toBe(204);
    expect(admin.stage.deeds).toEqual([`allhands announce "${'ü'.repeat(200)}"`]);
    expect(JSON.stringify(admin.stage.log.lines)).not.toContain('ü');
  });

  test.each([
    ['no JSON', 'Hello', JSON_BODY],
    ['no text', '{}', JSON_BODY],
    ['a text that is none', '{"text":1}', JSON_BODY],
    ['201 characters', JSON.stringify({ text: 'x'.repeat(201) }), JSON_BODY],
    ['two lines', JSON.stringify({ text: 'a\nb' }), JSON_BODY],
    ['half a character', '{"text":"\\ud83d"}', JSON_BODY],
    ['JSON that says it is text', '{"text":"Hello"}', { 'Content-Type': 'text/plain' }],
  ])('announce with %s is 400 and does nothing', async (_, body, headers) => {
    const admin = await open();
    const answer = await ask(admin, '/v1/rooms/allhands/announce', { method: 'POST', headers, body });
    expect([answer.status, codeOf(answer), admin.stage.deeds]).toEqual([400, 'bad-request', []]);
  });

  test.each([
    ['call', 'not-dialled', 'not-dialled'],
    ['call', 'already', 'already-up'],
    ['hangup', 'no-call', 'no-call'],
  ] as const)('%s of a room that is %s is 409 %s', async (path, verdict, code) => {
    const admin = await open();
    admin.stage.verdict = verdict;
    const answer = await ask(admin, `/v1/rooms/allhands/${path}`, { method: 'POST' });
    expect([answer.status, codeOf(answer)]).toEqual([409, code]);
    expect(admin.stage.log.lines).toContainEqual(expect.objectContaining({ room: 'allhands', verdict }));
  });

  test('with a ticket is done to its room alone, and the log says so', async () => {
    const admin = await open();
    const asking = { method: 'POST', key: 'for-board' };
    for (const action of ['call', 'hangup', 'kick', 'announce', 'revoke'])
      expect((await ask(admin, `/v1/rooms/allhands/${action}`, asking)).status).toBe(404);
    expect((await ask(admin, '/v1/rooms/board/kick', asking)).status).toBe(204);
    expect(admin.stage.deeds).toEqual(['board kick']);
    expect(admin.stage.log.of('operator.kick')).toMatchObject([{ room: 'board', by: 'ticket' }]);
  });
});

describe('the console’s page', () => {
  test('and its 3 files are for everybody, hold no key, and are kept by nobody', async () => {
    const admin = await open();
    for (const path of ['/admin', '/admin/console.js', '/admin/console.css', '/admin/page.css']) {
      const { status, headers, text } = await ask(admin, path, { key: '' });
      expect([path, status, headers['cache-control']]).toEqual([path, 200, 'no-store']);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(text).not.toContain(CONSOLE_KEY);
    }
    const { status, headers } = await ask(admin, '/', { key: '' });
    expect([status, headers['location']]).toEqual([302, '/admin']);
  });

  test('lets nothing in but scripts, sheets and answers of this listener', async () => {
    const { headers } = await ask(await open(), '/admin', { key: '' });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html",
    );
  });

  test('of this origin may ask and act; of another, of another port or of none it may not', async () => {
    const admin = await open();
    const path = '/v1/rooms/allhands/kick';
    const by = async (headers: object) => (await ask(admin, path, { method: 'POST', headers })).status;
    const host = `127.0.0.1:${admin.port}`;
    expect(await by({ Origin: `http://${host}`, Host: host, 'Sec-Fetch-Site': 'same-origin' })).toBe(204);
    expect(await by({ Origin: 'https://Admin.example', Host: 'ADMIN.example' })).toBe(204);
    expect(admin.stage.deeds).toHaveLength(2);
    expect(await by({ Origin: `http://127.0.0.1:${admin.port + 1}`, Host: host })).toBe(403);
    expect(await by({ Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await by({ Origin: `http://${host}`, Host: host, 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await by({ Origin: 'null' })).toBe(403);
    expect(await by({ Origin: 'garbage' })).toBe(403);
    expect(admin.stage.deeds).toHaveLength(2);
  });

  test('of somebody else’s that sends a form, a simple POST, is 403 before the key is looked at', async () => {
    const admin = await open();
    const headers = { Origin: 'https://evil.example', 'Content-Type': 'text/plain' };
    for (const key of ['', CONSOLE_KEY]) {
      const asking = { method: 'POST', key, headers, body: '{"text":"Hello"}' };
      const answer = await ask(admin, '/v1/rooms/allhands/announce', asking);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'cross-site']);
    }
    expect(admin.stage.deeds).toEqual([]);
  });
});
