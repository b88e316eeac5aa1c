import { Server, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../relay/clock.ts';
import { rawBody } from '../../../relay/http/body.ts';
import { openServer, type HttpServer } from '../../../relay/http/server.ts';
import { KeptLog } from '../../support/quiet-log.ts';

const log = new KeptLog();
let server: HttpServer;
const request = (asked: Parameters<typeof rawBody>[0], response: { end(text: string): void }): void => {
  rawBody(asked).then(
    (body) => response.end(`${body.length} bytes`),
    () => response.end('broken'),
  );
};
beforeAll(async () => {
  const at = { host: '127.0.0.1', port: 0 };
  server = await openServer({ request, upgrade: (_, socket) => socket.destroy() }, at, systemClock, log);
});
afterAll(() => server.close());

/** A connection that `act` sends over; how long it lived, ms, and what it was told. */
async function life(act: (socket: Socket) => void): Promise<{ livedMs: number; heard: string }> {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
  let heard = '';
  socket.on('data', (part: Buffer) => (heard += part.toString()));
  socket.on('error', () => {});
  const startMs = performance.now();
  act(socket);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { livedMs: performance.now() - startMs, heard };
}

/** Sends `first`, then one byte a second for as long as the connection lasts. */
function dripping(first: string, byte: string) {
  return (socket: Socket): void => {
    socket.write(first);
    const drip = setInterval(() => socket.write(byte), 1000);
    socket.once('close', () => clearInterval(drip));
  };
}

describe.concurrent('P13: a connection is closed', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['sends nothing', () => {}],
    ['sends half a request line', (socket) => socket.write('GET /heal')],
    ['sends a byte of its headers a second', dripping('GET /healthz HTTP/1.1\r\nHost: a\r\nX: ', 'x')],
  ])('after 5 to 7 s when it %s', async (_, act) => {
    const { livedMs } = await life(act);
    expect(livedMs).toBeGreaterThan(4500);
    expect(livedMs).toBeLessThan(7500);
  });

  test('after 10 to 12 s when it sends a byte of its body a second, and is told 408', async () => {
    const { livedMs, heard } = await life(
      dripping('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n', 'x'),
    );
    expect(livedMs).toBeGreaterThan(9500);
    expect(livedMs).toBeLessThan(12_500);
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('5 to 7 s after its last answer, and not while it asks every 2 s', async () => {
    const ask = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const { livedMs, heard } = await life((socket) => {
      socket.write(ask);
      for (const atMs of [2000, 4000]) setTimeout(() => socket.write(ask), atMs);
    });
    expect(heard.match(/0 bytes/g)).toHaveLength(3);
    expect(livedMs).toBeGreaterThan(8500);
    expect(livedMs).toBeLessThan(11_500);
  });
});

test('closing cuts a connection that asks for nothing and never closes its end, upgraded or not, within 2 s', async () => {
  const own = await openServer(
    { request: () => {}, upgrade: (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n') },
    { host: '127.0.0.1', port: 0 },
    systemClock,
    log,
  );
  const port = Number(new URL(own.url).port);
  const sockets = await Promise.all(
    [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ].map(
      (text) =>
        new Promise<Socket>((resolve) => {
          const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
            socket.write(text, () => setTimeout(() => resolve(socket), 50));
          });
          socket.on('error', () => {});
        }),
    ),
  );
  const startMs = performance.now();
  await own.close();
  expect(performance.now() - startMs).toBeGreaterThan(1500);
  expect(performance.now() - startMs).toBeLessThan(3000);
  for (const socket of sockets) socket.destroy();
});

test('1000 connections that cannot be accepted are one line in the log, and the server goes on', async () => {
  const listening = vi.spyOn(Server.prototype, 'listen');
  const kept = new KeptLog();
  const handlers = {
    request: (_: unknown, response: { end(text: string): void }): void => response.end('here'),
    upgrade: () => {},
  };
  const own = await openServer(handlers, { host: '127.0.0.1', port: 0 }, systemClock, kept);
  const [accepting] = listening.mock.contexts;
  listening.mockRestore();
  for (let n = 0; n < 1000; n++)
    if (accepting instanceof Server)
      accepting.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  expect(kept.lines).toEqual([{ level: 'warn', event: 'http.accept-failed', code: 'EMFILE', times: 1 }]);
  expect(await (await fetch(own.url)).text()).toBe('here');
  await own.close();
});
