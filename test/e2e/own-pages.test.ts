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
