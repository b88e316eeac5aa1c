import { afterEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../support/fake-clock.ts';
import { House, type Ear } from '../house.ts';

const ROOMS = [
  { id: 'board', source: 'l16', access: 'ticket' },
  { id: 'allhands', source: 'l16' },
];

describe('P20: who guesses', () => {
  let house: House;
  const clock = new FakeClock();
  afterEach(() => house.close());

  function open(): Promise<House> {
    return House.open({ clock, settings: { rooms: ROOMS, trustProxy: 1 } });
  }

  /** A request of an address, as the proxy in front tells it. */
  function from(address: string, path: string, ticket?: string): Promise<Response> {
    const headers = {
      'X-Forwarded-For': address,
      ...(ticket !== undefined && { Authorization: `Bearer ${ticket}` }),
    };
    return fetch(`${house.url}/v1/rooms/${path}`, { headers });
  }

  function listen(address: string, room: string, ticket?: string): Promise<Ear> {
    const protocols = ['conf.v1', ...(ticket === undefined ? [] : [`bearer.${ticket}`])];
    return house.listen(room, protocols, { headers: { 'X-Forwarded-For': address } });
  }

  async function guess(address: string, times: number): Promise<number[]> {
    const codes = [];
    for (let n = 0; n < times; n++) codes.push((await from(address, `guess-${n}`)).status);
    return codes;
  }

  test('20 times in a minute is forgiven, the 21st is 429 with Retry-After and 4429, until 60 s are over', async () => {
    house = await open();
    expect(await guess('192.0.2.1', 20)).toEqual(Array.from({ length: 20 }, () => 401));
    for (const room of ['ghost', 'board']) {
      const refused = await from('192.0.2.1', room);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
      expect(await refused.json()).toMatchObject({ code: 'too-many-failures' });
      const ear = await listen('192.0.2.1', room);
      expect([await ear.end(), ear.closed?.reason]).toEqual([4429, 'too-many-failures']);
    }
    clock.advance(59_000);
    expect(await guess('192.0.2.1', 1)).toEqual([429]);
    clock.advance(1000);
    expect(await guess('192.0.2.1', 21)).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
  });

  test('shuts nobody else out: not others, not who has a ticket, not an open room', async () => {
    house = await open();
    await guess('192.0.2.1', 25);
    expect((await from('192.0.2.1', 'board')).status).toBe(429);
    expect((await from('192.0.2.1', 'board', await house.ticket('board'))).status).toBe(200);
    expect((await from('192.0.2.1', 'allhands')).status).toBe(200);
    expect((await from('192.0.2.2', 'board')).status).toBe(401);
    const ear = await listen('192.0.2.1', 'board', await house.ticket('board'));
    expect(ear.closed).toBeUndefined();
  });

  test('is counted over every way: 4 of HTTP, a WebSocket, and auth in one', async () => {
    house = await open();
    const address = '2001:db8::1';
    for (let n = 0; n < 3; n++) {
      for (const way of ['', '/stream', '/stream.wav', '/chunks'])
        expect((await from(address, `board${way}`)).status).toBe(401);
      expect(await (await listen(address, 'ghost', 'garbage')).end()).toBe(4401);
      const ear = await listen(address, 'board', await house.ticket('board'));
      ear.socket.send('{"type":"auth","token":"garbage"}');
      expect(await ear.end()).toBe(4401);
    }
    expect(await guess('2001:db8::2', 3)).toEqual([401, 401, 429]); // its /64 is one place
  });

  test('is not who comes with a ticket that has run out, however often', async () => {
    house = await open();
    const late = await house.tickets.issue(['board'], 'listen', -60);
    for (let n = 0; n < 40; n++) expect((await from('192.0.2.3', 'board', late)).status).toBe(401);
    expect(await guess('192.0.2.3', 1)).toEqual([401]);
  });

  test('from this machine itself is not counted: 401 all 30 times', async () => {
    house = await open();
    for (let n = 0; n < 30; n++) expect((await fetch(`${house.url}/v1/rooms/ghost`)).status).toBe(401);
  });
});
