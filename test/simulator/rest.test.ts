import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../demo/simulator/clock.ts';
import type { Clock } from '../../demo/simulator/clock.ts';
import { account, setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

/** The machine's clock, with hours that a test can skip. */
function skippingClock(): Clock & { skip(ms: number): void } {
  let skippedMs = 0;
  return {
    nowMs: () => systemClock.nowMs() + skippedMs,
    after: (ms, run) => systemClock.after(ms, run),
    skip: (ms) => {
      skippedMs += ms;
    },
  };
}

interface TokenWishes {
  alg?: string;
  key?: string;
  claims?: Record<string, unknown>;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function token({ alg = 'RS256', key = account.privateKey, claims = {} }: TokenWishes = {}): string {
  const nowSec = Math.floor(Date.now() / 1000);
  const payload = { application_id: account.applicationId, iat: nowSec, exp: nowSec + 60, jti: randomUUID() };
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode({ ...payload, ...claims })}`;
  const signature = alg.startsWith('RS')
    ? createSign('RSA-SHA256').update(signed).sign(key, 'base64url')
    : createHmac('sha256', key).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}

async function ask(
  current: Stage,
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${token()}`,
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const reply = await fetch(`${current.simulator.url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** Part of a page of the list: these calls, in this order. */
function pageOf(uuids: string[]): object {
  return { _embedded: { calls: uuids.map((uuid) => ({ uuid })) } };
}

function callBody(current: Stage, changes: object = {}, endpoint: object = {}): object {
  const to = {
    type: 'websocket',
    uri: current.relay.legUri,
    'content-type': 'audio/l16;rate=16000',
    ...endpoint,
  };
  const ncco = [{ action: 'conversation', name: 'allhands' }];
  return { to: [to], from: { type: 'phone', number: '442037831800' }, ncco, ...changes };
}

test('4 calls in one second get 201 three times and 429 with Retry-After 1 once', async () => {
  stage = await setStage();
  const replies = [];
  for (let n = 0; n < 4; n++) replies.push(await ask(stage, 'POST', '/v1/calls', callBody(stage)));
  expect(replies.map((reply) => reply.status)).toEqual([201, 201, 201, 429]);
  expect(replies[3]?.headers.get('retry-after')).toBe('1');
  expect(stage.simulator.legs()).toHaveLength(3);
});

test('16 other requests in one second get 429 once, and the next second is free again', async () => {
  const clock = skippingClock();
  stage = await setStage({ clock });
  const statuses = [];
  for (let n = 0; n < 16; n++) statuses.push((await ask(stage, 'GET', '/v1/calls')).status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  clock.skip(1000);
  expect((await ask(stage, 'GET', '/v1/calls')).status).toBe(200);
});

test('a hang-up 100 ms after the call gets 400, 2 s after it 204, and on a completed call 400', async () => {
  const clock = skippingClock();
  stage = await setStage({ settleMs: 1500, clock });
  const uuid = await stage.dial();
  clock.skip(100);
  const hangUp = () => ask(stage ?? expect.fail(), 'PUT', `/v1/calls/${uuid}`, { action: 'hangup' });
  expect(await hangUp()).toMatchObject({
    status: 400,
    body: { type: 'BAD_REQUEST', error_title: 'Bad Request' },
  });
  clock.skip(1900);
  expect((await hangUp()).status).toBe(204);
  expect((await hangUp()).status).toBe(400);
  expect(stage.simulator.legs()[0]?.hangUps).toBe(1);
});

test('9 wrong tokens and no token get 401, and nothing is dialled', async () => {
  stage = await setStage({ requestsPerSecond: 100 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const otherKey = other.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const nowSec = Math.floor(Date.now() / 1000);
  const wrong = [
    '',
    `Basic ${token()}`,
    'Bearer nonsense',
    `Bearer ${token()}x.y`,
    `Bearer ${token({ key: otherKey })}`,
    `Bearer ${token({ alg: 'HS256', key: account.publicKeyPem })}`,
    `Bearer ${token({ alg: 'RS512' })}`,
    `Bearer ${token({ claims: { application_id: 'another' } })}`,
    `Bearer ${token({ claims: { exp: nowSec - 1 } })}`,
    `Bearer ${token({ claims: { iat: nowSec + 120 } })}`,
  ];
  for (const authorization of wrong) {
    const reply = await ask(stage, 'POST', '/v1/calls', callBody(stage), authorization);
    expect(reply).toMatchObject({ status: 401, body: { type: 'UNAUTHORIZED' } });
  }
  expect(stage.simulator.legs()).toHaveLength(0);
});

test.each<[string, object, object, string]>([
  ['no to', { to: [] }, {}, 'to'],
  [
    'a second to',
    {
      to: [
        { type: 'phone', number: '1' },
        { type: 'phone', number: '2' },
      ],
    },
    {},
    'to',
  ],
  ['an endpoint of another type', {}, { type: 'carrier-pigeon' }, 'to.0.type'],
  ['an http: uri', {}, { uri: 'http://127.0.0.1/leg' }, 'to.0.uri'],
  ['a ws: uri on another machine', {}, { uri: 'ws://relay.example/leg' }, 'to.0.uri'],
  ['a rate of 44100', {}, { 'content-type': 'audio/l16;rate=44100' }, 'to.0.content-type'],
  ['no content-type', {}, { 'content-type': undefined }, 'to.0.content-type'],
  ['headers of 513 bytes', {}, { headers: { a: 'x'.repeat(505) } }, 'to.0.headers'],
  ['neither ncco nor answer_url', { ncco: undefined }, {}, 'ncco'],
  ['both ncco and answer_url', { answer_url: ['http://127.0.0.1/a'] }, {}, 'ncco'],
  ['no from', { from: undefined }, {}, 'from'],
  ['a length_timer of 0', { length_timer: 0 }, {}, 'length_timer'],
  ['a length_timer of 86401', { length_timer: 86_401 }, {}, 'length_timer'],
  ['a ringing_timer of 121', { ringing_timer: 121 }, {}, 'ringing_timer'],
])('a call with %s gets 400 naming the field', async (_name, changes, endpoint, field) => {
  stage = await setStage();
  const reply = await ask(stage, 'POST', '/v1/calls', callBody(stage, changes, endpoint));
  expect(reply.status).toBe(400);
  expect(reply.body).toMatchObject({ invalid_parameters: { [field]: expect.any(String) } });
});

test("the SDK's typed contentType is not content-type: 400, or 16 kHz where that is the setting", async () => {
  stage = await setStage();
  const endpoint = { 'content-type': undefined, contentType: 'audio/l16;rate=8000' };
  expect((await ask(stage, 'POST', '/v1/calls', callBody(stage, {}, endpoint))).status).toBe(400);
  await stage.close();
  stage = await setStage({ missingContentType: 'default16k' });
  expect((await ask(stage, 'POST', '/v1/calls', callBody(stage, {}, endpoint))).status).toBe(201);
  expect(stage.simulator.legs()[0]?.sampleRate).toBe(16_000);
});

test('headers of 512 bytes, random_from_number and length_timer 86400 are accepted', async () => {
  stage = await setStage();
  const changes = { from: undefined, random_from_number: true, length_timer: 86_400 };
  const reply = await ask(
    stage,
    'POST',
    '/v1/calls',
    callBody(stage, changes, { headers: { a: 'x'.repeat(504) } }),
  );
  expect(reply.status).toBe(201);
});

test('unknown calls and paths get 404, broken JSON, other types and unknown actions 400', async () => {
  stage = await setStage();
  const uuid = await stage.dial();
  const status = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await ask(stage ?? expect.fail(), method, path, body)).status;
  expect(await status('GET', `/v1/calls/${randomUUID()}`)).toBe(404);
  expect(await status('PUT', `/v1/calls/${randomUUID()}`, { action: 'hangup' })).toBe(404);
  expect(await status('GET', '/v2/calls')).toBe(404);
  expect(await status('DELETE', `/v1/calls/${uuid}`)).toBe(404);
  expect(await status('POST', '/v1/calls', '{"to":')).toBe(400);
  expect(await status('PUT', `/v1/calls/${uuid}`, { action: 'dance' })).toBe(400);
  expect(await status('PUT', `/v1/calls/${uuid}/talk`, { text: 'Hello' })).toBe(200);
  const requests = stage.simulator.requests();
  expect(requests.find((request) => request.method === 'PUT')?.body).toBe('{"action":"hangup"}');
});

test('a list pages 3 calls by 2, filters by status and gives the newest first on demand', async () => {
  stage = await setStage();
  const uuids = [await stage.dial(), await stage.dial(), await stage.dial()];
  await stage.simulator.waitForLeg((leg) => leg.uuid === uuids[2] && leg.status === 'answered');
  const list = async (query: string) => (await ask(stage ?? expect.fail(), 'GET', `/v1/calls?${query}`)).body;
  expect(await list('page_size=2')).toMatchObject({ count: 3, ...pageOf(uuids.slice(0, 2)) });
  expect(await list('page_size=2&record_index=2')).toMatchObject(pageOf(uuids.slice(2)));
  expect(await list('order=desc')).toMatchObject(pageOf(uuids.toReversed()));
  await stage.vonage.voice.hangupCall(uuids[0] ?? '');
  expect(await list('status=answered')).toMatchObject({ count: 2, ...pageOf(uuids.slice(1)) });
  expect(await list('date_end=2020-01-01T00:00:00Z')).toMatchObject({ count: 0 });
  const all = [];
  for await (const call of stage.vonage.voice.getAllCalls({ pageSize: 2 })) if (call) all.push(call.uuid);
  expect(all).toEqual(uuids);
});

test('faults answer the next requests with 500, 500 and 429, then the API is well again', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'http', status: 500, requests: 2 });
  const statuses = [];
  for (let n = 0; n < 2; n++) statuses.push((await ask(stage, 'GET', '/v1/calls')).status);
  stage.simulator.inject({ kind: 'http', status: 429 });
  for (let n = 0; n < 2; n++) statuses.push((await ask(stage, 'GET', '/v1/calls')).status);
  expect(statuses).toEqual([500, 500, 429, 200]);
});

test.each<400 | 401>([400, 401])(
  'an http fault of %i refuses a good dial, and nothing rings',
  async (status) => {
    stage = await setStage();
    stage.simulator.inject({ kind: 'http', status });
    await expect(stage.dial()).rejects.toThrow(String(status));
    expect(stage.simulator.legs()).toHaveLength(0);
  },
);

test('slowApi holds one answer back for 1 s', async () => {
  stage = await setStage();
  stage.simulator.inject({ kind: 'slowApi', byMs: 1000 });
  const beganMs = performance.now();
  await ask(stage, 'GET', '/v1/calls');
  const slowMs = performance.now() - beganMs;
  await ask(stage, 'GET', '/v1/calls');
  expect(slowMs).toBeGreaterThanOrEqual(999);
  expect(performance.now() - beganMs - slowMs).toBeLessThan(900);
});
