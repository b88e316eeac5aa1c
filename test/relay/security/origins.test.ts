import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';
import { signed } from '../ingest/signed.ts';
import { HandPlatform } from './hand-platform.ts';

const OWN = 'https://relay.example';
const PATTERNS = ['https://intranet.example', 'https://*.corp.example'];
const EVIL = 'https://corp.example.evil.tld';

let platform: HandPlatform;
let house: House;
beforeAll(async () => {
  platform = await HandPlatform.open();
  const rooms = [
    { id: 'press', source: 'l16', origins: PATTERNS },
    { id: 'vip', source: 'l16', origins: PATTERNS, access: 'ticket' },
    { id: 'allhands', source: 'l16' },
    { id: 'dialled', source: 'vonage', origins: PATTERNS },
  ];
  house = await House.open({ settings: { ...platform.settings, rooms } });
});
afterAll(async () => {
  expect(house.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  await house.close();
  await platform.close();
});

type Shown = 'nothing' | 'listen' | 'page' | 'garbage';

async function ticketOf(shown: Shown, room: string): Promise<string | undefined> {
  if (shown === 'nothing') return undefined;
  return shown === 'garbage' ? 'garbage' : house.ticket(room, shown);
}

/** What a WebSocket of this origin is told: nothing (it is open), or why it is closed. */
async function socketVerdict(room: string, origin: string | undefined, ticket?: string): Promise<string> {
  const protocols = ['conf.v1', ...(ticket === undefined ? [] : [`bearer.${ticket}`])];
  const ear = await house.listen(room, protocols, { headers: { ...(origin !== undefined && { origin }) } });
  await until('it is in or out', () => ear.messages.length > 0 || ear.closed !== undefined);
  ear.socket.close();
  return ear.messages.length > 0 ? 'in' : `${ear.closed?.code} ${ear.closed?.reason}`;
}

interface Head {
  status: number;
  allow: string | undefined;
  vary: string | undefined;
}

/** The head of what a page of this origin is answered; a stream is not heard to its end. */
function head(path: string, origin: string | undefined, ticket?: string, method = 'GET'): Promise<Head> {
  const headers = {
    ...(origin !== undefined && { Origin: origin }),
    ...(ticket !== undefined && { Authorization: `Bearer ${ticket}` }),
  };
  return new Promise((resolve, reject) => {
    const asked = get(house.url + path, { method, headers, agent: false }, (response) => {
      resolve({
        status: response.statusCode ?? 0,
        allow: response.headers['access-control-allow-origin'],
        vary: response.headers.vary,
      });
      asked.destroy();
    });
    asked.once('error', reject);
  });
}

const WAYS = ['', '/stream', '/stream.wav', '/chunks'];

const PRESS: [origin: string | undefined, shown: Shown, told: string][] = [
  ['https://intranet.example', 'nothing', 'in'],
  ['https://www.corp.example', 'nothing', 'in'],
  ['https://www.corp.example', 'garbage', 'in'],
  [OWN, 'nothing', 'in'],
  [undefined, 'nothing', '4403 origin-refused'],
  [undefined, 'listen', 'in'],
  [undefined, 'page', 'in'],
  [undefined, 'garbage', '4401 ticket-refused'],
  ['null', 'nothing', '4403 origin-refused'],
  ['null', 'listen', 'in'],
  ['null', 'page', 'in'],
  ['null', 'garbage', '4401 ticket-refused'],
  [EVIL, 'nothing', '4403 origin-refused'],
  [EVIL, 'listen', '4403 origin-refused'],
  [EVIL, 'page', '4403 origin-refused'],
  ['https://corp.example', 'nothing', '4403 origin-refused'],
  ['https://evilcorp.example', 'nothing', '4403 origin-refused'],
  ['http://intranet.example', 'nothing', '4403 origin-refused'],
  ['https://intranet.example:8443', 'nothing', '4403 origin-refused'],
  ['https://INTRANET.EXAMPLE', 'nothing', '4403 origin-refused'],
  ['https://relay.example.evil.tld', 'nothing', '4403 origin-refused'],
  ['http://relay.example', 'nothing', '4403 origin-refused'],
];
const VIP: typeof PRESS = [
  ['https://intranet.example', 'nothing', '4401 ticket-refused'],
  ['https://intranet.example', 'listen', 'in'],
  ['https://intranet.example', 'page', '4401 ticket-refused'],
  [OWN, 'listen', 'in'],
  ['null', 'listen', 'in'],
  [undefined, 'listen', 'in'],
  [undefined, 'nothing', '4401 ticket-refused'],
  [EVIL, 'listen', '4403 origin-refused'],
  [EVIL, 'nothing', '4401 ticket-refused'],
];

describe.each([
  ['press', 'of these origins', PRESS],
  ['vip', 'of tickets and these origins', VIP],
])('P19: a room (%s) %s', (room, _, cases) => {
  test.each(cases)('tells a page of %s with %s over a WebSocket and 4 ways of HTTP: %s', async (...one) => {
    const [origin, shown, told] = one;
    const ticket = await ticketOf(shown, room);
    expect(await socketVerdict(room, origin, ticket)).toBe(told);
    const status = told === 'in' ? 200 : Number.parseInt(told, 10) - 4000;
    for (const way of WAYS)
      expect((await head(`/v1/rooms/${room}${way}`, origin, ticket)).status).toBe(status);
  });
});

describe('P19: which page may read an answer about a room of some origins (CORS)', () => {
  test.each(WAYS)('%s: exactly the one that asks, and caches are told that it depends', async (way) => {
    const path = `/v1/rooms/press${way}`;
    const ticket = await house.ticket('press');
    for (const origin of ['https://intranet.example', 'https://www.corp.example', OWN]) {
      const allowed = { allow: origin, vary: 'Origin' };
      expect(await head(path, origin)).toEqual({ status: 200, ...allowed });
      expect(await head(path, origin, undefined, 'OPTIONS')).toEqual({ status: 204, ...allowed });
    }
    expect(await head(path, 'null', ticket)).toEqual({ status: 200, allow: 'null', vary: 'Origin' });
    expect(await head(path, 'null', undefined, 'OPTIONS')).toEqual({
      status: 204,
      allow: 'null',
      vary: 'Origin',
    });
    const none = { allow: undefined, vary: 'Origin' };
    expect(await head(path, undefined, ticket)).toEqual({ status: 200, ...none });
    expect(await head(path, EVIL, undefined, 'OPTIONS')).toEqual({ status: 204, ...none });
    // A refusal has nothing in it but why, which its page may say.
    expect(await head(path, EVIL, ticket)).toEqual({ status: 403, allow: '*', vary: 'Origin' });
    expect((await head(path, 'null')).status).toBe(403);
  });

  test('never says that credentials may come along', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const response = await fetch(`${house.url}/v1/rooms/press`, {
        method,
        headers: { Origin: 'https://intranet.example' },
      });
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('is any of an open room', async () => {
    for (const way of WAYS)
      expect(await head(`/v1/rooms/allhands${way}`, EVIL)).toEqual({
        status: 200,
        allow: '*',
        vary: undefined,
      });
  });
});

test('P19: two Origins are none', async () => {
  const two = ['Origin: https://intranet.example', 'Origin: https://www.corp.example'];
  const lines = ['GET /v1/rooms/press HTTP/1.1', 'Host: a', ...two, 'Connection: close', '', ''];
  expect(await house.raw(lines.join('\r\n'))).toMatch(/^HTTP\/1.1 403 /);
  const joined = 'https://intranet.example, https://www.corp.example';
  expect(await socketVerdict('press', joined)).toBe('4403 origin-refused');
});

test('P19: one of 8 kB is none of ours', async () => {
  const origin = `https://${'a'.repeat(8000)}.corp.example.evil.tld`;
  expect(await socketVerdict('press', origin)).toBe('4403 origin-refused');
  expect((await head('/v1/rooms/press/stream', origin)).status).toBe(403);
});

/** Brings the sound of a page of nowhere to a path; resolves once its leg is open. */
async function bring(path: string, Authorization: string): Promise<WebSocket> {
  const before = house.log.of('leg.opened').length;
  const socket = new WebSocket(house.url.replace('http', 'ws') + path, {
    headers: { Authorization, Origin: EVIL },
  });
  socket.on('error', () => {});
  await until('it is let in or not', () => socket.readyState !== WebSocket.CONNECTING);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.send('{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}');
  await until('its leg is open', () => house.log.of('leg.opened').length > before);
  return socket;
}

describe('P19: origins are never asked of who brings the sound', () => {
  test.each(['press', 'vip'])('a publisher of %s comes from anywhere', async (room) => {
    const socket = await bring(`/ingest/${room}`, `Bearer ${await house.ticket(room, 'publish')}`);
    socket.terminate();
  });

  test('the platform’s leg comes from anywhere', async () => {
    const headers = { Origin: 'https://intranet.example' };
    const ear = await house.listen('dialled', ['conf.v1'], { headers });
    const { path } = await platform.call(0);
    const socket = await bring(path, signed({ iat: Date.now() / 1000 }));
    ear.socket.terminate();
    socket.terminate();
  });
});
