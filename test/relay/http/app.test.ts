import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';
import { vonageSettings } from '../security/vonage-settings.ts';

let house: House;
beforeAll(async () => (house = await House.open({ settings: vonageSettings() })));
afterAll(() => house.close());

test('a sender who vanishes halfway through a body is no fault of the relay', async () => {
  const socket = connect({ port: house.port, host: '127.0.0.1' });
  socket.write('POST /vonage/event HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf of it', () =>
    setTimeout(() => socket.resetAndDestroy(), 50),
  );
  await until('it is noticed', () => house.log.of('http.broken').length > 0);
  const { complaints } = house.log;
  const ofHttp = complaints.filter(({ event }) => event.startsWith('http.'));
  expect([ofHttp, house.log.of('http.refused')]).toEqual([[], []]);
});

test('a body of 100 kB is answered with 413', async () => {
  const response = await fetch(`${house.url}/vonage/event`, { method: 'POST', body: 'x'.repeat(100_000) });
  expect([response.status, await response.json()]).toEqual([
    413,
    expect.objectContaining({ code: 'too-large' }),
  ]);
});

test('a refusal and its line in the log have the same request id of 16 digits, another each time', async () => {
  const ids = await Promise.all(
    [1, 2].map(async () => (await fetch(`${house.url}/nowhere`)).headers.get('x-request-id')),
  );
  const logged = house.log.of('http.refused').map(({ request }) => request);
  expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id ?? '') && logged.includes(id ?? ''))).toBe(true);
  expect(new Set(ids).size).toBe(2);
});
