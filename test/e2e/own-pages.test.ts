import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { startHostSite, type HostSite } from '../support/host-site.ts';
import { collectLog } from '../support/log-lines.ts';
import { PlayerPage } from '../support/player-page.ts';
import { ticketsBy } from '../support/tickets.ts';
import { until } from '../support/until.ts';

const INTRANET = 'https://intranet.example';
const ROOMS = [
  { id: 'allhands', title: 'All hands' },
  { id: 'staff', title: 'Staff', origins: [INTRANET] },
  { id: 'board', title: 'Board', access: 'ticket' },
];

let demo: Demo;
let site: HostSite;
let browser: Browser;
const { log, lines } = collectLog();
/** Addresses and referrers of all requests that came to a server of this process. */
const seen: string[] = [];

beforeAll(async () => {
  subscribe('http.server.request.start', look);
  site = await startHostSite(ticketFor);
  browser = await launchChromium();
  demo = await startDemo({
    port: 0,
    relay: { rooms: JSON.stringify(ROOMS) },
    simulator: { source: noise(31) },
    parts: { log, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
  await site?.close();
  unsubscribe('http.server.request.start', look);
});

function look(message: unknown): void {
  const { request } = Object(message);
  if (request instanceof IncomingMessage) seen.push(request.url ?? '', request.headers.referer ?? '');
}

function ticketFor(room: string): Promise<string> {
  return ticketsBy(demo.account.ticketSecret).issue([room], 'listen', 60);
}

describe.each(['listen', 'embed'])('/%s of', (way) => {
  test.each(ROOMS.map(({ id }) => id))(
    '%s plays with 0 violations of its policy and 0 complaints in the console',
    async (room) => {
      const hash = room === 'board' ? `#ticket=${await ticketFor(room)}` : '';
      const player = await PlayerPage.open(browser, `${demo.url}/${way}/${room}${hash}`);
      await player.listen();
      await player.reach('live');
      const { violations } = await player.happened();
      await player.close();
      expect([violations, player.complaints]).toEqual([[], []]);
    },
  );

  test.each([
    ['allhands', '*'],
    ['staff', `'self' ${INTRANET}`],
    ['board', '*'],
  ])(
    '%s says who may frame it, and that it is for no index, no cache and no guess at its type',
    async (room, ancestors) => {
      const { headers } = await fetch(`${demo.url}/${way}/${room}`);
      const policy = headers.get('content-security-policy')?.split('; ');
      expect(policy?.at(-1)).toBe(`frame-ancestors ${way === 'listen' ? "'none'" : ancestors}`);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
        'cache-control': 'no-store',
      });
    },
  );
});

test('in the frame of README, 84 px high, nothing of a refusal is cut off at 320 px width', async () => {
  const player = await PlayerPage.open(browser, `${demo.url}/embed/board`);
  await player.page.setViewportSize({ width: 320, height: 84 });
  await player.listen();
  await player.reach('error');
  const highPx = await player.frame.evaluate(() => document.documentElement.scrollHeight);
  await player.close();
  expect(highPx).toBeLessThanOrEqual(84);
});

describe('on /listen', () => {
  test.each([320, 1280])(
    'at %i px the player is at most 640 px wide, centred, and nothing is cut off',
    async (width) => {
      const player = await PlayerPage.open(browser, `${demo.url}/listen/allhands`);
      await player.page.setViewportSize({ width, height: 640 });
      const { wide, left, right } = await player.frame.evaluate(() => {
        const box = document.querySelector('conf-listener')?.getBoundingClientRect();
        const { scrollWidth, clientWidth } = document.documentElement;
        return { wide: scrollWidth, left: box?.left ?? 0, right: clientWidth - (box?.right ?? 0) };
      });
      await player.close();
      expect(wide).toBe(width);
      expect(Math.abs(left - right)).toBeLessThan(1);
      expect(width - left - right).toBeLessThanOrEqual(640);
    },
  );

  test('the room’s name is seen once, and is the page’s heading', async () => {
    const player = await PlayerPage.open(browser, `${demo.url}/listen/allhands`);
    expect(await player.page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual(['All hands']);
    const named = await player.page.getByText('All hands', { exact: true }).all();
    const visible = await Promise.all(named.map((one) => one.isVisible()));
    expect(visible.filter(Boolean)).toHaveLength(1);
    await player.close();
  });

  test.each([
    ['', 'light', 'rgb(0, 0, 0)'],
    ['', 'dark', 'rgb(255, 255, 255)'],
    ['?theme=light', 'dark', 'rgb(0, 0, 0)'],
    ['?theme=dark', 'light', 'rgb(255, 255, 255)'],
  ] as const)('with "%s" in a %s system the page is written in %s', async (query, colorScheme, color) => {
    const page = await browser.newPage({ colorScheme });
    await page.goto(`${demo.url}/listen/allhands${query}`);
    const found = await page.evaluate(() => getComputedStyle(document.documentElement).color);
    await page.close();
    expect(found).toBe(color);
  });

  test('without script there are the room’s name, a plain player and a link', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${demo.url}/listen/allhands`);
    const shown = [page.getByRole('heading'), page.locator('audio'), page.getByRole('link')];
    expect(await Promise.all(shown.map((one) => one.isVisible()))).toEqual([true, true, true]);
    await context.close();
  });
});

test.each(['listen', 'embed'])(
  '/%s in German, dark, with an accent speaks German and has it, with 0 violations and 0 complaints',
  async (way) => {
    const player = await PlayerPage.open(
      browser,
      `${demo.url}/${way}/allhands?lang=de&theme=dark&accent=ff0&variant=button`,
    );
    await until(
      'it speaks German',
      async () => (await player.page.getByRole('button', { name: /Live hören/ }).count()) > 0,
    );
    const accents = await player.frame.evaluate(() => {
      const element = document.querySelector('conf-listener');
      const style = element && getComputedStyle(element);
      const names = ['--conf-listener-accent', '--conf-listener-on-accent'];
      return [element?.getAttribute('theme'), ...names.map((name) => style?.getPropertyValue(name))];
    });
    const { violations } = await player.happened();
    await player.close();
    expect([accents, violations, player.complaints]).toEqual([['dark', '#ff0', '#000'], [], []]);
  },
);

test('an embed’s frame has no margin, and what is behind it shows around the player’s corners', async () => {
  const player = await PlayerPage.open(browser, `${demo.url}/embed/allhands`);
  const { x, width, behind } = await player.frame.evaluate(() => {
    const { documentElement: root, body } = document;
    const box = document.querySelector('conf-listener')?.getBoundingClientRect();
    const [rootColor, bodyColor] = [root, body].map((one) => getComputedStyle(one).backgroundColor);
    return { x: box?.x, width: root.clientWidth - (box?.width ?? 0), behind: [rootColor, bodyColor] };
  });
  await player.close();
  expect([x, width]).toEqual([0, 0]);
  expect(behind).toEqual(['rgba(0, 0, 0, 0)', 'rgba(0, 0, 0, 0)']);
});

test('a page of /help is styled by its sheet, fits into 320 px, and has 0 complaints', async () => {
  const player = await PlayerPage.open(browser, `${demo.url}/help/csp`);
  await player.page.setViewportSize({ width: 320, height: 640 });
  const { wide, margin } = await player.frame.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    margin: getComputedStyle(document.body).margin,
  }));
  const { violations } = await player.happened();
  await player.close();
  expect([wide, margin, violations, player.complaints]).toEqual([320, '0px', [], []]);
});

test('who mistypes an address in a browser reads what to do, in a frame too', async () => {
  for (const way of ['listen', 'embed']) {
    const player = await PlayerPage.open(browser, `${demo.url}/${way}/All%20hands`);
    expect(await player.page.getByRole('heading').innerText()).toBe('This link is not right');
    await player.close();
  }
  const path = site.addPage(`<iframe src="${demo.url}/embed/All"></iframe>`, demo.url);
  const player = await PlayerPage.open(browser, site.url + path);
  expect(await player.frame.getByRole('heading').innerText()).toBe('This link is not right');
  await player.close();
});

describe('a personal link', () => {
  test('plays, and its ticket is in no address, referrer or line of a log', async () => {
    const ticket = await ticketFor('board');
    const path = site.addPage(`<a href="${demo.url}/listen/board#ticket=${ticket}">Listen to the board</a>`);
    const player = await PlayerPage.open(browser, site.url + path);
    await player.page.getByRole('link').click();
    await player.page.waitForURL(/\/listen\/board#/);
    await player.listen();
    await player.reach('live');
    await player.close();
    const told = [...seen, ...player.addresses, ...lines.map((line) => JSON.stringify(line))];
    expect(told).toContain('/listen/board');
    expect(told).toContain(`${site.url}/`);
    expect(told).toContain(`${demo.url.replace('http', 'ws')}/v1/rooms/board/listen`);
    expect(told.filter((text) => text.includes(ticket) || text.includes('ticket='))).toEqual([]);
  });

  test('with the ticket of another room is denied; with the right one put in its place the button plays, without a reload', async () => {
    const player = await PlayerPage.open(
      browser,
      `${demo.url}/listen/board#ticket=${await ticketFor('side')}`,
    );
    await player.listen();
    await player.reach('error');
    expect(await player.error()).toMatchObject({ kind: 'denied', code: 'ticket' });
    expect(await player.words()).toBe('You are not admitted to this session. Ask for a new link');
    await player.page.goto(`${demo.url}/listen/board#ticket=${await ticketFor('board')}`);
    await player.listen();
    await player.reach('live');
    expect(player.answers.filter(({ path }) => path === '/listen/board').length).toBe(1);
    await player.close();
  });
});
