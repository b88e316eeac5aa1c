import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { startGrimProxy } from '../support/grim-proxy.ts';
import { hearLeg } from '../support/heard-leg.ts';
import { snippet, startHostSite, type HostSite } from '../support/host-site.ts';
import { PlayerPage } from '../support/player-page.ts';
import { recordingOf } from '../support/recorder.ts';
import { ticketsBy } from '../support/tickets.ts';

const SOURCE = noise(23);
const ADMIN_KEY = 'an admin key of more than 32 characters';
const ROOMS = [{ id: 'board', title: 'Board', access: 'ticket' }];
const FRAME_MS = 20;

let demo: Demo;
let site: HostSite;
let browser: Browser;
/** Of the tickets that the site gives. */
let lifeSec: number;

beforeAll(async () => {
  site = await startHostSite(ticketFor);
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

beforeEach(async () => {
  lifeSec = 3600;
  demo = await startDemo({
    port: 0,
    relay: { rooms: JSON.stringify(ROOMS), 'admin-key': ADMIN_KEY, 'admin-port': '0', 'log-level': 'error' },
    simulator: { source: SOURCE, recordSendTimes: true },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
});

afterEach(async () => {
  await demo?.close();
});

function ticketFor(room: string): Promise<string> {
  return ticketsBy(demo.account.ticketSecret).issue([room], 'listen', lifeSec);
}

/** A page of the site with the board's player, and what the player has besides its room. */
function open(attributes: string, { relayUrl = demo.url, recorded = false } = {}): Promise<PlayerPage> {
  const path = site.addPage(snippet(demo.url, 'board', attributes), demo.url, relayUrl);
  return PlayerPage.open(browser, site.url + path, recorded);
}

/** States since the first `live`, that one among them. */
async function statesSinceLive(player: PlayerPage): Promise<string[]> {
  const states = (await player.happened()).states.map(({ state }) => state);
  return states.slice(states.indexOf('live'));
}

test('with a token, a page of another origin is live within 3 s', async () => {
  const player = await open(`token="${await ticketFor('board')}"`);
  await player.listen();
  await player.reach('live');
  const [pressed, ...later] = (await player.happened()).states;
  const liveMs = (later.at(-1)?.atMs ?? Infinity) - (pressed?.atMs ?? 0);
  console.log(`with a token: live after ${liveMs.toFixed(0)} ms`);
  expect([player.complaints, (await player.happened()).violations]).toEqual([[], []]);
  await player.close();
  expect(liveMs).toBeLessThan(3000);
});

test('without a ticket a visitor reads to ask for a new link, the page’s author that a ticket is wanted', async () => {
  const player = await open('');
  await player.listen();
  await player.reach('error');
  expect(await player.error()).toEqual({
    kind: 'denied',
    code: 'ticket',
    message: 'The relay closed with 4401 (ticket-refused). Give the player a valid ticket',
    retryable: false,
    docs: `${demo.url}/help/ticket`,
  });
  expect(await player.words()).toBe('You are not admitted to this session. Ask for a new link');
  await player.close();
});

test('a visitor whose session with the site has ended reads the same; signed in again, the same button plays', async () => {
  const player = await open('token-url="/ticket"');
  const cookies = await player.page.context().cookies();
  await player.page.context().clearCookies();
  await player.listen();
  await player.reach('error');
  expect(await player.error()).toMatchObject({
    kind: 'denied',
    message: 'token-url answered 401: sign in again, or let it give you a ticket',
  });
  await player.page.context().addCookies(cookies);
  await player.listen();
  await player.reach('live');
  await player.close();
});

test('with tickets of 10 s from token-url and a cookie, 30 s play through 3 renewals: no break, no block damaged', async () => {
  lifeSec = 10;
  const asked = site.ticketRequests.length;
  const player = await open('token-url="/ticket"', { recorded: true });
  await player.listen();
  await player.reach('live');
  await player.page.waitForTimeout(30_000);
  const stats = await player.stats();
  const states = await statesSinceLive(player);
  const recording = await recordingOf(player.page);
  expect(player.complaints).toEqual([]);
  await player.close();

  const requests = site.ticketRequests.slice(asked);
  const leg = await demo.simulator.waitForLeg('answered');
  const { heard, damaged, jumps, worst } = hearLeg(leg, SOURCE, recording);
  console.log(
    `tickets of 10 s: ${requests.length - 1} renewals, ${heard.length} blocks, worst correlation ${worst.toFixed(3)}`,
  );
  expect(requests.length - 1).toBeGreaterThanOrEqual(3);
  expect(requests.every(({ room, signedIn }) => room === 'board' && signedIn)).toBe(true);
  expect(states).toEqual(['live']);
  expect(stats).toMatchObject({
    transport: 'websocket',
    reconnects: 0,
    underruns: 0,
    concealedMs: 0,
    lost: 0,
  });
  expect(heard.length).toBeGreaterThanOrEqual(1400);
  expect([damaged, jumps]).toEqual([[], []]);
}, 60_000);

test('where WebSocket is refused and tickets last 8 s, 18 s play through 2 ends of the stream: less than 100 ms damaged', async () => {
  lifeSec = 8;
  const proxy = await startGrimProxy(demo.url, false);
  const attributes = `relay="${proxy.url}" token-url="/ticket"`;
  const player = await open(attributes, { relayUrl: proxy.url, recorded: true });
  await player.listen();
  await player.reach('live');
  await player.page.waitForTimeout(18_000);
  const stats = await player.stats();
  const states = await statesSinceLive(player);
  const recording = await recordingOf(player.page);
  await player.close();
  await proxy.close();

  const leg = await demo.simulator.waitForLeg('answered');
  const { heard, damaged, jumps } = hearLeg(leg, SOURCE, recording);
  const movedMs = jumps.reduce((sum, jump) => sum + Math.abs(jump.movedMs), 0);
  const damagedMs = damaged.length * FRAME_MS + movedMs;
  console.log(
    `tickets of 8 s by stream: ${stats?.reconnects} ends, ${stats?.underruns} underruns, ` +
      `${stats?.concealedMs} ms concealed, ${damagedMs} ms of ${heard.length * FRAME_MS} damaged`,
  );
  expect(stats?.transport).toBe('stream');
  expect(stats?.reconnects).toBeGreaterThanOrEqual(2);
  expect(states).toEqual(['live']);
  expect(heard.length).toBeGreaterThanOrEqual(800);
  expect(damagedMs).toBeLessThan(100);
}, 60_000);

test('a tokenProvider is asked to connect and, all tickets taken back, once more: the sound goes on', async () => {
  const player = await open('');
  const questions: string[] = [];
  await player.page.exposeFunction('ticketFor', (room: string, reason: string) => {
    questions.push(`${room} ${reason}`);
    return ticketFor(room);
  });
  await player.frame.evaluate(() => {
    const element = document.querySelector('conf-listener');
    if (element) element.tokenProvider = Reflect.get(window, 'ticketFor');
  });
  await player.listen();
  await player.reach('live');
  // Tickets are taken back by the second that they were issued in.
  await player.page.waitForTimeout(1500);
  const revoked = await fetch(`${demo.relay.adminUrl}/v1/rooms/board/revoke`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ADMIN_KEY}` },
  });
  await player.page.waitForTimeout(3000);
  const stats = await player.stats();
  expect(revoked.status).toBe(204);
  expect(questions).toEqual(['board connect', 'board refused']);
  expect(stats).toMatchObject({ reconnects: 1, underruns: 0, concealedMs: 0, lost: 0 });
  expect(stats?.played).toBeGreaterThanOrEqual(40);
  expect(await statesSinceLive(player)).toEqual(['live']);
  await player.close();
}, 30_000);
