import { expect, test } from 'vitest';
import type { Chunk } from '../../../wire/chunk.ts';
import { until } from '../../support/until.ts';
import { House, type Ear, type Mouth } from '../house.ts';
import { HandPlatform } from './hand-platform.ts';

const INJECTED = 100;

/** Sends frames that nothing else sounds like. */
function inject(mouth: Mouth): void {
  for (let n = 0; n < INJECTED; n++) mouth.socket.send(Buffer.alloc(640, 0x7a));
}

/** Chunks in which one of them is. */
function heardOf(ear: Ear): Chunk[] {
  return ear.chunks.filter(({ pcm }) => Buffer.from(pcm).includes(Buffer.alloc(8, 0x7a)));
}

test('P3: of 100 frames that a second publisher sends before it is closed with 4409, none is heard', async () => {
  const house = await House.open();
  const ear = await house.listen();
  const first = await house.publish();
  const second = await house.publish('allhands', { introduced: false });
  inject(second);
  second.introduce();
  inject(second);
  first.speak(200);
  expect(await second.end()).toBe(4409);
  first.speak(200);
  await until('4 chunks', () => ear.chunks.length === 4);
  expect([heardOf(ear), first.closed]).toEqual([[], undefined]);
  const closed = house.close();
  await Promise.all([closed, ear.end(), first.end()]);
});

test('P3: of 100 frames on a leg that was given up for the next, none is heard, and it is closed with 4409', async () => {
  const platform = await HandPlatform.open();
  const house = await House.open({ settings: platform.settings, random: () => 0 });
  const ear = await house.listen();
  const call = await platform.call(0);
  const older = await platform.dial(house, call.path);
  older.introduce();
  older.speak(100);
  await until('the older leg is heard', () => ear.chunks.length === 1);
  // It does not read, so it does not know that it is closed, and talks on.
  older.socket.pause();
  await platform.tell(house, call, 'disconnected');
  inject(older);
  const newer = await platform.dial(house, (await platform.call(1)).path);
  inject(older);
  older.socket.resume();
  newer.introduce();
  newer.speak(200);
  await until('the newer leg is heard', () => ear.chunks.length === 3);
  expect(heardOf(ear)).toEqual([]);
  expect(new Set(ear.chunks.map(({ epoch }) => epoch)).size).toBe(2);
  expect([await older.end(), newer.closed]).toEqual([4409, undefined]);
  const closed = house.close();
  await Promise.all([closed, ear.end(), newer.end()]);
  await platform.close();
});
