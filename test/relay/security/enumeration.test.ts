import { Agent, get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ticketsBy } from '../../support/tickets.ts';
import { House } from '../house.ts';

/** `ghost` is no room; the names are of one length, so that answers may be compared byte by byte. */
const HIDDEN = ['ghost', 'board', 'vault'];
const ROOMS = [
  { id: 'board', title: 'Directors', source: 'l16', access: 'ticket' },
  { id: 'vault', title: 'Takeover', source: 'l16', access: 'ticket', origins: ['https://intranet.example'] },
  { id: 'allhands', source: 'l16' },
];
const WAYS = ['', '/stream', '/stream.wav', '/chunks', '/chunks?listener=somebody'];

/** What a stranger may show: nothing, or what is no ticket for any of these rooms. */
const SHOWN: [what: string, ticket: (house: House) => Promise<string> | undefined][] = [
  ['nothing', () => undefined],
  ['garbage', async () => 'garbage'],
  ['a ticket for an open room', (house) => house.ticket('allhands')],
  [
    'a ticket that somebody else has signed',
    () => ticketsBy('another secret of thirty-two bytes').issue(['*'], 'listen', 60),
  ],
  ['a publisher’s ticket', (house) => house.tickets.issue(['*'], 'publish', 60)],
  ['a ticket that has run out', (house) => house.tickets.issue(['board'], 'listen', -60)],
];
const ORIGINS = [undefined, 'null', 'https://evil.tld', 'https://intranet.example'];

/** Head and body of an answer, without what is of the moment and without the room's name. */
async function answer(house: House, method: string, path: string, headers: string[]): Promise<string> {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', ''];
  const text = await house.raw(lines.join('\r\n'));
  return text
    .replace(/^Date: .*\r\n/m, '')
    .replace(/^X-Request-Id: [0-9a-f]{16}\r\n/m, '')
    .replaceAll(new RegExp(HIDDEN.join('|'), 'g'), 'name');
}

interface Goodbye {
  code: number;
  reason: string;
  /** Of the handshake, but the two that are of the moment. */
  headers: object;
  messages: number;
}

/** How a WebSocket ends. */
function goodbye(house: House, room: string, ticket?: string, headers = {}): Promise<Goodbye> {
  const protocols = ['conf.v1', ...(ticket === undefined ? [] : [`bearer.${ticket}`])];
  const url = `${house.url.replace('http', 'ws')}/v1/rooms/${room}/listen`;
  const socket = new WebSocket(url, protocols, { headers });
  let handshake: object = {};
  let messages = 0;
  socket.once('upgrade', (response) => {
    const { date: _, 'sec-websocket-accept': __, ...rest } = response.headers;
    handshake = rest;
  });
  socket.on('message', () => messages++);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', (code, reason) =>
      resolve({ code, reason: reason.toString(), headers: handshake, messages }),
    );
  });
}

describe('P20: no room, a private room, and a private room of some origins', () => {
  let house: House;
  beforeAll(async () => (house = await House.open({ settings: { rooms: ROOMS } })));
  afterAll(() => house.close());

  test.each(SHOWN)('answer alike on 5 ways of HTTP, byte by byte, to who shows %s', async (_, ticketFor) => {
    const ticket = await ticketFor(house);
    for (const origin of ORIGINS) {
      const headers = [
        ...(origin === undefined ? [] : [`Origin: ${origin}`]),
        ...(ticket === undefined ? [] : [`Authorization: Bearer ${ticket}`]),
      ];
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST'])
        for (const way of WAYS) {
          const all = HIDDEN.map((room) => answer(house, method, `/v1/rooms/${room}${way}`, headers));
          const [none = '', ...rooms] = await Promise.all(all);
          expect(none).toMatch(/^HTTP\/1.1 (401|204|405) /);
          expect(rooms).toEqual([none, none]);
        }
    }
  });

  test('answer alike to a ticket in the address', async () => {
    const ticket = await house.ticket('allhands');
    const [none = '', ...rooms] = await Promise.all(
      HIDDEN.map((room) => answer(house, 'GET', `/v1/rooms/${room}/stream.wav?ticket=${ticket}`, [])),
    );
    expect(none).toMatch(/^HTTP\/1.1 401 /);
    expect(rooms).toEqual([none, none]);
  });

  test.each(SHOWN)('close a WebSocket alike, with 4401, to who shows %s', async (_, ticketFor) => {
    const ticket = await ticketFor(house);
    for (const origin of ORIGINS) {
      const headers = { ...(origin !== undefined && { Origin: origin }) };
      const all = HIDDEN.map((room) => goodbye(house, room, ticket, headers));
      const [none, ...rooms] = await Promise.all(all);
      expect([none?.code, none?.messages]).toEqual([4401, 0]);
      expect(rooms).toEqual([none, none]);
    }
  });

  test.each(['/listen/', '/embed/'])('have the same page under %s, but for the name', async (page) => {
    for (const method of ['GET', 'HEAD']) {
      const [none = '', ...rooms] = await Promise.all(
        HIDDEN.map((room) => answer(house, method, page + room, [])),
      );
      expect(none).toMatch(/^HTTP\/1.1 200 /);
      expect(rooms).toEqual([none, none]);
    }
  });

  test('have no ticket for a page, whoever asks', async () => {
    const tickets = [
      undefined,
      'garbage',
      await house.ticket('allhands', 'page'),
      await house.ticket('board'),
    ];
    for (const ticket of tickets) {
      const headers = ticket === undefined ? [] : [`Authorization: Bearer ${ticket}`];
      const all = HIDDEN.map((room) => answer(house, 'GET', `/page-ticket?room=${room}`, headers));
      const [none = '', ...rooms] = await Promise.all(all);
      expect(none).toMatch(/^HTTP\/1.1 401 /);
      expect(rooms).toEqual([none, none]);
    }
  });

  test('refuse a publisher alike, who has no ticket for them', async () => {
    const [none = '', ...rooms] = await Promise.all(
      HIDDEN.map((room) =>
        answer(house, 'GET', `/ingest/${room}`, [
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ]),
      ),
    );
    expect(none).toMatch(/^HTTP\/1.1 401 /);
    expect(rooms).toEqual([none, none]);
  });
});

describe('P20: how long an answer takes', () => {
  const ROUNDS = 300;
  let house: House;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  beforeAll(async () => (house = await House.open({ settings: { rooms: ROOMS } })));
  afterAll(async () => {
    agent.destroy();
    await house.close();
  });

  function timeOf(path: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const startMs = performance.now();
      const asked = get(house.url + path, { headers, agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(performance.now() - startMs));
      });
      asked.once('error', reject);
    });
  }

  test.each(SHOWN)(
    `of no room and of a private one differ by less than a tenth at the median of ${ROUNDS}, for who shows %s`,
    async (_, ticketFor) => {
      const ticket = await ticketFor(house);
      const headers = ticket === undefined ? {} : { Authorization: `Bearer ${ticket}` };
      const tookMs: number[] = [];
      const differencesMs: number[][] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        // Within a round nothing changes but the room; the rounds go through all 6 orders.
        const order = round % 2 ? HIDDEN : HIDDEN.toReversed();
        const took = new Map<string, number>();
        for (let turn = 0; turn < order.length; turn++) {
          const room = order[(round + turn) % order.length] ?? '';
          took.set(room, await timeOf(`/v1/rooms/${room}/stream`, headers));
        }
        const [none = 0, ...rooms] = HIDDEN.map((room) => took.get(room) ?? 0);
        tookMs.push(none);
        for (const [at, room] of rooms.entries()) differencesMs[at]?.push(room - none);
      }
      const atMostMs = 0.1 * median(tookMs);
      for (const some of differencesMs) expect(Math.abs(median(some))).toBeLessThan(atMostMs);
    },
  );
});

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

describe('P20: a private room that is full', () => {
  test('looks like no room to who has no ticket, and is 429 for who has one', async () => {
    const house = await House.open({ settings: { rooms: ROOMS, limits: { perRoom: 1 } } });
    const ticket = await house.ticket('board');
    await house.listen('board', ['conf.v1', `bearer.${ticket}`]);
    const [none, full] = [await goodbye(house, 'ghost'), await goodbye(house, 'board')];
    expect([full, full.code]).toEqual([none, 4401]);
    const over = await Promise.all(
      ['ghost', 'board'].map((room) => answer(house, 'GET', `/v1/rooms/${room}/stream`, [])),
    );
    expect(over[1]).toBe(over[0]);
    const { code, reason } = await goodbye(house, 'board', ticket);
    expect([code, reason]).toEqual([4429, 'room-full']);
    await house.close();
  });
});

test('P20: where no room is private, no room is 404, and 4404', async () => {
  const house = await House.open({ settings: { rooms: [{ id: 'allhands' }] } });
  for (const path of [...WAYS.map((way) => `/v1/rooms/ghost${way}`), '/listen/ghost', '/embed/ghost'])
    expect(await answer(house, 'GET', path, [])).toMatch(/^HTTP\/1.1 404 /);
  const { code, reason } = await goodbye(house, 'ghost');
  expect([code, reason]).toEqual([4404, 'room-not-found']);
  await house.close();
});
