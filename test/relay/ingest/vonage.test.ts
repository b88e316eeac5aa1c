import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../relay/clock.ts';
import { VonageProvider } from '../../../relay/ingest/vonage.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}
interface Answer {
  status: number;
  body?: object;
  headers?: Record<string, string>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A provider against an API that gives `answers` in turn, the last one for ever. Waiting takes no time. */
async function stage(...answers: Answer[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) });
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 500 };
      response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
      response.end(answer.body ? JSON.stringify(answer.body) : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const log = new KeptLog();
  let nowMs = 0;
  const clock: Clock = {
    ...systemClock,
    nowMs: () => nowMs,
    after(delayMs, run) {
      nowMs += delayMs;
      queueMicrotask(run);
      return () => {};
    },
  };
  const settings = {
    applicationId: 'app-0000',
    privateKey,
    from: '442079460000',
    apiHost: `http://127.0.0.1:${port}`,
    lengthTimerSec: 7200,
    publicUrl: 'https://relay.example',
  };
  const rooms = new Map([[ROOM, { conversation: 'allhands-conf', apiHost: undefined }]]);
  const provider = new VonageProvider(settings, rooms, clock, log);
  return { asked, log, provider, settings };
}

const ROOM = roomId('allhands');
const PLACED: Answer = {
  status: 201,
  body: { uuid: 'u-1', status: 'started', direction: 'outbound', conversation_uuid: 'CON-1' },
};

test('a call is asked for with exactly this JSON: "content-type" with a hyphen, never "contentType"', async () => {
  const { asked, provider } = await stage(PLACED);
  expect(await provider.placeCall(ROOM, 'ticket.1.2')).toEqual({ kind: 'placed', legId: 'u-1' });
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/calls']);
  expect(asked[0]?.body).toEqual({
    to: [
      {
        type: 'websocket',
        uri: 'wss://relay.example/vonage/leg/allhands/ticket.1.2',
        headers: { room: 'allhands' },
        authorization: { type: 'vonage' },
        'content-type': 'audio/l16;rate=16000',
      },
    ],
    from: { type: 'phone', number: '442079460000' },
    ncco: [{ action: 'conversation', name: 'allhands-conf', startOnEnter: false, mute: true }],
    event_url: ['https://relay.example/vonage/event'],
    length_timer: 7200,
    ringing_timer: 30,
  });
  expect(asked[0]?.headers.authorization).toMatch(/^Bearer ey/);
});

test('429 with Retry-After 7 is refused with 7000 ms; with a date, without', async () => {
  const seconds = await stage({ status: 429, headers: { 'Retry-After': '7' } });
  expect(await seconds.provider.placeCall(ROOM, 't')).toEqual({
    kind: 'refused',
    code: 'http-429',
    retryAfterMs: 7000,
  });
  const date = await stage({ status: 429, headers: { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' } });
  expect(await date.provider.placeCall(ROOM, 't')).toMatchObject({ code: 'http-429', retryAfterMs: null });
});

test.each([
  [{ status: 401 }, 'http-401'],
  [{ status: 503 }, 'http-503'],
  [{ status: 201, body: {} }, 'no-answer'],
] satisfies [Answer, string][])('an answer %o is refused as %s', async (answer, code) => {
  const { provider } = await stage(answer);
  expect(await provider.placeCall(ROOM, 't')).toEqual({ kind: 'refused', code, retryAfterMs: null });
});

test('a hang-up is one PUT', async () => {
  const { asked, provider } = await stage({ status: 204 });
  expect(await provider.hangUp(ROOM, 'u-1')).toEqual({ kind: 'hung-up' });
  expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['PUT', '/v1/calls/u-1', { action: 'hangup' }],
  ]);
});

test('400 in the first seconds of a call is tried again until it is 204', async () => {
  const { asked, provider } = await stage(
    { status: 400 },
    { status: 200, body: { uuid: 'u-1', status: 'started' } },
    { status: 400 },
    { status: 200, body: { uuid: 'u-1', status: 'answered' } },
    { status: 204 },
  );
  expect(await provider.hangUp(ROOM, 'u-1')).toEqual({ kind: 'hung-up' });
  expect(asked.map(({ method }) => method)).toEqual(['PUT', 'GET', 'PUT', 'GET', 'PUT']);
});

test('404, or 400 for a call that is completed, is gone', async () => {
  const unknown = await stage({ status: 404 });
  expect(await unknown.provider.hangUp(ROOM, 'u-1')).toEqual({ kind: 'gone' });
  const over = await stage({ status: 400 }, { status: 200, body: { uuid: 'u-1', status: 'completed' } });
  expect(await over.provider.hangUp(ROOM, 'u-1')).toEqual({ kind: 'gone' });
});

test('503 for 5 s is given up, with one error in the log', async () => {
  const { asked, log, provider } = await stage({ status: 503 });
  expect(await provider.hangUp(ROOM, 'u-1')).toEqual({ kind: 'failed', code: 'http-503' });
  expect(asked).toHaveLength(11);
  expect(log.complaints).toEqual([
    { level: 'error', event: 'vonage.hang-up-failed', room: 'allhands', leg: 'u-1', code: 'http-503' },
  ]);
});

const LEG = 'wss://relay.example/vonage/leg/allhands/e.x.mac';
const NONE: Answer = { status: 200, body: { _embedded: { calls: [] } } };
const page = (...calls: object[]): Answer => ({ status: 200, body: { _embedded: { calls } } });

test('the live legs are asked for as started, ringing, answered, in this order; one that is seen twice counts once', async () => {
  const ringing = { uuid: 'u-1', status: 'ringing', to: { type: 'websocket', uri: LEG } };
  const { asked, provider } = await stage(page({ ...ringing, status: 'started' }), page(ringing), NONE);
  expect(await provider.liveLegs()).toEqual({
    kind: 'known',
    legs: [{ legId: 'u-1', room: 'allhands', legTicket: 'e.x.mac' }],
  });
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(
    ['started', 'ringing', 'answered'].map(
      (status) => `GET /v1/calls?status=${status}&page_size=100&record_index=0&order=desc`,
    ),
  );
});

test.each([
  ['an endpoint', 1, { type: 'websocket', uri: LEG }],
  ['a list of one', 1, [{ type: 'websocket', uri: LEG }]],
  ['a phone', 0, { type: 'phone', number: '442079460001' }],
  ['a list of a phone', 0, [{ type: 'phone', number: '442079460001' }]],
  ['nothing', 0, undefined],
  ['null', 0, null],
  ['a number', 0, 7],
  ['another relay', 0, { uri: LEG.replace('relay', 'other') }],
  ['a relay whose name begins with ours', 0, { uri: LEG.replace('.example', '.example.org') }],
  ['another path', 0, { uri: LEG.replace('leg', 'log') }],
  ['a longer path', 0, { uri: `${LEG}/x` }],
  ['a leg without ticket', 0, { uri: 'wss://relay.example/vonage/leg/allhands' }],
  ['a room id with capitals', 0, { uri: LEG.replace('allhands', 'AllHands') }],
])('a listed call to %s is %i legs of ours', async (_, count, to) => {
  const { provider } = await stage(page({ uuid: 'u-1', to }), NONE);
  expect(await provider.liveLegs()).toMatchObject({ kind: 'known', legs: { length: count } });
});

test('a full page of 100 is followed by the next, for 1000 calls of a status and no more', async () => {
  const calls = Array.from({ length: 100 }, (_, n) => ({ uuid: `u-${n}`, to: [{ uri: LEG }] }));
  const { asked, provider } = await stage(page(...calls));
  expect(await provider.liveLegs()).toMatchObject({ kind: 'known', legs: { length: 100 } });
  expect(asked).toHaveLength(30);
  expect(asked[9]?.path).toContain('status=started&page_size=100&record_index=900');
});

test.each([
  [{ status: 429 }, 'http-429'],
  [{ status: 200, body: {} }, 'no-answer'],
  [{ status: 200, body: { _embedded: { calls: [{}] } } }, 'no-answer'],
] satisfies [Answer, string][])('to a list of %o the live legs are not known: %s', async (answer, code) => {
  const { provider } = await stage(answer);
  expect(await provider.liveLegs()).toEqual({ kind: 'failed', code });
});

test('a platform that is not there is refused as no-answer, and no line holds the token or the key', async () => {
  const { asked, log, provider } = await stage({ status: 401 });
  await provider.placeCall(ROOM, 'a-leg-ticket');
  const token = asked[0]?.headers.authorization?.replace('Bearer ', '') ?? '';
  for (const close of closers.splice(0)) await close();
  expect(await provider.placeCall(ROOM, 'a-leg-ticket')).toMatchObject({ code: 'no-answer' });
  const text = JSON.stringify(log.lines);
  expect(token.length).toBeGreaterThan(100);
  for (const secret of [token, token.slice(0, 30), 'PRIVATE KEY', 'a-leg-ticket', privateKey.slice(40, 80)]) {
    expect(text).not.toContain(secret);
  }
  expect(log.of('vonage.call-failed')).toHaveLength(2);
});

test('a room of another region is called, hung up and asked for at its own host, the others at the application’s', async () => {
  const [home, far] = [await stage(PLACED), await stage(PLACED)];
  const [near, abroad] = [roomId('near'), roomId('abroad')];
  const rooms = new Map([
    [near, { conversation: 'near', apiHost: undefined }],
    [abroad, { conversation: 'abroad', apiHost: far.settings.apiHost }],
  ]);
  const provider = new VonageProvider(home.settings, rooms, systemClock, home.log);
  await provider.placeCall(near, 'ticket.1.2');
  await provider.placeCall(abroad, 'ticket.3.4');
  await provider.hangUp(abroad, 'u-1');
  await provider.liveLegs();
  const ways = (asked: readonly Asked[]): string[] =>
    asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  expect(ways(home.asked)).toEqual(['POST /v1/calls', 'GET /v1/calls']);
  expect(ways(far.asked)).toEqual(['POST /v1/calls', 'PUT /v1/calls/u-1']);
});
