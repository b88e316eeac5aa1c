import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ConfListener } from '../../component/define.ts';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { PlayerPage } from '../support/player-page.ts';
import { collectLog } from '../support/log-lines.ts';
import { until } from '../support/until.ts';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', 'pl', 'ja', 'zh', 'ar'];

let demo: Demo;
let browser: Browser;
let opened: PlayerPage;

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    simulator: { source: noise(33) }, // never pauses: a stall is always heard
    parts: { log: collectLog().log },
  });
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

afterEach(() => opened?.close());

/** The demo's page as a visitor sees it. */
async function open(query = ''): Promise<Page> {
  opened = await PlayerPage.open(browser, `${demo.url}/${query}`);
  await opened.page.locator('#lead[variant=card]').waitFor();
  return opened.page;
}

/** Presses Listen in the inspector, and waits until the article's player is heard. */
async function listen(page: Page): Promise<void> {
  await page.locator('#inspector').getByRole('button', { name: 'Listen' }).click();
  await figureIs(page, 'state', /^live$/);
}

function figureIs(page: Page, figure: string, words: RegExp): Promise<void> {
  return page.locator(`[data-figure=${figure}]`, { hasText: words }).waitFor();
}

interface Picture {
  atMs: number;
  /** Text of the figures, by name: those beside the charts and those of the table. */
  shown: Record<string, string>;
  /** What the player said just then: nothing can have changed since it was drawn. */
  stats: Record<string, unknown>;
}

/** The next pictures that the inspector draws. */
function pictures(page: Page, count: number): Promise<Picture[]> {
  return page.evaluate(
    (wanted) =>
      new Promise<Picture[]>((resolve) => {
        const seen: Picture[] = [];
        const watcher = new MutationObserver(() => {
          const shown: Picture['shown'] = {};
          for (const row of document.querySelectorAll('#figures tr'))
            shown[row.firstElementChild?.textContent ?? ''] = row.lastElementChild?.textContent ?? '';
          for (const place of document.querySelectorAll<HTMLElement>('[data-figure]'))
            shown[place.dataset['figure'] ?? ''] = place.textContent ?? '';
          const stats = { ...document.querySelector<ConfListener>('#lead')?.getStats() };
          seen.push({ atMs: performance.now(), shown, stats });
          if (seen.length < wanted) return;
          watcher.disconnect();
          resolve(seen);
        });
        const figures = document.querySelector('#figures');
        if (figures) watcher.observe(figures, { childList: true });
      }),
    count,
  );
}

/** What a chart says it shows. */
async function saidBy(page: Page, chart: string): Promise<string> {
  return (await page.locator(`[data-chart=${chart}]`).getAttribute('aria-label')) ?? '';
}

/** Attributes that all players of the page have in common. */
function ofAllPlayers(page: Page, attribute: string): Promise<(string | null)[]> {
  return page
    .locator('conf-listener')
    .evaluateAll(
      (players, name) => [...new Set(players.map((player) => player.getAttribute(name)))],
      attribute,
    );
}

describe('the inspector', () => {
  test('shows 4 times a second, without a complaint, exactly what getStats() says', async () => {
    const page = await open();
    await listen(page);
    await figureIs(page, 'bitrate', /^\d+ kbit\/s$/);
    const drawn = await pictures(page, 9);
    for (const { shown, stats } of drawn) {
      for (const [name, figure] of Object.entries({
        delay: 'behindMs',
        target: 'targetMs',
        startup: 'startupMs',
      }))
        expect([name, shown[name]]).toEqual([name, `${Math.round(Number(stats[figure]))} ms`]);
      for (const name of ['underruns', 'lost', 'resyncs', 'reconnects', 'played', 'transport'])
        expect([name, shown[name]]).toEqual([name, String(stats[name])]);
    }
    const [first, last] = [drawn[0], drawn.at(-1)];
    const tookMs = Number(last?.atMs) - Number(first?.atMs);
    expect(tookMs).toBeGreaterThan(1800);
    expect(tookMs).toBeLessThan(4000);
    expect(Number(last?.stats['played'])).toBeGreaterThan(Number(first?.stats['played']));
    expect(await saidBy(page, 'delay')).toMatch(/^Delay in the last 60 s: \d+ to \d+ ms$/);
    expect([(await opened.happened()).violations, opened.complaints]).toEqual([[], []]);
  });

  test('shows a drop of the leg as states that are not live, a stall as a fault, both with their ticks', async () => {
    const page = await open();
    await listen(page);
    expect(await saidBy(page, 'states')).toContain('live');
    await page.getByRole('button', { name: 'Drop the leg: All hands' }).click();
    await page
      .locator('[data-chart=states] .state.live ~ .state:not(.live) ~ .state.live')
      .first()
      .waitFor({ state: 'attached' });
    await figureIs(page, 'faults', /^1$/);
    await page.getByRole('button', { name: 'Stall 1.5 s: All hands' }).click();
    await figureIs(page, 'faults', /^2$/);
    await until(
      'a tick for each',
      async () => (await page.locator('[data-chart=faults] .tick').count()) === 2,
    );
    await page.locator('[data-chart=states] .state.buffering').first().waitFor({ state: 'attached' });
    expect(await saidBy(page, 'states')).toContain('buffering');
    expect(await saidBy(page, 'faults')).toBe('Faults made here in the last 60 s: 2');
  });

  test('stands still when nobody listens: 0 changes in 1 s before Listen and after Stop', async () => {
    const page = await open();
    const changes = (): Promise<number> =>
      page.evaluate(
        () =>
          new Promise((resolve) => {
            let seen = 0;
            const watcher = new MutationObserver((records) => (seen += records.length));
            const inspector = document.querySelector('#inspector');
            if (inspector)
              watcher.observe(inspector, {
                subtree: true,
                childList: true,
                attributes: true,
                characterData: true,
              });
            setTimeout(() => {
              watcher.disconnect();
              resolve(seen);
            }, 1000);
          }),
      );
    expect(await changes()).toBe(0);
    await listen(page);
    expect(await changes()).toBeGreaterThan(0);
    await page.locator('#inspector').getByRole('button', { name: 'Stop' }).click();
    await figureIs(page, 'state', /^idle$/);
    expect(await changes()).toBe(0);
  });

  test('draws once a second for who wants less motion', async () => {
    const page = await open();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await listen(page);
    const times = (await pictures(page, 4)).map(({ atMs }) => atMs).slice(1);
    const gapsMs = times.slice(1).map((atMs, index) => atMs - Number(times[index]));
    expect(Math.min(...gapsMs)).toBeGreaterThan(900);
  });
});

describe('a choice', () => {
  test('of each of 11 languages is spoken by all players and the opening, in its direction', async () => {
    const page = await open('?lang=de');
    for (const tag of LANGUAGES) {
      await page.getByLabel('Language').selectOption(tag);
      await until(`all players speak ${tag}`, async () => (await ofAllPlayers(page, 'lang')).join() === tag);
      expect(await ofAllPlayers(page, 'dir')).toEqual([tag === 'ar' ? 'rtl' : 'ltr']);
      const opening = page.locator('#opening');
      expect(await opening.getAttribute('lang')).toBe(tag);
      expect(await opening.locator('[data-text]:empty').count()).toBe(tag === 'en' ? 1 : 0);
      const words = page.locator('#lead [part=status]');
      await until('so says the status', async () => {
        return ((await words.innerText()).trim() === 'Ready to listen') === (tag === 'en');
      });
    }
    expect([(await opened.happened()).violations, opened.complaints]).toEqual([[], []]);
  });

  test('of the theme and the accent is worn by all players, and is there again after a reload', async () => {
    const page = await open();
    for (const [theme, colour] of [
      ['Dark', 'rgb(255, 165, 125)'],
      ['Light', 'rgb(164, 58, 18)'],
    ] as const) {
      await page.getByRole('radio', { name: theme }).check();
      await page.getByRole('radio', { name: 'Rust' }).check();
      await page.reload();
      expect(await ofAllPlayers(page, 'theme')).toEqual([theme.toLowerCase()]);
      const button = page.locator('#lead [part~=play]');
      expect(await button.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(colour);
    }
  });
});

test.each([320, 700, 1400])(
  'at %d px nothing is wider than the page, in English and in Arabic',
  async (width) => {
    for (const query of ['', '?lang=ar&theme=dark']) {
      const page = await open(query);
      await page.setViewportSize({ width, height: 700 });
      await listen(page);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      await opened.close();
    }
  },
);

test('headings go down by one, each field has a name, and the links lead somewhere', async () => {
  const page = await open();
  const levels = await page
    .locator('h1, h2, h3, h4')
    .evaluateAll((headings) => headings.map(({ localName }) => Number(localName.slice(1))));
  expect(levels[0]).toBe(1);
  for (const [index, level] of levels.entries())
    expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  const unnamed = await page.evaluate(
    () =>
      [...document.querySelectorAll<HTMLInputElement>('input, select')].filter(
        ({ labels }) => !labels?.length,
      ).length,
  );
  expect(unnamed).toBe(0);
  const targets = await page
    .locator('a[href]:not([href^="mailto:"])')
    .evaluateAll((links) => [...new Set(links.map((link) => Object(link).href))].map(String));
  for (const target of targets) {
    const { hash, pathname } = new URL(target);
    if (pathname === '/') expect([hash, await page.locator(hash).count()]).toEqual([hash, 1]);
    else expect([target, (await fetch(target)).status]).toEqual([target, 200]);
  }
});

test('what is copied to be pasted is what stands there', async () => {
  const page = await open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const [name, id] of [
    ['Copy the script and the tag', 'tag'],
    ['Copy the iframe', 'frame'],
    ['Copy the link', 'link'],
  ] as const) {
    await page.getByRole('button', { name }).click();
    await page.getByRole('button', { name: 'Copied' }).first().waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      await page.locator(`#${id}`).textContent(),
    );
  }
});
