import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../relay/clock.ts';
import { createAccount } from '../../demo/account.ts';
import { until } from '../support/until.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { House } from './house.ts';

describe('closing the relay', () => {
  test('says bye and 4000 to 20 listeners, 4000 to the leg, ends plain streams, and lets go of everything', async () => {
    const house = await House.open({ random: () => 0.5 });
    const mouth = await house.publish();
    const ears = await Promise.all(Array.from({ length: 20 }, () => house.listen()));
    const stream = await fetch(`${house.url}/v1/rooms/allhands/stream.wav`);
    await until('all are in', () => house.relay.listeners() === 21);
    const startMs = performance.now();
    const closed = house.close();
    expect(house.relay.close()).toBe(house.relay.close());
    await closed;
    expect(performance.now() - startMs).toBeLessThan(2500);
    expect(await mouth.end()).toBe(4000);
    for (const ear of ears) {
      expect(await ear.end()).toBe(4000);
      expect(ear.messages.at(-1)).toEqual({
        type: 'bye',
        code: 4000,
        reason: 'the relay is going away',
        retryInMs: 5750,
      });
    }
    expect((await stream.arrayBuffer()).byteLength).toBeGreaterThanOrEqual(44);
    await expect(fetch(`${house.url}/healthz`)).rejects.toThrow('fetch failed');
    expect(house.log.lines.at(-1)?.event).toBe('relay.closed');
    expect([house.relay.listeners(), house.log.complaints]).toEqual([0, []]);
  });

  test('leaves none of its timers behind, and no server', async () => {
    const pending = new Set<object>();
    const clock: Clock = {
      ...systemClock,
      after(delayMs, run) {
        const timer = {};
        pending.add(timer);
        const cancel = systemClock.after(delayMs, () => {
          pending.delete(timer);
          run();
        });
        return () => {
          pending.delete(timer);
          cancel();
        };
      },
    };
    const house = await House.open({ clock });
    const mouth = await house.publish();
    const superseded = await house.publish();
    const ear = await house.listen();
    const refused = await house.listen('board');
    mouth.speak(200);
    await until('2 chunks', () => ear.chunks.length === 2);
    await Promise.all([superseded.end(), refused.end()]);
    expect(pending.size).toBeGreaterThan(3);
    await house.close();
    await until('the last timer is gone', () => pending.size === 0);
    await until('the server is gone', () => !process.getActiveResourcesInfo().includes('TCPServerWrap'));
  });

  test('does not wait for a listener that never answers the close', async () => {
    const house = await House.open();
    const ear = await house.listen();
    await until('hello', () => ear.messages.length > 0);
    ear.socket.pause();
    const startMs = performance.now();
    await house.close();
    expect(performance.now() - startMs).toBeLessThan(3500);
    ear.socket.terminate();
  });
});

test('closing is over after 25 s though the platform never answers', async () => {
  const platform = createServer();
  platform.listen(0, '127.0.0.1');
  await once(platform, 'listening');
  const address = platform.address();
  const apiHost = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const { applicationId, privateKey, signatureSecret, apiKey } = createAccount();
  const vonage = { applicationId, privateKey, signatureSecret, apiKey, from: '442079460000', apiHost };
  const clock = new FakeClock();
  const house = await House.open({ clock, settings: { publicUrl: 'https://relay.example', vonage } });
  const [[asked], ear] = await Promise.all([once(platform, 'connection'), house.listen()]);
  let closed = false;
  const closing = house.close().then(() => (closed = true));
  expect(await ear.end()).toBe(4000);
  for (let second = 0; second < 22; second++) {
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([closed, (await fetch(`${house.url}/readyz`)).status]).toEqual([false, 503]);
  clock.advance(1000);
  await closing;
  expect(house.log.of('relay.closed')).toHaveLength(1);
  asked.destroy();
  platform.close();
});

test('a port that is taken rejects with its code', async () => {
  const house = await House.open();
  await expect(House.open({ port: house.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await house.close();
});
