import { afterEach, expect, test, vi } from 'vitest';
import { systemClock as simulatorClock } from '../../demo/simulator/clock.ts';
import { systemClock, within } from '../../relay/clock.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  ['relay', systemClock],
  ['simulator', simulatorClock],
])('what is 5 ms overdue runs in a moment; the timer of the %s is asked for 0 ms', async (_, clock) => {
  const asked = vi.spyOn(globalThis, 'setTimeout');
  await new Promise<void>((resolve) => clock.after(-5, resolve));
  expect(asked.mock.calls.map(([, ms]) => ms)).toEqual([0]);
});

test('what is done in time ends the wait, rejects it when it failed, and leaves no timer', async () => {
  const clock = new FakeClock();
  await within(clock, 1000, Promise.resolve());
  await expect(within(clock, 1000, Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await settled();
  expect(clock.pending).toBe(0);
});

test('what is never done is waited for 1000 ms', async () => {
  const clock = new FakeClock();
  let over = false;
  const waited = within(clock, 1000, new Promise(() => {})).then(() => (over = true));
  clock.advance(999);
  await settled();
  expect(over).toBe(false);
  clock.advance(1);
  await waited;
});
