import { expect, test } from 'vitest';
import { Feed } from '../../../relay/fanout/feed.ts';
import { Listener } from '../../../relay/fanout/listener.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeTransport } from './fake-transport.ts';

/** A room that shows its listeners, or does not; everybody's connection is kept. */
function stage(showListeners = true) {
  const time = new FakeClock();
  const settings = { room: 'a', title: 'A', chunkMs: 100, retryWindowMs: 10_000, showListeners };
  const feed = new Feed(settings, time);
  const join = (count = 1) =>
    Array.from({ length: count }, () => {
      const transport = new FakeTransport();
      const leave = feed.join(new Listener(transport, () => {}));
      return { transport, leave, told: () => countsIn(transport) };
    });
  return { feed, time, join };
}

/** What a listener was told of the number, its hello first. */
function countsIn({ heard }: FakeTransport): number[] {
  return heard.flatMap((message) => {
    const { listeners } = Object(message);
    return listeners === undefined ? [] : [Number(listeners)];
  });
}

test('30 who come within 0.9 s are told in one message, a second after the first of them, and nobody is told twice', () => {
  const { join, time } = stage();
  const [first] = join();
  time.advance(5000);
  for (let n = 0; n < 30; n++) {
    join();
    time.advance(30);
  }
  expect(first?.told()).toEqual([1]);
  time.advance(100);
  expect(first?.told()).toEqual([1, 31]);
  time.advance(60_000);
  expect(first?.told()).toEqual([1, 31]);
});

test('who is alone has read it in the hello: no message, and no timer', () => {
  const { join, time } = stage();
  const [only] = join();
  expect(time.pending).toBe(0);
  only?.leave();
  expect(time.pending).toBe(0);
});

test('one who comes and goes within a second changes nothing; whoever came between them learns the number', () => {
  const { join, time } = stage();
  const [first] = join();
  const [second] = join();
  second?.leave();
  time.advance(2000);
  expect(first?.told()).toEqual([1, 1]);
  const [third] = join();
  first?.leave();
  time.advance(2000);
  expect(third?.told()).toEqual([2, 1]);
});

test('over 10 s in which somebody comes every 100 ms it is told 10 times below 1000, twice from 1000 on', () => {
  for (const [crowd, times] of [
    [10, 10],
    [1000, 2],
  ] as const) {
    const { join, time } = stage();
    const [first] = join(crowd);
    time.advance(6000);
    const before = first?.told().length ?? 0;
    for (let n = 0; n < 100; n++) {
      join();
      time.advance(100);
    }
    expect((first?.told().length ?? 0) - before).toBe(times);
  }
});

test('in a pause it is told at once, as one message more', () => {
  const { join, time } = stage();
  const [first] = join(2);
  time.advance(1000);
  expect(first?.transport.sends).toBe(2);
  expect(first?.transport.heard.at(-1)).toEqual({ type: 'meta', listeners: 2 });
});

test('of a room that does not show its listeners no number is told, and no timer runs', () => {
  const { join, time } = stage(false);
  const [first] = join(20);
  expect(time.pending).toBe(0);
  time.advance(10_000);
  expect(first?.told()).toEqual([]);
  expect(first?.transport.heard).toHaveLength(1);
});

test('a room that is closed tells nothing of those who leave then', () => {
  const { feed, join, time } = stage();
  const [first, second] = join(2);
  time.advance(1000);
  feed.close();
  second?.leave();
  time.advance(10_000);
  expect([first?.told(), time.pending]).toEqual([[1, 2], 0]);
});
