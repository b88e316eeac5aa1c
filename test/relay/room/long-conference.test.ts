import { expect, test } from 'vitest';
import { LongConference } from '../../support/long-conference.ts';
import { KeptLog } from '../../support/quiet-log.ts';

const HOUR_MS = 3_600_000;

test('a conference of 3 h: its leg is replaced before the 2 h limit, and the listener misses nothing and hears nothing twice', async () => {
  const startMs = performance.now();
  const log = new KeptLog();
  let minutes = 0;
  const conference = new LongConference({ log, onMinute: () => void minutes++ });
  conference.join();
  await conference.run(3 * HOUR_MS);

  const { listener, legs, hangUps } = conference;
  expect([listener.missing, listener.doubled, listener.wrong, listener.breaks]).toEqual([0, 0, 0, 0]);
  // All but what came before the leg, what is on its way, and the chunk that is being filled.
  expect(listener.samples).toBeGreaterThan((3 * HOUR_MS - 1500) * 16);
  expect(listener.epochs.size).toBe(1);
  expect([legs.length, hangUps, conference.mostLegs, minutes]).toEqual([2, ['leg-1'], 2, 180]);
  expect(legs.map(({ end }) => end)).toEqual(['hung-up', undefined]);
  expect(log.of('leg.replaced')).toMatchObject([{ leg: 'leg-2', by: 'sound', lagMs: 110 }]);
  expect(log.of('leg.closed')).toMatchObject([{ end: 'replaced' }]);
  expect(log.complaints).toEqual([]);

  conference.leave();
  await conference.run(40_000);
  expect(hangUps).toEqual(['leg-1', 'leg-2']);
  await conference.close();
  expect(conference.clock.pending).toBeLessThanOrEqual(3);
  console.log(`3 h of conference in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}, 300_000);

test('5 legs of a minute each, now sooner and now later by 300 ms: the listener misses nothing and hears nothing twice', async () => {
  const log = new KeptLog();
  const conference = new LongConference({
    log,
    lengthTimerSec: 60,
    replaceBeforeSec: 15,
    delaysMs: [60, 360, 80, 200, 10],
    offsets: [0, 137, 5, 319, 200],
  });
  conference.join();
  await conference.run(225_000);
  const { listener, legs, hangUps } = conference;
  expect([listener.missing, listener.doubled, listener.wrong, listener.breaks]).toEqual([0, 0, 0, 0]);
  expect([legs.length, hangUps.length, conference.mostLegs]).toEqual([5, 4, 2]);
  expect(log.of('leg.replaced').map(({ by }) => by)).toEqual(Array(4).fill('sound'));
  // Within a frame: a leg whose frames were blocked anew is heard in whole ones.
  const lags = log.of('leg.replaced').map(({ lagMs }) => Number(lagMs));
  expect([300, -280, 120, -190].map((lagMs, n) => Math.abs(lagMs - (lags[n] ?? 0)) <= 20)).toEqual(
    Array(4).fill(true),
  );
  await conference.close();
});
