import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchBareChromium, type BareChromium } from '../support/bare-chromium.ts';
import { until } from '../support/until.ts';

const HIDDEN_SEC = 60;

let demo: Demo;
let chromium: BareChromium;

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    simulator: { source: noise(12) },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  chromium = await launchBareChromium();
}, 60_000);

afterAll(async () => {
  await chromium?.close();
  await demo?.close();
});

test(`a tab that is hidden for ${HIDDEN_SEC} s plays on: at most 2 breaks`, async ({ skip }) => {
  const player = 'document.querySelector("conf-listener")';
  const tab = await chromium.open(`${demo.url}/listen/allhands`);
  await until('the element', () => tab.evaluate(`Boolean(${player}?.play)`).then(Boolean));
  await tab.evaluate(`${player}.play()`);
  await until('sound', async () => (await tab.evaluate(`${player}.state`)) === 'live');
  await chromium.open('about:blank');
  const hidden = await tab.evaluate('document.hidden');
  if (hidden !== true) skip('this Chromium keeps every tab visible');

  const read = async (count: string): Promise<number> =>
    Number(await tab.evaluate(`${player}.getStats().${count}`));
  const before = { played: await read('played'), underruns: await read('underruns') };
  await new Promise((resolve) => {
    setTimeout(resolve, HIDDEN_SEC * 1000);
  });
  const played = (await read('played')) - before.played;
  const breaks = (await read('underruns')) - before.underruns;
  console.log(`hidden for ${HIDDEN_SEC} s: ${played} chunks played, ${breaks} breaks`);
  expect(await tab.evaluate('document.hidden')).toBe(true);
  expect(played).toBeGreaterThanOrEqual(HIDDEN_SEC * 10 - 20);
  expect(breaks).toBeLessThanOrEqual(2);
}, 120_000);
