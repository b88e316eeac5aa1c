import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { de } from '../../component/i18n/de.ts';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { launchChromium } from '../support/chromium.ts';
import { startHostSite, type HostSite } from '../support/host-site.ts';
import { PlayerPage } from '../support/player-page.ts';
import { snippetsOf } from '../support/snippets.ts';
import { until } from '../support/until.ts';

const README = 'component/README.md';
const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist/component');
const RELAY = 'https://relay.example';

let demo: Demo;
let site: HostSite;
let browser: Browser;

beforeAll(async () => {
  demo = await startDemo({ port: 0, relay: { 'log-level': 'error' }, parts: { assetsDir: DIST } });
  site = await startHostSite(() => Promise.resolve(''));
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await site?.close();
  await demo?.close();
});

/** The readme's HTML that has `word` in it, with the demo's relay for the one it speaks of. */
function snippet(word: string): string {
  const found = snippetsOf(README, 'html').filter((html) => html.includes(word));
  if (found.length !== 1) throw new Error(`${README} has ${found.length} pieces of HTML with ${word}`);
  return (found[0] ?? '').replaceAll(RELAY, demo.url);
}

/** The readme's two entries of a policy, for the demo's relay. */
function entries(): string {
  const [found = ''] =
    /^script-src .+\nconnect-src .+$/m.exec(readFileSync(join(ROOT, README), 'utf8')) ?? [];
  const socket = demo.url.replace('http', 'ws');
  return found.replaceAll(RELAY, demo.url).replaceAll(RELAY.replace('http', 'ws'), socket).replace('\n', ' ');
}

/** A page of another site with that HTML, under a policy of nothing but the entries; `inline` allows its own script. */
function open(html: string, inline = ''): Promise<PlayerPage> {
  const policy = `default-src 'none'; ${entries().replace(';', `${inline};`)}`;
  return PlayerPage.open(browser, site.url + site.addPageUnder(policy, html));
}

async function expectToPlay(page: PlayerPage): Promise<void> {
  await page.reach('idle');
  await page.listen();
  await page.reach('live', 15_000);
  expect(page.complaints).toEqual([]);
  expect((await page.happened()).violations).toEqual([]);
}

test('the two lines play under the two entries of the policy, without a complaint; the link is not shown', async () => {
  const page = await open(snippet('Listen live'));
  await expectToPlay(page);
  expect(await page.page.getByText('Listen live').isVisible()).toBe(false);
  await page.close();
}, 60_000);

test('the classic script plays too', async () => {
  const page = await open(snippet('iife'));
  await expectToPlay(page);
  await page.close();
}, 60_000);

test('whoever is asked first: Listen shows the question and nothing is connected; yes plays', async () => {
  const page = await open(snippet('<dialog>'), " 'unsafe-inline'");
  await page.reach('idle');
  await page.page.getByRole('button', { name: 'Listen live' }).click();
  await until('the question', () => page.page.locator('dialog').isVisible());
  expect(await page.state()).toBe('idle');
  expect(page.addresses.filter((address) => /conf-session|^ws/.test(address))).toEqual([]);
  await page.page.getByRole('button', { name: 'Listen to it' }).click();
  await page.reach('live', 15_000);
  expect(page.complaints).toEqual([]);
  await page.close();
}, 60_000);

test('slots and controls: what the page puts in is shown, and the volume is not', async () => {
  const page = await open(snippet('slot="start"'));
  await page.reach('idle');
  expect(await page.page.getByText('ACME').isVisible()).toBe(true);
  expect(await page.page.getByText('Agenda').isVisible()).toBe(true);
  expect(await page.page.getByText('help desk').isVisible()).toBe(false);
  expect(await page.page.getByRole('slider').isVisible()).toBe(false);
  await page.close();
}, 60_000);

test('another language: the player speaks German', async () => {
  const page = await open(snippet('lang/de.js'));
  await page.reach('idle');
  await until('German', async () => (await page.words()) === de.status.idle);
  await page.close();
}, 60_000);

test('the pinned lines, with version, name and sums of this build, play; with another sum they do not', async () => {
  const sums: Record<string, string> = JSON.parse(readFileSync(join(DIST, 'integrity.json'), 'utf8'));
  const session = Object.keys(sums).find((name) => name.startsWith('conf-session-')) ?? '';
  const html = snippet('modulepreload').replace('conf-session-….js', session);
  const [first, second] = ['sha384-…', 'sha384-…'];
  const right = html.replace(first, sums[session] ?? '').replace(second, sums['conf-listener.js'] ?? '');
  const page = await open(right);
  await expectToPlay(page);
  await page.close();

  const wrong = html.replace(first, sums[session] ?? '').replace(second, sums[session] ?? '');
  const refused = await open(wrong);
  await until('the refusal', () => refused.complaints.some((text) => /integrity/.test(text)));
  expect(await refused.state()).toBe(undefined);
  await refused.close();
}, 60_000);

test('the sheets: the colours, corners and letters of the example, and a red border while it is live', async () => {
  const sheets = snippetsOf(README, 'css');
  const html = `<style>${sheets.join('')}</style>${snippet('Listen live')}`;
  const path = site.addPageUnder("default-src * 'unsafe-inline'", html);
  const page = await PlayerPage.open(browser, site.url + path);
  await page.reach('idle');
  const styles = await page.page.locator('conf-listener').evaluate((player) => {
    const of = (part: string): CSSStyleDeclaration =>
      getComputedStyle(player.shadowRoot?.querySelector(`[part~=${part}]`) ?? player);
    const { backgroundColor } = of('play');
    return [backgroundColor, of('bar').borderRadius, of('title').fontWeight, of('title').fontFamily];
  });
  expect(styles).toEqual(['rgb(122, 31, 162)', '0px', '400', 'Georgia, serif']);
  await page.listen();
  await page.reach('live', 15_000);
  const border = await page.page.locator('[part=bar]').evaluate((bar) => getComputedStyle(bar).borderColor);
  expect(border).toBe('rgb(196, 36, 47)');
  await page.close();
}, 60_000);
