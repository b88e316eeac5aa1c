import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import type { ConfListener } from '../../component/define.ts';
import { launchChromium } from '../support/chromium.ts';
import { quantile } from '../support/ear.ts';
import { startGrimProxy } from '../support/grim-proxy.ts';
import { hearLeg } from '../support/heard-leg.ts';
import { recordPage, recorderPages, recordingOf } from '../support/recorder.ts';
import { until } from '../support/until.ts';

const LISTEN_SEC = 15;
const SOURCE = noise(17);

/** What sounds first was sent no longer before that than this, ms. */
const BACKLOG_MS = 1000;

let demo: Demo;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'warn' },
    simulator: { source: SOURCE, recordSendTimes: true },
    parts: { extraPages: recorderPages, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
});

afterEach(async () => {
  await demo?.close();
});

for (const { network, holdBack, transport, soundsWithinMs, behindMs } of [
  { network: 'no upgrade', holdBack: false, transport: 'stream', soundsWithinMs: 4000, behindMs: 1000 },
  {
    network: 'no upgrade and no answer before its end',
    holdBack: true,
    transport: 'poll',
    soundsWithinMs: 8000,
    behindMs: 2500,
  },
] as const) {
  test(`where a proxy lets through ${network}, 15 s play by ${transport}: no 20 ms block missing, doubled or damaged`, async () => {
    const proxy = await startGrimProxy(demo.url, holdBack);
    const page = await browser.newPage();
    await recordPage(page);
    await page.goto(`${proxy.url}/listen/allhands`);
    await page.getByRole('button', { name: /listen/i }).click();
    const leg = await demo.simulator.waitForLeg('answered');
    await until('sound', async () => ((await statsOf(page))?.played ?? 0) > 0, 20_000);
    const soundAtMs = Date.now();
    await page.waitForTimeout(LISTEN_SEC * 1000);
    const stats = await statsOf(page);
    const recording = await recordingOf(page);
    const again = await playAgain(page);
    await page.close();
    await proxy.close();

    // Looking for what was sent before anything could be heard takes minutes.
    let first = 0;
    while ((leg.sentAtMs(first) ?? Infinity) < soundAtMs - BACKLOG_MS) first++;
    const { heard, damaged, jumps, delaysMs, worst } = hearLeg(leg, SOURCE, recording, first);
    console.log(
      `by ${transport}: ${heard.length} blocks, worst correlation ${worst.toFixed(3)}, sound after ` +
        `${stats?.startupMs?.toFixed(0)} ms (on the next page ${again.toFixed(0)} ms); from frame sent to sound out ` +
        `median ${quantile(delaysMs, 0.5).toFixed(0)} ms`,
    );
    expect(stats).toMatchObject({ transport, underruns: 0, lost: 0, faults: 0 });
    expect(stats?.startupMs).toBeLessThan(soundsWithinMs);
    expect(again).toBeLessThan(3000);
    expect(proxy.refused).toBe(1);
    expect(heard.length).toBeGreaterThanOrEqual(600);
    expect(damaged).toEqual([]);
    expect(jumps).toEqual([]);
    expect(quantile(delaysMs, 0.5)).toBeLessThan(behindMs);
  }, 120_000);
}

/** Opens the page anew in the same tab; resolves to the ms from Listen to sound. */
async function playAgain(page: Page): Promise<number> {
  await page.reload();
  await page.getByRole('button', { name: /listen/i }).click();
  return until('sound on the next page', async () => (await statsOf(page))?.startupMs, 20_000);
}

async function statsOf(page: Page): Promise<ReturnType<ConfListener['getStats']>> {
  return page.evaluate(() => document.querySelector('conf-listener')?.getStats());
}
