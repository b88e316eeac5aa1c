import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import type { LegRecord } from '../../demo/simulator/leg-record.ts';
import { launchChromium } from '../support/chromium.ts';
import { until } from '../support/until.ts';

const LISTENERS = 10;

let demo: Demo;
let browser: Browser;
let pages: Page[];

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error', 'linger-ms': '1500' },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  browser = await launchChromium({ autoplay: true });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

test('10 listeners, 10 reloads, a platform drop and a relay-side reconnect: one leg at a time, one hang-up at the end', async () => {
  pages = await Promise.all(Array.from({ length: LISTENERS }, () => openPage()));
  await allLive('after joining');
  expect(demo.relay.listeners()).toBe(LISTENERS);

  for (const page of pages) {
    await page.reload();
    await listen(page);
  }
  await allLive('after 10 reloads');
  expect(demo.simulator.legs().length).toBe(1);

  demo.simulator.inject({ kind: 'drop' });
  await until('a second leg', () => openLegs(2));
  await allLive('after the platform dropped the leg');

  // A frame of a size that is not allowed makes the relay close the leg and dial anew.
  demo.simulator.inject({ kind: 'wrongFrame', bytes: 642 });
  await until('a third leg', () => openLegs(3));
  await allLive('after the relay closed the leg');

  await Promise.all(pages.map((page) => page.close()));
  const legs = demo.simulator.legs();
  const last = legs.at(-1);
  await until('the hang-up', () => last?.status === 'completed');

  expect(legs.length).toBe(3);
  expect(overlaps(legs)).toEqual([]);
  expect(legs.map(({ hangUps }) => hangUps)).toEqual([0, 0, 1]);
  expect(legs.map(({ receivedBytes }) => receivedBytes)).toEqual([0, 0, 0]);
  const placed = demo.simulator
    .requests()
    .filter(({ method, path }) => method === 'POST' && path === '/v1/calls');
  expect(placed.length).toBe(3);
  expect(demo.relay.listeners()).toBe(0);
}, 120_000);

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${demo.url}/listen/allhands`);
  await listen(page);
  return page;
}

async function listen(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelector('conf-listener')?.play());
}

/** Every page is live and plays new sound. */
async function allLive(when: string): Promise<void> {
  const before = await Promise.all(pages.map(played));
  await until(
    `10 live players ${when}`,
    async () => {
      const after = await Promise.all(pages.map(played));
      return after.every((count, n) => count >= 0 && count !== before[n]);
    },
    20_000,
  );
}

/** Chunks a page has played; -1 while it is not live. */
function played(page: Page): Promise<number> {
  return page.evaluate(() => {
    const player = document.querySelector('conf-listener');
    return player?.state === 'live' ? (player.getStats()?.played ?? -1) : -1;
  });
}

function openLegs(count: number): boolean {
  const legs = demo.simulator.legs();
  return legs.length === count && legs.at(-1)?.status === 'answered';
}

/** Pairs of legs whose sockets were open at the same moment, by the platform's own record. */
function overlaps(legs: readonly LegRecord[]): string[] {
  return legs.slice(1).flatMap((leg, n) => {
    const before = legs[n];
    const closedAtMs = before?.closedAtMs ?? Infinity;
    return leg.openedAtMs !== undefined && leg.openedAtMs < closedAtMs
      ? [`${before?.uuid} and ${leg.uuid}`]
      : [];
  });
}
