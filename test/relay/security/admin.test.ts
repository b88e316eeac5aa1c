import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { House } from '../house.ts';

const KEY = 'an admin key of more than 32 bytes';

let house: House;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  house = await House.open({ clock, settings: { admin: { key: KEY, port: 0 } } });
});
afterEach(() => house.close());

function ask(path: string, method = 'GET', key = KEY): Promise<Response> {
  return fetch(`${house.relay.adminUrl}${path}`, { method, headers: { Authorization: `Bearer ${key}` } });
}

async function listenWith(ticket: string) {
  return house.listen('board', ['conf.v1', `bearer.${ticket}`]);
}

test('the operator sees 3 rooms with their listeners; the public listener has no such path', async () => {
  const ear = await house.listen();
  const byTransport = { websocket: 0, stream: 0, poll: 0, wav: 0 };
  const empty = { now: 0, peak: 0, byTransport };
  const still = { leg: null, rttMs: null, opensAtMs: null, problems: [], source: 'l16' };
  const one = { now: 1, peak: 1, byTransport: { ...byTransport, websocket: 1 } };
  expect(await (await ask('/v1/rooms')).json()).toEqual({
    rooms: [
      { ...still, room: 'allhands', title: 'All <hands>', state: 'waiting', listeners: one, access: 'open' },
      { ...still, room: 'side', title: 'side', state: 'idle', listeners: empty, access: 'open' },
      { ...still, room: 'board', title: 'Board', state: 'idle', listeners: empty, access: 'ticket' },
    ],
  });
  expect((await fetch(`${house.url}/v1/rooms`)).status).toBe(404);
  ear.socket.close();
  await ear.end();
});

test('a ticket of scope admin opens its room alone, one to listen none', async () => {
  const rooms = await ask('/v1/rooms', 'GET', await house.ticket('side', 'admin'));
  expect(await rooms.json()).toEqual({ rooms: [expect.objectContaining({ room: 'side' })] });
  expect((await ask('/v1/rooms', 'GET', await house.ticket('side'))).status).toBe(401);
});

test('P18: a revoked room closes its 2 listeners with 4401 and takes their tickets back; a new ticket opens it', async () => {
  const old = await house.ticket('board');
  const ears = [await listenWith(old), await listenWith(old)];
  await until('both are in', () => ears.every(({ messages }) => messages.length > 0));
  clock.advance(2000);
  expect((await ask('/v1/rooms/board/revoke', 'POST')).status).toBe(204);
  for (const ear of ears) expect([await ear.end(), ear.closed?.reason]).toEqual([4401, 'ticket-revoked']);
  expect(await (await listenWith(old)).end()).toBe(4401);
  clock.advance(1000);
  const ear = await listenWith(await house.ticket('board'));
  await until('hello', () => ear.messages.length > 0);
  ear.socket.close();
  await ear.end();
});

test('without a key there is no admin listener, and closing the relay closes it', async () => {
  const own = await House.open();
  expect(own.relay.adminUrl).toBeUndefined();
  await own.close();
  const gone = await House.open({ settings: { admin: { key: KEY, port: 0 } } });
  const { adminUrl = '' } = gone.relay;
  await gone.close();
  await expect(fetch(adminUrl)).rejects.toThrow('fetch failed');
});

test('a relay whose public port is taken leaves no admin listener behind', async () => {
  const port = Number(new URL(house.relay.adminUrl ?? '').port) + 1;
  const taken = { port: house.port, settings: { port: house.port, admin: { key: KEY, port } } };
  await expect(House.open(taken)).rejects.toThrow('EADDRINUSE');
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});
