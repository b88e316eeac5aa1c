import { expect, test } from 'vitest';
import { redialDelayMs } from '../../../relay/room/redial.ts';

test('P4: the wait doubles from 0.5 s to 30 s', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((attempt) => redialDelayMs(attempt, 0));
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('P4: chance takes up to half of it off', () => {
  expect(redialDelayMs(1, 0.5)).toBe(375);
  expect(redialDelayMs(7, 0.999_999)).toBeCloseTo(15_000, 0);
});

test('a call after a steady leg (attempt 0) waits 0.5 s too', () => {
  expect(redialDelayMs(0, 0)).toBe(500);
});
