import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../demo/free-port.ts';
import type { OperatedRoom } from '../../../relay/relay-status.ts';
import { idleRoom } from '../../support/relay-status.ts';
import { House } from '../house.ts';
import { Desk } from './conf-relay.ts';

const KEY = 'Aq7vT0mXw2Zr9LkP4sYb6NcE8hJd1GfU';

const ROOMS: readonly OperatedRoom[] = [
  idleRoom('allhands', {
    state: 'live',
    listeners: { now: 212, peak: 1400, byTransport: { websocket: 200, stream: 10, poll: 1, wav: 1 } },
    leg: { legId: 'a', epoch: 1, ageSec: 3723, endsInSec: 3477, sound: 'speech', levelDbfs: -20 },
  }),
  idleRoom('board'),
];

let desk: Desk;
let port = 0;
let server: Server | undefined;
beforeEach(async () => {
  desk = new Desk();
  desk.leaks.learn('secret', KEY);
  port = await freePort();
  desk.env = { CONF_ADMIN_KEY: KEY, CONF_ADMIN_PORT: String(port) };
});
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  desk.clear();
});

/** An admin listener that says this to who has the key. */
async function listen(body: string): Promise<void> {
  server = createServer((request, response) => {
    const isLetIn = request.headers.authorization === `Bearer ${KEY}` && request.url === '/v1/rooms';
    response.writeHead(isLetIn ? 200 : 401).end(isLetIn ? body : '');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

test('a table of 2 rooms: state, listeners now and at most, the age of the leg', async () => {
  await listen(JSON.stringify({ rooms: ROOMS }));
  expect(await desk.run(['rooms'])).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'ROOM      STATE  LISTENERS        LEG AGE',
      'allhands  live   212 (peak 1400)  1:02:03',
      'board     idle   0 (peak 0)       -',
      '',
    ].join('\n'),
  });
});

test('--json is what the relay says, whole', async () => {
  await listen(JSON.stringify({ rooms: ROOMS }));
  const { code, stdout } = await desk.run(['rooms', '--json']);
  expect([code, JSON.parse(stdout)]).toEqual([0, { rooms: ROOMS }]);
});

test('a relay that does not run, that has another key, and what is no relay: 1 line that says so, code 1', async () => {
  const notThere = await desk.run(['rooms']);
  await listen('{"rooms":[{"room":"allhands"}]}');
  const noRelay = await desk.run(['rooms']);
  desk.env['CONF_ADMIN_KEY'] = KEY.replaceAll('A', 'B');
  const wrongKey = await desk.run(['rooms']);
  expect([notThere, noRelay, wrongKey]).toEqual([
    {
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^conf-relay: rooms: .*nobody listens there; does the relay run.*\n$/),
    },
    {
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^conf-relay: rooms: .*is no relay of this version.*\n$/),
    },
    {
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^conf-relay: rooms: .*refuses the key; it runs with another admin\.key.*\n$/,
      ),
    },
  ]);
});

test('of a real relay: its 3 rooms', async () => {
  const house = await House.open({ settings: { admin: { key: KEY, port } } });
  try {
    const { code, stdout } = await desk.run(['rooms']);
    expect([code, stdout.match(/^(allhands|side|board) +idle +0 \(peak 0\) +-$/gm)?.length]).toEqual([0, 3]);
  } finally {
    await house.close();
  }
});

test('without a key in the settings: which to set, code 2', async () => {
  desk.env = {};
  const { code, stderr } = await desk.run(['rooms']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('set CONF_ADMIN_KEY first')]);
});
