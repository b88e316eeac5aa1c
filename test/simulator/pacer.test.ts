import { expect, test } from 'vitest';
import { ClockScope } from '../../demo/simulator/clock.ts';
import { startPacer } from '../../demo/simulator/pacer.ts';
import { SteppedClock } from '../support/stepped-clock.ts';

test('60 s with timers up to 45 ms late bring 3001 frames, each on time or at most 45 ms late', () => {
  let turn = 0;
  const clock = new SteppedClock(0, () => (turn++ * 17) % 46);
  const sentAtMs: number[] = [];
  const stop = startPacer(clock, (frameIndex) => {
    expect(frameIndex).toBe(sentAtMs.length);
    sentAtMs.push(clock.nowMs());
  });
  clock.advance(60_045);
  stop();

  const latenessMs = sentAtMs.map((atMs, frameIndex) => atMs - frameIndex * 20);
  expect(sentAtMs.filter((atMs) => atMs <= 60_000).length).toBeGreaterThanOrEqual(2998);
  expect(sentAtMs.filter((atMs) => atMs <= 60_000).length).toBeLessThanOrEqual(3001);
  expect(Math.min(...latenessMs)).toBe(0);
  expect(Math.max(...latenessMs)).toBeLessThanOrEqual(45);
});

test('a machine that sleeps 1 s sends 50 frames at once and is back in step', () => {
  let sleepMs = 0;
  const clock = new SteppedClock(0, () => sleepMs);
  const sentAtMs: number[] = [];
  const stop = startPacer(clock, () => sentAtMs.push(clock.nowMs()));
  clock.advance(90);
  sleepMs = 1000;
  clock.advance(20);
  sleepMs = 0;
  clock.advance(1090);
  stop();
  expect(sentAtMs.filter((atMs) => atMs === 1120)).toHaveLength(51);
  expect(sentAtMs.at(-1)).toBe(1200);
  expect(sentAtMs).toHaveLength(61);
});

test('a stopped pacer sends nothing more and leaves no timer, even when stopped from inside', () => {
  const clock = new SteppedClock();
  const scope = new ClockScope(clock);
  let sent = 0;
  const stop: () => void = startPacer(scope, (frameIndex) => {
    sent++;
    if (frameIndex === 3) stop();
  });
  clock.advance(1000);
  expect(sent).toBe(4);
  expect(scope.pendingTimers).toBe(0);
});

test('a closed clock cancels 2 timers and starts no third', () => {
  const clock = new SteppedClock();
  const scope = new ClockScope(clock);
  let fired = 0;
  scope.after(10, () => fired++);
  scope.after(20, () => fired++);
  expect(scope.pendingTimers).toBe(2);
  scope.close();
  scope.after(5, () => fired++);
  clock.advance(100);
  expect(fired).toBe(0);
  expect(scope.pendingTimers).toBe(0);
});
