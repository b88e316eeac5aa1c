import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House, upgradeRequest } from '../house.ts';

let house: House;
beforeAll(async () => (house = await House.open()));
afterAll(() => house.close());

test.each([
  ['/', 404, 'not-found'],
  ['/v1/rooms/allhands', 404, 'not-found'],
  ['/v1/rooms/allhands/listen/more', 404, 'not-found'],
  ['/vonage/leg/allhands/ticket', 404, 'not-found'],
  ['/ingest', 404, 'not-found'],
  ['/ingest/A', 400, 'bad-room-id'],
  ['/ingest/allhands', 401, 'ticket-refused'],
])(
  'an upgrade of %s is %i before the handshake, and the relay closes, though the client does not',
  async (path, status, code) => {
    const answer = await house.raw(upgradeRequest(path));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  },
);

test('a refused client that never closes its end is cut, so that closing the relay need not wait for it', async () => {
  const own = await House.open();
  const socket = connect({ port: own.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  let ended = false;
  socket.once('end', () => (ended = true));
  socket.resume();
  socket.write(upgradeRequest('/ingest/allhands'));
  await until('the relay has closed its end', () => ended);
  const startMs = performance.now();
  await own.close();
  expect(performance.now() - startMs).toBeLessThan(1500);
  socket.destroy();
});

test('50 clients who vanish while their ticket is checked leave no listener behind and no error in the log', async () => {
  const ticket = await house.ticket('board');
  await Promise.all(
    Array.from(
      { length: 50 },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect({ port: house.port, host: '127.0.0.1' }, () => {
            socket.write(
              upgradeRequest('/v1/rooms/board/listen', [`Sec-WebSocket-Protocol: conf.v1, bearer.${ticket}`]),
              () => socket.resetAndDestroy(),
            );
          });
          socket.once('close', () => resolve());
          socket.on('error', () => {});
        }),
    ),
  );
  await (await fetch(`${house.url}/healthz`)).text();
  await until('nobody is left', () => house.relay.listeners() === 0);
  expect(house.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
