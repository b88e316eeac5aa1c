import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { axeViolations } from '../support/accessibility.ts';
import { launchChromium } from '../support/chromium.ts';

const FRAMED = '/framed';

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    simulator: { source: noise(51) },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

/** Pages as people come to them; a frame comes in a page of somebody else's. */
const ADDRESSES = ['/', FRAMED, '/listen/allhands', '/listen/allhands?lang=ar', '/builder', '/help/csp'];

test.each(
  ADDRESSES.flatMap((address) => [
    [address, 'light', 1000],
    [address, 'dark', 320],
  ]) as [string, 'light' | 'dark', number][],
)('axe-core finds nothing on %s, %s, %i px wide', async (address, colorScheme, width) => {
  // The pages' policy allows no scripts but their own.
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 800 },
    bypassCSP: true,
  });
  const page = await context.newPage();
  await page.route(`**${FRAMED}`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><title>Intranet</title><main><h1>News</h1>
        <iframe src="/embed/allhands" title="All hands, live audio"></iframe></main></html>`,
    }),
  );
  await page.goto(demo.url + address);
  await page.waitForLoadState('networkidle');
  const found = await axeViolations(page);
  await context.close();
  expect(found).toEqual([]);
});
