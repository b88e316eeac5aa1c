import { expect, test } from 'vitest';
import { FailureLimit } from '../../../relay/access/failure-limit.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function fail(limit: FailureLimit, key: string | undefined, times: number): void {
  for (let time = 0; time < times; time++) limit.failed(key);
}

test('19 failures are forgiven, 20 are too many, for 60 s from the first one', () => {
  const clock = new FakeClock();
  const limit = new FailureLimit(20, clock);
  limit.failed('192.0.2.1');
  clock.advance(30_000);
  fail(limit, '192.0.2.1', 18);
  expect(limit.isOver('192.0.2.1')).toBe(false);
  limit.failed('192.0.2.1');
  expect(limit.isOver('192.0.2.1')).toBe(true);
  clock.advance(29_999);
  expect(limit.isOver('192.0.2.1')).toBe(true);
  clock.advance(1);
  expect(limit.isOver('192.0.2.1')).toBe(false);
  fail(limit, '192.0.2.1', 19);
  expect(limit.isOver('192.0.2.1')).toBe(false);
});

test('each counts for himself, and who cannot be told from others does not count', () => {
  const limit = new FailureLimit(20, new FakeClock());
  fail(limit, '192.0.2.1', 20);
  fail(limit, undefined, 20);
  expect(['192.0.2.1', '192.0.2.2', undefined].map((key) => limit.isOver(key))).toEqual([true, false, false]);
});

test('of 100,000 who fail in a minute the oldest 80,000 are forgotten', () => {
  const limit = new FailureLimit(1, new FakeClock());
  for (let n = 0; n < 100_000; n++) limit.failed(`address ${n}`);
  const over = Array.from({ length: 100_000 }, (_, n) => limit.isOver(`address ${n}`)).filter(Boolean);
  expect(over).toHaveLength(20_000);
  expect([limit.isOver('address 79999'), limit.isOver('address 80000')]).toEqual([false, true]);
});
