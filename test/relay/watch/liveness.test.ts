import { expect, test } from 'vitest';
import type { Clock } from '../../../relay/clock.ts';
import { Liveness } from '../../../relay/watch/liveness.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A clock of a loop that can be held up: time goes by and no timer runs. */
function stage() {
  const fake = new FakeClock();
  let heldUpMs = 0;
  const clock: Clock = {
    nowMs: () => fake.nowMs() + heldUpMs,
    wallMs: () => fake.wallMs() + heldUpMs,
    after: (delayMs, run) => fake.after(delayMs, run),
  };
  const liveness = new Liveness(clock);
  return { fake, liveness, holdUp: (ms: number) => (heldUpMs += ms) };
}

test('a loop that was held up for 9 s lives; the garbage collector may take that long on a bad day', () => {
  const { fake, liveness, holdUp } = stage();
  fake.advance(5000);
  holdUp(9000);
  fake.advance(1000);
  expect(liveness.hindrance).toBeUndefined();
});

test('one that was held up for 12 s is stuck for 30 s more, then it lives again', () => {
  const { fake, liveness, holdUp } = stage();
  fake.advance(5000);
  holdUp(12_000);
  fake.advance(1000);
  expect(liveness.hindrance).toMatchObject({ code: 'stuck', status: 503 });
  fake.advance(29_000);
  expect(liveness.hindrance).toMatchObject({ code: 'stuck' });
  fake.advance(2000);
  expect(liveness.hindrance).toBeUndefined();
});

test('a question that is answered before the beat after a stall tells of it already', () => {
  const { liveness, holdUp } = stage();
  holdUp(12_000);
  expect(liveness.hindrance).toMatchObject({ code: 'stuck' });
});

test('closing stops the beat', () => {
  const { fake, liveness } = stage();
  liveness.close();
  expect(fake.pending).toBe(0);
});
