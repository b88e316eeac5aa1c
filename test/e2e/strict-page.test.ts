import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { startHostSite, type HostSite } from '../support/host-site.ts';
import { PlayerPage } from '../support/player-page.ts';
import { until } from '../support/until.ts';

let demo: Demo;
let site: HostSite;
let browser: Browser;

beforeAll(async () => {
  site = await startHostSite(() => Promise.reject(new Error('no ticket is wanted here')));
  browser = await launchChromium();
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
  await site?.close();
});

/** A page under the policy of README to the letter, where a visitor presses Listen. */
async function open(headers: Readonly<Record<string, string>> = {}, attributes = ''): Promise<PlayerPage> {
  const policy = `default-src 'none'; script-src ${demo.url}; style-src 'self'; connect-src ${demo.url} ${demo.url.replace('http', 'ws')}`;
  const html = `<script type="module" src="${demo.url}/v1/conf-listener.js"></script>
<conf-listener room="allhands" ${attributes}></conf-listener>`;
  const player = await PlayerPage.open(browser, site.url + site.addPageUnder(policy, html, headers));
  onTestFinished(() => player.close());
  return player;
}

test('from idle over live, captions and an error to Stop: 0 violations, 0 complaints, each button pressed by a visitor', async () => {
  const player = await open();
  const button = (name: string) => player.page.getByRole('button', { name });
  await player.listen();
  await player.reach('live');
  await button('Captions').click({ timeout: 30_000 });
  const caption = player.page.locator('[part=captions] p').first();
  await until('a caption shows', async () => (await caption.count()) > 0, 30_000);
  await button('Mute').click();
  await player.page.getByRole('slider').fill('0.5');
  await player.frame.evaluate(() => document.querySelector('conf-listener')?.setAttribute('room', 'nobody'));
  await player.reach('error');
  await player.frame.evaluate(() =>
    document.querySelector('conf-listener')?.setAttribute('room', 'allhands'),
  );
  await player.listen();
  await player.reach('live');
  await button('Stop').click();
  await player.reach('idle');
  const { violations } = await player.happened();
  expect([violations, player.complaints]).toEqual([[], []]);
}, 90_000);

test('a page that is isolated (COEP require-corp, COOP same-origin) plays, with 0 violations', async () => {
  const player = await open({
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Opener-Policy': 'same-origin',
  });
  expect(await player.frame.evaluate(() => crossOriginIsolated)).toBe(true);
  await player.listen();
  await player.reach('live');
  const { violations } = await player.happened();
  expect([violations, player.complaints]).toEqual([[], []]);
});

test('exclusive="browser": of two tabs the second to listen ends the first; with "page" both play', async () => {
  for (const [exclusive, left] of [
    ['browser', 'idle'],
    ['page', 'live'],
  ] as const) {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const address = (await open({}, `exclusive="${exclusive}"`)).page.url();
    const first = await PlayerPage.open(context, address);
    const second = await PlayerPage.open(context, address);
    await first.listen();
    await first.reach('live');
    await second.listen();
    await second.reach('live');
    await first.reach(left);
  }
}, 60_000);
