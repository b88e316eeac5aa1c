import { afterEach, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { House } from './house.ts';

const SETTINGS = {
  rooms: [
    {
      id: 'allhands',
      silence: 'send',
      showListeners: true,
      schedule: { timeZone: 'Europe/Berlin', sessions: [{ day: 'daily', opens: '14:00', closes: '15:00' }] },
    },
  ],
};

let house: House | undefined;
afterEach(() => house?.close());

test('a relay whose room is closed tells its listener and the public when it opens; sound sent before is heard', async () => {
  const clock = new FakeClock();
  clock.jumpWall(Date.parse('2026-11-21T12:00Z') - clock.wallMs());
  const opensAt = Date.parse('2026-11-21T13:00Z');
  house = await House.open({ settings: SETTINGS, clock });
  const ear = await house.listen();
  await until('hello', () => ear.messages.length > 0);
  expect(ear.messages[0]).toMatchObject({ type: 'hello', state: 'waiting', opensAt, listeners: 1 });
  const told = async (): Promise<unknown> => (await fetch(`${house?.url}/v1/rooms/allhands`)).json();
  expect(await told()).toMatchObject({ state: 'waiting', opensAt, listeners: 1, epoch: null });

  const mouth = await house.publish();
  mouth.speak(200);
  await until('it is live', () =>
    ear.messages.some((message) => message.type === 'state' && message.state === 'live'),
  );
  expect(await told()).not.toHaveProperty('opensAt');
  mouth.socket.close();
  await until('it is not', () => {
    const last = ear.messages.findLast((message) => message.type === 'state');
    return last?.type === 'state' && last.state === 'waiting' && last.opensAt === opensAt;
  });
});
