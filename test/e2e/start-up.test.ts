import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { recordPage, recorderPages, recordingOf } from '../support/recorder.ts';

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    parts: { extraPages: recorderPages, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

test('a click gives speech within 1.5 s when the call has to be placed, within 0.6 s when the room is live', async () => {
  const placedMs = await clickToSound();
  const liveMs = await clickToSound();
  console.log(
    `click to sound: ${placedMs.toFixed(0)} ms with the call to be placed, ${liveMs.toFixed(0)} ms live`,
  );
  expect(demo.simulator.legs().length).toBe(1);
  expect(placedMs).toBeLessThanOrEqual(1500);
  expect(liveMs).toBeLessThanOrEqual(600);
}, 60_000);

/** From the click to the first sample that is not silence, as the page's output clock has it. */
async function clickToSound(): Promise<number> {
  const page = await browser.newPage();
  await recordPage(page);
  await page.goto(`${demo.url}/listen/allhands`);
  await page.evaluate(() =>
    addEventListener(
      'click',
      () => Reflect.set(window, 'clickedAtMs', performance.timeOrigin + performance.now()),
      {
        capture: true,
      },
    ),
  );
  await page.getByRole('button', { name: /listen/i }).click();
  await page.waitForTimeout(3000);
  const { samples, sampleRate, startedAtMs } = await recordingOf(page);
  const clickedAtMs: unknown = await page.evaluate(() => Reflect.get(window, 'clickedAtMs'));
  const first = samples.findIndex((sample) => Math.abs(sample) > 1e-4);
  if (first < 0 || typeof clickedAtMs !== 'number') throw new Error('the page played nothing within 3 s');
  return startedAtMs + (first / sampleRate) * 1000 - clickedAtMs;
}
