import { expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';
import { HandPlatform } from './hand-platform.ts';

const TEXT = '{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}';

test.each([
  ['is not JSON', 'RTP?', 'not-json'],
  ['names opus', TEXT.replace('l16', 'opus'), 'bad-content-type'],
  ['names no rate', TEXT.replace(';rate=16000', ''), 'bad-content-type'],
  ['names 11025 Hz', TEXT.replace('16000', '11025'), 'bad-content-type'],
  ['names 48000 Hz', TEXT.replace('16000', '48000'), 'bad-content-type'],
])('P1: a leg whose first text %s is closed with 4400 in less than 100 ms', async (_, text, code) => {
  const house = await House.open();
  const tookMs: number[] = [];
  // The machine may be busy: the middle of five counts.
  for (let n = 0; n < 5; n++) {
    const mouth = await house.publish('allhands', { introduced: false });
    const sentMs = performance.now();
    mouth.socket.once('close', () => tookMs.push(performance.now() - sentMs));
    mouth.socket.send(text);
    expect(await mouth.end()).toBe(4400);
    await until('it has left the room', () => house.log.of('leg.closed').length === n + 1);
  }
  expect(tookMs.toSorted((a, b) => a - b)[2]).toBeLessThan(100);
  expect(house.log.complaints.map(({ event, code: told }) => `${event} ${told}`)).toEqual(
    Array.from({ length: 5 }, () => `leg.fault ${code}`),
  );
  await house.close();
});

test('P1: listeners of a dialled room are told "connecting" again, and the next leg is called for after 0.5 s', async () => {
  const platform = await HandPlatform.open();
  const house = await House.open({ settings: platform.settings, random: () => 0 });
  const ear = await house.listen();
  const bad = await platform.dial(house, (await platform.call(0)).path);
  bad.socket.send('RTP?');
  expect(await bad.end()).toBe(4400);
  const closedMs = performance.now();
  const good = await platform.dial(house, (await platform.call(1)).path);
  expect(performance.now() - closedMs).toBeGreaterThan(400);
  good.introduce();
  good.speak(100);
  await until('sound', () => ear.chunks.length === 1);
  expect(ear.states.filter((state, n) => state !== ear.states[n - 1])).toEqual([
    'idle',
    'connecting',
    'waiting',
    'connecting',
    'waiting',
    'live',
  ]);
  expect(platform.hungUp).toEqual(['leg-1']);
  const closed = house.close();
  await Promise.all([closed, ear.end(), good.end()]);
  await platform.close();
});
