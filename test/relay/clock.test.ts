import { expect, test } from 'vitest';
import { within } from '../../relay/clock.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

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
