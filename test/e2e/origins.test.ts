import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { systemClock } from '../../relay/clock.ts';
import { launchChromium } from '../support/chromium.ts';
import { startGrimProxy, type GrimProxy } from '../support/grim-proxy.ts';
import { snippet, startHostSite, type HostSite } from '../support/host-site.ts';
import { PlayerPage } from '../support/player-page.ts';
import { until } from '../support/until.ts';

/** A page's ticket is good for 10 min; what is left of it on a page that was loaded so long ago. */
const PAGE_TICKET_MS = 600_000;
const LEFT_MS = 8000;

let demo: Demo;
let site: HostSite;
/** In front of the relay: no WebSocket gets through. */
let proxy: GrimProxy;
let browser: Browser;
/** The relay's wall clock is so far behind. */
let behindMs = 0;

beforeAll(async () => {
  site = await startHostSite(() => Promise.reject(new Error('no ticket is wanted here')));
  browser = await launchChromium();
  demo = await startDemo({
    port: 0,
    relay: {
      rooms: JSON.stringify([{ id: 'staff', title: 'Staff', origins: [site.url] }]),
      'log-level': 'error',
    },
    simulator: { source: noise(29) },
    parts: {
      assetsDir: join(import.meta.dirname, '../../dist/component'),
      clock: { ...systemClock, wallMs: () => systemClock.wallMs() - behindMs },
    },
  });
  proxy = await startGrimProxy(demo.url, false);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await demo?.close();
  await site?.close();
});

const WAYS = ['websocket', 'stream'] as const;

/** Where the relay is met, so that a player comes to listen this way. */
function relayFor(way: (typeof WAYS)[number]): string {
  return way === 'websocket' ? demo.url : proxy.url;
}

/** Presses Listen; 2 s later, by which way how much was played, and how often it ran out. */
async function listened(player: PlayerPage): Promise<object> {
  await player.listen();
  await player.reach('live');
  await player.page.waitForTimeout(2000);
  const { transport, played = 0, underruns } = (await player.stats()) ?? {};
  return { transport, underruns, plays: played >= 15 };
}

describe.each(WAYS)('a room of one origin, by %s,', (way) => {
  const playing = { transport: way, underruns: 0, plays: true };

  test('plays on a page of that origin', async () => {
    const path = site.addPage(
      snippet(demo.url, 'staff', `relay="${relayFor(way)}"`),
      demo.url,
      relayFor(way),
    );
    const player = await PlayerPage.open(browser, site.url + path);
    expect(await listened(player)).toEqual(playing);
    await player.close();
  });

  test('is denied on a page of another, whose author reads which origin to have added', async () => {
    const path = site.addPage(
      snippet(demo.url, 'staff', `relay="${relayFor(way)}"`),
      demo.url,
      relayFor(way),
    );
    const player = await PlayerPage.open(browser, site.localhostUrl + path);
    await player.listen();
    await player.reach('error');
    const error = await player.error();
    expect([error?.kind, error?.code]).toEqual(['denied', 'forbidden']);
    expect(error?.message).toMatch(/4403 \(origin-refused.*add the origin http:\/\/localhost:\d+$/);
    await player.close();
  });

  test('plays on /listen, the relay’s own page: a fetch there says no Origin, its ticket stands in', async () => {
    const player = await PlayerPage.open(browser, `${relayFor(way)}/listen/staff`);
    expect(await listened(player)).toEqual(playing);
    await player.close();
  });

  test('plays in a sandboxed frame of /embed, of origin null, after a click in it', async () => {
    const player = await PlayerPage.open(browser, site.url + sandboxed(relayFor(way)));
    expect(await player.frame.evaluate(() => self.origin)).toBe('null');
    expect(await listened(player)).toEqual(playing);
    expect((await player.happened()).violations).toEqual([]);
    await player.close();
  });
});

test('a page of another origin cannot frame /embed: the browser asks for it and shows nothing of it', async () => {
  const player = await PlayerPage.open(browser, site.localhostUrl + sandboxed(demo.url));
  await until('the complaint', () => player.complaints.length > 0);
  expect(player.complaints).toEqual([expect.stringContaining(`"frame-ancestors 'self' ${site.url}"`)]);
  expect(player.answers.map(({ path }) => path)).not.toContain('/pages/page.js');
  await player.close();
});

test('in a sandboxed frame that was loaded 592 s ago the page’s ticket is renewed in time, and once more when asked', async () => {
  behindMs = PAGE_TICKET_MS - LEFT_MS;
  const player = await PlayerPage.open(browser, site.url + sandboxed(demo.url));
  behindMs = 0;
  await player.listen();
  await player.reach('live');
  const renewals = () =>
    player.answers.filter(({ path, status }) => path === '/page-ticket' && status === 200);
  await until('the renewal', () => renewals().length > 0, LEFT_MS);
  const [status, renewed] = await player.frame.evaluate(async () => {
    const { token } = document.querySelector('conf-listener') ?? {};
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch('/page-ticket?room=staff', { credentials: 'include', headers });
    return [answer.status, Object(await answer.json()).token];
  });
  expect([status, typeof renewed]).toEqual([200, 'string']);
  await player.page.waitForTimeout(LEFT_MS / 4);
  expect(renewals().length).toBe(2);
  expect(await player.stats()).toMatchObject({ reconnects: 0, underruns: 0 });
  expect([await player.state(), player.complaints]).toEqual(['live', []]);
  await player.close();
}, 40_000);

test('a sandboxed frame that was loaded 25 h ago is denied within 3 s, and not left to reconnect', async () => {
  behindMs = 25 * 3_600_000;
  const player = await PlayerPage.open(browser, site.url + sandboxed(demo.url));
  behindMs = 0;
  await player.listen();
  await player.reach('error', 3000);
  expect(await player.error()).toMatchObject({ kind: 'denied', code: 'ticket' });
  await player.close();
});

/** A page of the site with the frame of README, as a CMS makes it. */
function sandboxed(relayUrl: string): string {
  const frame = `<iframe src="${relayUrl}/embed/staff" title="Staff, live audio" width="100%" height="84" sandbox="allow-scripts"></iframe>`;
  return site.addPage(frame, relayUrl);
}
