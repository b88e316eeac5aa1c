import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeViolations } from '../support/accessibility.ts';
import { launchChromium } from '../support/chromium.ts';
import { audienceOver, CONSOLE_KEY, ConsoleStage } from '../support/console-stage.ts';
import { idleRoom, liveRoom } from '../support/relay-status.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 60_000);
afterAll(() => browser?.close());

/** How the console comes to be in a state. */
const STATES: Readonly<Record<string, (page: Page, stage: ConsoleStage) => Promise<void>>> = {
  'signed out': async (page) => {
    await enterWith(page, 'wrong');
    await page.getByText('does not take this key').waitFor();
  },
  live: async (page) => {
    await enter(page);
  },
  'with everything open': async (page, stage) => {
    await enter(page);
    for (const name of ['Message to listeners', 'Last hours', 'Events', 'Calls and export'])
      await page.getByText(name, { exact: true }).first().click();
    await page.getByText('The same as a table').click();
    await page.getByRole('button', { name: 'Show', exact: true }).last().click();
    await page.getByRole('button', { name: 'Copy CSV' }).waitFor();
    expect(stage.queries.length).toBeGreaterThan(2);
  },
  'with the relay away': async (page, stage) => {
    await enter(page);
    await stage.away();
    await page.getByText('No answer from the relay').waitFor();
  },
  'with a dialog open': async (page) => {
    await enter(page);
    await page.getByRole('button', { name: 'Hang up' }).first().click();
    await page.getByRole('dialog').waitFor();
  },
};

async function enterWith(page: Page, key: string): Promise<void> {
  await page.getByLabel('Admin key').fill(key);
  await page.getByLabel('Admin key').press('Enter');
}

async function enter(page: Page): Promise<void> {
  await enterWith(page, CONSOLE_KEY);
  await page.getByRole('article').first().waitFor();
}

test.each(
  Object.entries(STATES).flatMap(([state, reach]) => [
    [state, 'light', 1280, reach] as const,
    [state, 'dark', 360, reach] as const,
  ]),
)('axe-core finds nothing in the console %s, %s, %i px wide', async (_, colorScheme, width, reach) => {
  const leg = liveRoom('any').leg;
  const stage = await ConsoleStage.open(
    liveRoom('allhands', {
      leg: leg && { ...leg, endsInSec: 40 },
      problems: [{ atMs: Date.now(), event: 'leg.stalled', code: 'no-frames' }],
    }),
    idleRoom('connecting', { state: 'connecting' }),
    liveRoom('near', { title: 'Near', leg: leg && { ...leg, endsInSec: 200 } }),
    idleRoom('waiting', { state: 'waiting', source: 'l16' }),
    idleRoom('ended', { state: 'ended', access: 'ticket' }),
    idleRoom('unavailable', { state: 'unavailable', opensAtMs: Date.now() }),
  );
  stage.status = { problems: [{ atMs: Date.now(), event: 'config.refused', code: 'rooms.0.id' }] };
  stage.samples = audienceOver(2, Date.now());
  stage.events = (['info', 'warn', 'error'] as const).map((level) => ({
    atMs: Date.now(),
    level,
    event: 'leg.closed',
    fields: { room: 'allhands', end: 'lost' },
  }));
  // The page's policy allows no scripts but its own.
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 900 },
    bypassCSP: true,
  });
  const page = await context.newPage();
  await page.goto(stage.url);
  await reach(page, stage);
  const found = await axeViolations(page);
  await context.close();
  await stage.away();
  expect(found).toEqual([]);
});
