import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { quantile } from '../support/ear.ts';
import { hearLeg } from '../support/heard-leg.ts';
import { recordPage, recorderPages, recordingOf } from '../support/recorder.ts';

const LISTEN_SEC = 32;
const SOURCE = noise(7);

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'warn' },
    simulator: { source: SOURCE, recordSendTimes: true },
    parts: { extraPages: recorderPages, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

test('30 s of what the platform sends come out of the page: no 20 ms block missing, doubled or damaged', async () => {
  const page = await browser.newPage();
  await recordPage(page);
  await page.goto(`${demo.url}/listen/allhands`);
  await page.getByRole('button', { name: /listen/i }).click();
  const leg = await demo.simulator.waitForLeg('answered');
  await page.waitForTimeout(LISTEN_SEC * 1000);
  const recording = await recordingOf(page);
  await page.close();

  const { heard, damaged, jumps, delaysMs, worst } = hearLeg(leg, SOURCE, recording);
  console.log(
    `phone to ear: ${heard.length} blocks, worst correlation ${worst.toFixed(3)}; from frame sent to sound out ` +
      `median ${quantile(delaysMs, 0.5).toFixed(0)} ms, p95 ${quantile(delaysMs, 0.95).toFixed(0)} ms`,
  );
  expect(heard.length).toBeGreaterThanOrEqual(1500);
  expect(damaged).toEqual([]);
  expect(jumps).toEqual([]);
  expect(quantile(delaysMs, 0.5)).toBeLessThan(1000);
}, 120_000);
