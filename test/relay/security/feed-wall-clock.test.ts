import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../relay/clock.ts';
import { startDemo } from '../../../demo/demo.ts';
import { until } from '../../support/until.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { Witness } from '../../support/witness.ts';
import { House } from '../house.ts';
import { HandPlatform } from './hand-platform.ts';

const HOUR_MS = 3_600_000;

test('P6: a wall clock that jumps 1 h ahead and 2 h back drops no listener, keeps the leg and leaves no hole', async () => {
  let aheadMs = 0;
  const log = new KeptLog();
  const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs };
  const assetsDir = join(import.meta.dirname, '../../../dist/component');
  const demo = await startDemo({ port: 0, parts: { clock, log, assetsDir } });
  const listeners = [new Witness(demo.url, 'allhands'), new Witness(demo.url, 'allhands')];
  const stream = await fetch(`${demo.url}/v1/rooms/allhands/stream.wav`);
  const reader = stream.body?.getReader();
  const heardMore = async (): Promise<void> => {
    const before = listeners.map(({ sequences }) => sequences.length);
    await until('2 s more of sound', () =>
      listeners.every(({ sequences }, n) => sequences.length >= (before[n] ?? 0) + 20),
    );
    expect((await reader?.read())?.done).toBe(false);
  };
  await heardMore();
  aheadMs = HOUR_MS;
  await heardMore();
  aheadMs = -HOUR_MS;
  await heardMore();
  expect(listeners.map(({ closeCode, holes }) => [closeCode, holes])).toEqual([
    [undefined, 0],
    [undefined, 0],
  ]);
  expect(demo.relay.listeners()).toBe(3);
  expect(demo.simulator.legs()).toMatchObject([{ status: 'answered', hangUps: 0 }]);
  expect([log.of('call.dialled').length, log.complaints]).toEqual([1, []]);
  await Promise.all([reader?.cancel(), demo.close()]);
}, 30_000);

test('P6: a jump of 1 h between the call and its leg’s arrival does not make the leg ticket late', async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs };
  const platform = await HandPlatform.open();
  const house = await House.open({ settings: platform.settings, clock });
  const ear = await house.listen();
  const { path } = await platform.call(0);
  aheadMs = HOUR_MS;
  const leg = await platform.dial(house, path, { iat: clock.wallMs() / 1000 });
  expect(leg.refusedWith).toBeUndefined();
  const closed = house.close();
  await Promise.all([closed, ear.end(), leg.end()]);
  await platform.close();
});
