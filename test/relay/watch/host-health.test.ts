import { expect, test } from 'vitest';
import { HostHealth } from '../../../relay/watch/host-health.ts';
import { LoopDelayMeter } from '../../../relay/watch/loop-delay.ts';
import { systemClock } from '../../../relay/clock.ts';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function stage(price = { perGb: 0.09, currency: 'USD' }) {
  const clock = new FakeClock();
  const used = { cpuMicros: 0, bytes: 0 };
  let loopClosed = false;
  const health = new HostHealth({
    clock,
    bytesSent: () => used.bytes,
    price: price.perGb === 0 ? undefined : price,
    machine: { cpuMicros: () => used.cpuMicros, rssBytes: () => 90e6 },
    loop: { delays: { p50: 1, p99: 2, max: 3 }, close: () => (loopClosed = true) },
  });
  /** A second in which so much was used and sent. */
  const second = (cpu: number, bytes: number) => {
    used.cpuMicros += cpu * 1e6;
    used.bytes += bytes;
    clock.advance(1000);
  };
  return { clock, health, second, loopClosed: () => loopClosed };
}

test('a quarter of a core and 1 MB/s: 8 Mbit/s, 3.6 GB an hour for 0.32 USD', () => {
  const { health, second } = stage();
  for (let n = 0; n < 60; n++) second(0.25, 1e6);
  const { cpu, egressBitsPerSec, egressCostPerHour, rssBytes, eventLoopMs } = health.status();
  expect(cpu).toBeCloseTo(0.25);
  expect(egressBitsPerSec).toBeCloseTo(8e6);
  expect(egressCostPerHour?.amount).toBeCloseTo(0.324);
  expect(egressCostPerHour?.currency).toBe('USD');
  expect([rssBytes, eventLoopMs]).toEqual([90e6, { p50: 1, p99: 2, max: 3 }]);
});

test('11 s after the last byte the egress is 0', () => {
  const { health, second } = stage();
  second(1, 1e6);
  for (let n = 0; n < 11; n++) second(0, 0);
  expect(health.status()).toMatchObject({ cpu: 0, egressBitsPerSec: 0 });
});

test('in its first moment there are no rates yet; without a price no cost', () => {
  const { health } = stage({ perGb: 0, currency: '' });
  expect(health.status()).toMatchObject({ cpu: 0, egressBitsPerSec: 0, egressCostPerHour: null });
});

test('closing leaves no timer and ends the loop’s meter', () => {
  const { clock, health, loopClosed } = stage();
  health.close();
  expect([clock.pending, loopClosed()]).toEqual([0, true]);
});

/** A histogram whose lateness is what the test says. */
function fakeHistogram() {
  const histogram = {
    count: 0,
    max: 0,
    isEnabled: false,
    percentile: () => histogram.max,
    reset: () => Object.assign(histogram, { count: 0, max: 0 }),
    enable: () => (histogram.isEnabled = true),
    disable: () => !(histogram.isEnabled = false),
  };
  return histogram;
}

test('a delay of 300 ms is told for 30 s at least, and for 60 s at most', () => {
  const clock = new FakeClock();
  const histograms: ReturnType<typeof fakeHistogram>[] = [];
  const meter = new LoopDelayMeter(clock, () => {
    const made = fakeHistogram();
    histograms.push(made);
    return made;
  });
  expect(histograms.map(({ isEnabled }) => isEnabled)).toEqual([true, true]);
  clock.advance(45_000);
  for (const histogram of histograms) Object.assign(histogram, { count: 1, max: 320e6 });
  expect(meter.delays).toEqual({ p50: 300, p99: 300, max: 300 });
  clock.advance(30_000);
  expect(meter.delays.max).toBe(300);
  clock.advance(30_000);
  expect(meter.delays).toEqual({ p50: 0, p99: 0, max: 0 });
  meter.close();
  expect(clock.pending).toBe(0);
  expect(histograms.map(({ isEnabled }) => isEnabled)).toEqual([false, false]);
});

test('a loop that does nothing for 200 ms is at least 150 ms late, and its median stays below 20 ms', async () => {
  const meter = new LoopDelayMeter(systemClock);
  const startMs = performance.now();
  await until('the loop has been looked at for a while', () => performance.now() - startMs > 400);
  const blockedFromMs = performance.now();
  while (performance.now() - blockedFromMs < 200);
  await until('the stall is seen', () => meter.delays.max >= 150);
  const { p50, max } = meter.delays;
  meter.close();
  expect(p50).toBeLessThan(20);
  expect(max).toBeLessThan(5000);
});
