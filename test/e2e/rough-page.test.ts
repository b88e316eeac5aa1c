import { join } from 'node:path';
import type { Middleware } from 'koa';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { until } from '../support/until.ts';

const HOST = 'intranet.test';

let demo: Demo;
let browser: Browser;

/** A page of somebody else's, under a policy of its own. */
const pages: Middleware = async (context, next) => {
  if (context.path !== '/rough') return next();
  const relay = `http://${HOST}:${new URL(demo.url).port}`;
  const policy = `default-src 'self'; script-src ${relay}; connect-src ${relay} ${relay.replace('http', 'ws')}`;
  context.set('Content-Security-Policy', policy);
  context.type = 'html';
  context.body = `<!doctype html><meta charset="utf-8"><title>Intranet</title>
<script type="module" src="/v1/conf-listener.js"></script>
<conf-listener room="allhands"></conf-listener>`;
};

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    simulator: { source: noise(11) },
    parts: { extraPages: pages, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  browser = await launchChromium({ flags: [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`] });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

test('on a plain http page of an intranet name, under default-src self and two entries, 10 s play: no violation, no break', async () => {
  const page = await openRoughPage();
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await page.waitForTimeout(10_000);
  const { played, underruns } = await statsOf(page);
  const violations: unknown = await page.evaluate(() => Reflect.get(window, 'violations'));
  console.log(`plain http page: ${played} chunks, ${underruns} breaks, ${String(violations)} violations`);
  await page.close();
  expect(violations).toBe(0);
  expect(played).toBeGreaterThanOrEqual(95);
  expect(underruns).toBeLessThanOrEqual(1);
}, 60_000);

test('on a page that is busy for 300 ms of every second, at most 6 breaks in 20 s, most of them in the first 10', async () => {
  const page = await openRoughPage();
  await page.evaluate(() => {
    setInterval(() => {
      const endMs = performance.now() + 300;
      while (performance.now() < endMs);
    }, 1000);
  });
  await page.waitForTimeout(10_000);
  const early = await statsOf(page);
  await page.waitForTimeout(10_000);
  const late = await statsOf(page);
  console.log(
    `busy page: ${early.underruns} breaks in the first 10 s, ${late.underruns - early.underruns} in the next`,
  );
  await page.close();
  expect(late.underruns).toBeLessThanOrEqual(6);
  expect(late.underruns - early.underruns).toBeLessThanOrEqual(2);
}, 60_000);

async function openRoughPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    Reflect.set(window, 'violations', 0);
    addEventListener('securitypolicyviolation', () => {
      Reflect.set(window, 'violations', Number(Reflect.get(window, 'violations')) + 1);
    });
  });
  await page.goto(`http://${HOST}:${new URL(demo.url).port}/rough`);
  await page.getByRole('button', { name: /listen/i }).click();
  await until('sound', () => page.evaluate(() => document.querySelector('conf-listener')?.state === 'live'));
  return page;
}

async function statsOf(page: Page): Promise<{ played: number; underruns: number }> {
  return page.evaluate(() => {
    const stats = document.querySelector('conf-listener')?.getStats();
    return { played: stats?.played ?? 0, underruns: stats?.underruns ?? -1 };
  });
}
