import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ticketsBy } from '../support/tickets.ts';
import { parseRoomId } from '../../wire/room-id.ts';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { collectLog, type LogLine } from '../support/log-lines.ts';
import { until } from '../support/until.ts';
import { Witness } from '../support/witness.ts';

const WARN = 40;
const MEGABYTE = 'x'.repeat(1024 * 1024);
const FIRST_TEXT = '{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}';
const ROOMS = [
  { id: 'allhands', title: 'All hands' },
  { id: 'side', title: 'Side room' },
  { id: 'studio', title: 'Studio', source: 'l16' },
];

let demo: Demo;
let witness: Witness;
const { log, lines } = collectLog();

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { rooms: JSON.stringify(ROOMS), 'linger-ms': '200' },
    parts: { log, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  witness = new Witness(demo.url, 'allhands');
  await until('sound in allhands', () => witness.sequences.length > 0);
});

afterAll(() => demo.close());

/** The warnings and errors that something causes. */
async function warningsOf(run: () => Promise<void>): Promise<LogLine[]> {
  const before = lines.length;
  await run();
  return lines.slice(before).filter(({ level }) => Number(level) >= WARN);
}

/** Meanwhile the listener of allhands hears every chunk, one after the other. */
async function unnoticed(run: () => Promise<void>): Promise<void> {
  const before = witness.sequences.length;
  await run();
  await until('more sound in allhands', () => witness.sequences.length > before + 2);
  expect([witness.holes, witness.closeCode]).toEqual([0, undefined]);
}

describe('bad input from a listener closes that listener with its code and one log line; the others hear on', () => {
  test.each([
    ['JSON that is none', 'nonsense', 4400],
    ['a JSON list', '[]', 4400],
    ['an auth message without token', '{"type":"auth"}', 4400],
    ['a binary message', Buffer.alloc(10), 4400],
    ['a text of 1 MB', MEGABYTE, 1009],
  ])('%s', async (_name, message, code) => {
    await unnoticed(async () => {
      const warnings = await warningsOf(async () => {
        const listener = new Witness(demo.url, 'allhands');
        await until('hello', () => listener.messages.length > 0);
        listener.socket.send(message);
        expect(await listener.closed()).toBe(code);
      });
      expect(warnings.map(({ event }) => event)).toEqual(['listener.fault']);
    });
  });

  test.each([
    ['an unknown room', 'nowhere', 4404, 'room-not-found'],
    ['a room id with a dot', 'a.b', 4400, 'bad-room-id'],
    ['a room id of 65 letters', 'a'.repeat(65), 4400, 'bad-room-id'],
    ['__proto__', '__proto__', 4400, 'bad-room-id'],
    ['an escaped path', '%2e%2e%2fadmin', 4400, 'bad-room-id'],
  ])('%s', async (_name, room, code, reason) => {
    await unnoticed(async () => {
      const listener = new Witness(demo.url, room);
      expect([await listener.closed(), listener.closeReason]).toEqual([code, reason]);
    });
  });

  test('who is not let in is one line a minute for each reason', () => {
    const refused = lines.filter(({ event }) => event === 'listener.refused').map((line) => line['code']);
    expect(refused).toEqual(['room-not-found', 'bad-room-id']);
  });
});

describe('over HTTP, bad input gets problem+json with its status and code', () => {
  test.each([
    ['/v1/rooms/nowhere', 404, 'room-not-found'],
    ['/v1/rooms/nowhere/stream.wav', 404, 'room-not-found'],
    ['/v1/rooms/A', 400, 'bad-room-id'],
    ['/v1/rooms/__proto__', 400, 'bad-room-id'],
    [`/v1/rooms/${'a'.repeat(65)}`, 400, 'bad-room-id'],
    ['/v1/rooms/%2e%2e%2fadmin', 400, 'bad-room-id'],
    ['/listen/nowhere', 404, 'room-not-found'],
    ['/nothing', 404, 'not-found'],
  ])('%s → %i %s', async (path, status, code) => {
    const response = await fetch(demo.url + path);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ status, code }),
    ]);
  });

  test('an upgrade under an unknown path → 404, before any upgrade', async () => {
    const socket = new WebSocket(`${demo.url.replace('http', 'ws')}/v1/nothing`);
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => {});
    });
    expect(status).toBe(404);
  });
});

describe('a leg that misbehaves is closed with its code and one log line; other rooms hear on', () => {
  test('a second socket with the same leg ticket is refused with 401 before the upgrade; the first plays on', async () => {
    await unnoticed(async () => {
      const warnings = await warningsOf(async () => {
        demo.simulator.inject({ kind: 'secondSocket', conversation: 'allhands' });
        const leg = demo.simulator.legs()[0];
        await until('the refusal', () => leg?.secondSocket?.refusedStatus === 401);
      });
      expect(warnings.map(({ event }) => event)).toEqual(['leg.refused']);
    });
    expect(demo.simulator.legs().length).toBe(1);
  });

  test.each([
    ['a frame of 642 bytes', { kind: 'wrongFrame', bytes: 642, conversation: 'side' }, 'wrong-frame-size'],
    ['a frame of 639 bytes', { kind: 'wrongFrame', bytes: 639, conversation: 'side' }, 'wrong-frame-size'],
    ['a first text that is not JSON', { kind: 'firstTextNotJson', conversation: 'side' }, 'not-json'],
    ['frames before the first text', { kind: 'binaryBeforeText', conversation: 'side' }, 'frame-before-text'],
  ] as const)(
    '%s → 4400, and the relay dials anew',
    async (_name, fault, code) => {
      await unnoticed(async () => {
        const legsBefore = demo.simulator.legs().length;
        const warnings = await warningsOf(async () => {
          demo.simulator.inject(fault);
          const listener = new Witness(demo.url, 'side');
          await until('the closed leg', () => demo.simulator.legs()[legsBefore]?.closeCode === 4400);
          await until('sound from the next leg', () => listener.sequences.length > 3, 5000);
          listener.socket.close();
          await until('the hang-up', () => demo.simulator.legs().at(-1)?.closedAtMs !== undefined, 8000);
        });
        expect(warnings.map(({ event, code: found }) => [event, found])).toEqual([['leg.fault', code]]);
      });
    },
    30_000,
  );
});

describe('a publisher', () => {
  async function publisher(): Promise<WebSocket> {
    const room = parseRoomId('studio');
    const ticket = room && (await ticketsBy(demo.account.ticketSecret).issue([room], 'publish', 60));
    const socket = new WebSocket(`${demo.url.replace('http', 'ws')}/ingest/studio`, {
      headers: { authorization: `Bearer ${ticket}` },
    });
    socket.on('error', () => {});
    await new Promise((resolve) => {
      socket.on('open', resolve);
    });
    return socket;
  }
  const closeOf = (socket: WebSocket): Promise<number> =>
    new Promise((resolve) => {
      socket.on('close', resolve);
    });

  test('that sends a text of 1 MB is closed with 1009 and one log line', async () => {
    await unnoticed(async () => {
      const warnings = await warningsOf(async () => {
        const socket = await publisher();
        const closed = closeOf(socket);
        socket.send(FIRST_TEXT);
        socket.send(MEGABYTE);
        expect(await closed).toBe(1009);
      });
      expect(warnings.map(({ event }) => event)).toEqual(['leg.fault']);
    });
  });

  test('is heard; a second one is closed with 4409 meanwhile', async () => {
    const first = await publisher();
    const listener = new Witness(demo.url, 'studio');
    first.send(FIRST_TEXT);
    for (let n = 0; n < 25; n++) first.send(Buffer.alloc(640, n));
    await until('5 chunks', () => listener.sequences.length === 5);
    const warnings = await warningsOf(async () => {
      expect(await closeOf(await publisher())).toBe(4409);
    });
    expect(warnings.map(({ event }) => event)).toEqual(['leg.refused']);
    first.close();
    listener.socket.close();
  });

  test('without a ticket is refused with 401 before the upgrade', async () => {
    const socket = new WebSocket(`${demo.url.replace('http', 'ws')}/ingest/studio`);
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => {});
    });
    expect(status).toBe(401);
  });
});
