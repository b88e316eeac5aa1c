import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { House, upgradeRequest, type Ear } from './house.ts';

let house: House;
let streams: AbortController[] = [];
afterEach(async () => {
  for (const aborted of streams.splice(0)) aborted.abort();
  await house.close();
});

async function open(limits: object, options: object = {}): Promise<void> {
  house = await House.open({ settings: { limits, trustProxy: 1 }, random: () => 0.5, ...options });
}

/** A listener of a room, from an address as the proxy in front wrote it. */
function from(address: string, room = 'allhands'): Promise<Ear> {
  return house.listen(room, ['conf.v1'], { headers: { 'X-Forwarded-For': address } });
}

/** A room over plain HTTP from an address; a stream stays open until the test is over. */
function stream(address: string, room = 'allhands', way = 'stream.wav'): Promise<Response> {
  const aborted = new AbortController();
  streams.push(aborted);
  const headers = { 'X-Forwarded-For': address };
  return fetch(`${house.url}/v1/rooms/${room}/${way}`, { headers, signal: aborted.signal });
}

/** What came instead of a WebSocket, before the handshake. */
function refusedUpgrade(path = '/v1/rooms/allhands/listen'): Promise<string> {
  return house.raw(upgradeRequest(path));
}

async function code(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
}

describe('a room for 2', () => {
  test('closes the third with 4429 room-full, answers a stream with 429, and takes the next when one has left', async () => {
    await open({ perRoom: 2 });
    const [first, , third] = [await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.3')];
    expect([await third.end(), third.closed?.reason, third.kinds]).toEqual([4429, 'room-full', '']);
    const refused = await stream('192.0.2.4');
    expect([refused.status, refused.headers.get('content-type'), await code(refused)]).toEqual([
      429,
      'application/problem+json',
      'room-full',
    ]);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(house.relay.listeners()).toBe(2);
    first.socket.terminate();
    await until('one has left', () => house.relay.listeners() === 1);
    expect((await stream('192.0.2.4')).status).toBe(200);
    expect((await from('192.0.2.5', 'side')).closed).toBeUndefined();
  });

  test.each(['stream', 'stream.wav', 'chunks?listener=a-listener-that-polls'])(
    'counts a listener over /%s, and answers 429 to one too many',
    async (way) => {
      await open({ perRoom: 2 });
      await from('192.0.2.1');
      expect((await stream('192.0.2.2', 'allhands', way)).status).toBe(200);
      const third = await from('192.0.2.3');
      expect([await third.end(), third.closed?.reason]).toEqual([4429, 'room-full']);
      const refused = await stream('192.0.2.4', 'allhands', way.replace('that', 'who'));
      expect([refused.status, await code(refused)]).toEqual([429, 'room-full']);
    },
  );

  test('takes its publisher, who is not counted', async () => {
    await open({ perRoom: 1, connections: 1, joinsPerSec: 1 });
    await from('192.0.2.1');
    const mouth = await house.publish();
    await until('the leg is open', () => house.log.of('leg.opened').length === 1);
    mouth.socket.close();
    await mouth.end();
  });

  test('does not count who came without a ticket once it is gone', async () => {
    await open({ perRoom: 1 });
    for (let n = 0; n < 5; n++) {
      const ear = await from('192.0.2.1', 'board');
      expect(await ear.end()).toBe(4401);
      const refused = await stream('192.0.2.1', 'board');
      expect([refused.status, await code(refused)]).toEqual([401, 'ticket-refused']);
    }
  });
});

test('2 from one address: the third, over whatever and to whichever room, is address-full; another address is not', async () => {
  await open({ perAddress: 2 });
  await from('192.0.2.1');
  expect((await stream('192.0.2.1', 'side')).status).toBe(200);
  const third = await from('6.6.6.6, 192.0.2.1');
  expect([await third.end(), third.closed?.reason]).toEqual([4429, 'address-full']);
  expect((await stream('::ffff:192.0.2.1')).status).toBe(429);
  expect((await from('192.0.2.2')).closed).toBeUndefined();
  expect(house.log.of('listener.turned-away')).toEqual([
    expect.objectContaining({ code: 'address-full', times: 1 }),
  ]);
  expect(JSON.stringify(house.log.lines)).not.toContain('192.0.2.');
});

describe('a relay for 2', () => {
  test('refuses the third before the upgrade: 503 relay-full with Retry-After, over HTTP as well; /readyz says so', async () => {
    await open({ connections: 2 });
    const first = await from('192.0.2.1');
    expect((await stream('192.0.2.2')).status).toBe(200);
    const answer = await refusedUpgrade();
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('\r\nRetry-After: 6\r\n');
    expect(answer).toContain('"code":"relay-full"');
    const refused = await stream('192.0.2.3');
    expect([refused.status, refused.headers.get('retry-after'), await code(refused)]).toEqual([
      503,
      '6',
      'relay-full',
    ]);
    const ready = await fetch(`${house.url}/readyz`);
    expect([ready.status, await code(ready)]).toEqual([503, 'relay-full']);
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
    first.socket.terminate();
    await until('one has left', () => house.relay.listeners() === 1);
    const again = await fetch(`${house.url}/readyz`);
    expect([again.status, await again.text()]).toEqual([200, 'ready\n']);
  });

  test('has room again after 50 who vanished while their ticket was checked', async () => {
    await open({ connections: 50, joinsPerSec: 1000 });
    await house.vanishing(50);
    const readyAgain = async (): Promise<boolean> => (await fetch(`${house.url}/readyz`)).status === 200;
    while (!(await readyAgain())) await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all(Array.from({ length: 50 }, (_, n) => from(`192.0.2.${n}`)));
    await until('all 50 are in', () => house.relay.listeners() === 50);
  });

  test('is not filled by streams asked for behind one another on one connection, whose end nobody would notice', async () => {
    await open({ connections: 50 });
    const socket = connect({ port: house.port, host: '127.0.0.1' });
    let heard = '';
    socket.on('data', (part: Buffer) => (heard += part.toString('latin1')));
    socket.write('GET /v1/rooms/allhands/stream.wav HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20));
    await until('the first is in', () => heard.includes('RIFF'));
    await until('the others are refused', () => house.log.of('http.refused').length === 19);
    expect(house.relay.listeners()).toBe(1);
    socket.destroy();
    await until('nobody is left', () => house.relay.listeners() === 0);
  });
});

test('5 joins a second: the sixth is refused before the upgrade with Retry-After, and of 100 the log has one line', async () => {
  const clock = new FakeClock();
  await open({ joinsPerSec: 5 }, { clock });
  await Promise.all(Array.from({ length: 5 }, (_, n) => from(`192.0.2.${n}`)));
  const answers = await Promise.all(Array.from({ length: 100 }, () => refusedUpgrade()));
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('\r\nRetry-After: 6\r\n');
    expect(answer).toContain('"code":"too-many-joins"');
  }
  expect(house.log.complaints).toHaveLength(1);
  expect(house.log.complaints[0]).toMatchObject({ event: 'listener.turned-away', code: 'too-many-joins' });
  expect(house.relay.listeners()).toBe(5);
  clock.advance(200);
  expect((await from('192.0.2.9')).closed).toBeUndefined();
  expect((await stream('192.0.2.9')).status).toBe(503);
});

test('a proxy that is not trusted is named in the log once, for 2 listeners behind it', async () => {
  await open({}, { settings: {} });
  await Promise.all([from('192.0.2.1'), from('192.0.2.2')]);
  expect(house.log.complaints).toEqual([
    expect.objectContaining({ event: 'listener.proxy-not-trusted', code: 'set-trust-proxy' }),
  ]);
});
