import { expect, test } from 'vitest';
import { MessageRate } from '../../../relay/fanout/message-rate.ts';

test('10 messages at once are not too many, the 11th within the second is', () => {
  const rate = new MessageRate();
  expect(Array.from({ length: 10 }, () => rate.isTooHighAt(0)).includes(true)).toBe(false);
  expect(rate.isTooHighAt(999)).toBe(true);
});

test('10 a second for an hour are never too many, wherever a second begins', () => {
  const rate = new MessageRate();
  const verdicts = Array.from({ length: 36_000 }, (_, n) => rate.isTooHighAt(100 * n));
  expect(verdicts.includes(true)).toBe(false);
});

test('a message every 99 ms is too many at the 11th', () => {
  const rate = new MessageRate();
  const verdicts = Array.from({ length: 11 }, (_, n) => rate.isTooHighAt(99 * n));
  expect(verdicts.indexOf(true)).toBe(10);
});
