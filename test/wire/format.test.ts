import { expect, test } from 'vitest';
import { frameBytes, isSampleRate, msOf, samplesIn } from '../../wire/format.ts';
import { parseRoomId } from '../../wire/room-id.ts';

test('a frame has 320, 640 and 960 bytes at 8, 16 and 24 kHz', () => {
  expect([frameBytes(8000), frameBytes(16_000), frameBytes(24_000)]).toEqual([320, 640, 960]);
});

test('100 ms are 1600 samples at 16 kHz, and 1600 samples are 100 ms', () => {
  expect([samplesIn(100, 16_000), msOf(1600, 16_000)]).toEqual([1600, 100]);
});

test('44100 is not a rate a leg may bring', () => {
  expect([8000, 16_000, 24_000, 44_100].map(isSampleRate)).toEqual([true, true, true, false]);
});

test('a room id is 1 to 64 of a-z, 0-9 and -, a letter or digit first', () => {
  const good = ['a', '7', 'all-hands', 'a'.repeat(64)];
  const bad = ['', '-a', 'A', 'a b', 'a'.repeat(65), '..', '%2e', '__proto__', 'é', 'a\n', 'a/b', 'ａ'];
  expect(good.map(parseRoomId)).toEqual(good);
  expect(bad.map(parseRoomId)).toEqual(bad.map(() => undefined));
});
