import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { hasPulseAudio, startSoundServer, type SoundServer } from '../support/sound-server.js';
import { until } from '../support/until.ts';

if (!hasPulseAudio)
  console.log('PulseAudio is not here: the test with a sound device that vanishes is skipped');

describe.skipIf(!hasPulseAudio)('with a real sound server', () => {
  let demo: Demo;
  let sound: SoundServer;
  let browser: Browser;

  beforeAll(async () => {
    demo = await startDemo({
      port: 0,
      relay: { 'log-level': 'error' },
      simulator: { source: noise(13) },
      parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
    });
    sound = await startSoundServer();
    browser = await launchChromium({ env: { PULSE_SERVER: sound.address }, audible: true });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await sound?.close();
    await demo?.close();
  });

  test('a sound device that vanishes for 3 s: within 10 s the player is live again, at most 400 ms buffered', async ({
    skip,
  }) => {
    const page = await browser.newPage();
    await page.goto(`${demo.url}/listen/allhands`);
    await page.getByRole('button', { name: /listen/i }).click();
    const read = () =>
      page.evaluate(() => {
        const player = document.querySelector('conf-listener');
        const stats = player?.getStats();
        return { state: player?.state, played: stats?.played ?? 0, bufferedMs: stats?.bufferedMs ?? 0 };
      });
    await until('sound', async () => (await read()).played > 30);

    if ((await sound.players()) === 0) skip('this Chromium, a headless shell, plays to no device');

    await sound.unplug();
    await page.waitForTimeout(3000);
    await sound.plug();
    const pluggedMs = performance.now();
    const { played } = await read();
    await until('sound again', async () => (await read()).played > played + 20, 15_000);
    // A player may run on without a device and play to nowhere: the sound server knows.
    await until('a stream to the new device', async () => (await sound.players()) > 0, 15_000);
    await page.waitForTimeout(2000);
    const after = await read();
    console.log(
      `device gone for 3 s: live again after ${(performance.now() - pluggedMs - 2000).toFixed(0)} ms, ` +
        `${after.bufferedMs.toFixed(0)} ms buffered`,
    );
    expect(after.state).toBe('live');
    expect(after.bufferedMs).toBeLessThanOrEqual(400);
  }, 60_000);
});
