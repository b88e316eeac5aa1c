import { join } from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { startHostSite, type HostSite } from '../support/host-site.ts';
import { until } from '../support/until.ts';

/** Runs in every document before anything else: keeps what it is told, and by whom. */
const HEAR = `
window.heard = [];
addEventListener('message', ({ data, origin }) => window.heard.push({ origin, ...data }));
`;

/** What a page was told. */
interface Told {
  conf: string;
  origin: string;
  detail: Record<string, unknown>;
}

let demo: Demo;
let site: HostSite;
let browser: Browser;

beforeAll(async () => {
  site = await startHostSite(() => Promise.reject(new Error('no ticket is wanted here')));
  // What a test answers in the relay's place has no address of which Chromium knows that it is on this machine.
  browser = await launchChromium({ flags: ['--disable-features=LocalNetworkAccessChecks'] });
  const rooms = [
    { id: 'allhands', title: 'All hands', showListeners: true },
    { id: 'press', title: 'Press', origins: [site.url] },
  ];
  demo = await startDemo({
    port: 0,
    relay: { rooms: JSON.stringify(rooms), 'log-level': 'error' },
    simulator: { source: noise(37) },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
  await site?.close();
});

/** A page with the frame of a room, and that frame. */
interface Stage {
  page: Page;
  frame: Frame;
  /** Asks as the page's own script does. */
  ask: (message: unknown) => Promise<void>;
  /** Of what was told, that of one kind. */
  told: (conf: string) => Promise<Told[]>;
  /** The console's complaints. */
  complaints: string[];
}

interface Setting {
  room?: string;
  /** Where the page around is. */
  origin?: string;
  /** Of the frame. */
  attributes?: string;
  /** As a policy of the page around. */
  isSandboxed?: boolean;
  /** Lets pages of all origins frame the room: what is left is what its script checks. */
  hasNoPolicy?: boolean;
}

async function open(setting: Setting = {}): Promise<Stage> {
  const { room = 'allhands', origin = site.url, attributes = 'allow="autoplay"' } = setting;
  const page = await browser.newPage();
  await page.addInitScript(HEAR);
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  const src = `${demo.url}/embed/${room}`;
  const html = `<p>Intranet</p>\n<iframe src="${src}" ${attributes}></iframe>`;
  const path = setting.isSandboxed
    ? site.addPageUnder('sandbox allow-scripts', html)
    : site.addPage(html, demo.url);
  if (setting.hasNoPolicy)
    await page.route(src, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
  await page.goto(origin + path);
  const frame = page.frames()[1];
  if (!frame) throw new Error('the page has no frame');
  return {
    page,
    frame,
    complaints,
    ask: (message) =>
      page.evaluate((data) => {
        frames[0]?.postMessage(data, '*');
      }, message),
    told: async (conf) => {
      const heard = await page.evaluate((): Told[] => Reflect.get(window, 'heard'));
      return heard.filter((one) => one.conf === conf);
    },
  };
}

/** The player in the frame. */
function player(frame: Frame): Promise<{ state: string; muted: boolean; volume: number }> {
  return frame.evaluate(() => {
    const { state = '', muted = false, volume = -1 } = document.querySelector('conf-listener') ?? {};
    return { state, muted, volume };
  });
}

describe('a page around a frame of /embed', () => {
  test('is told that it is ready, starts it after a click of its own, hears of it, and stops it', async () => {
    const { page, ask, told } = await open();
    await until('ready', async () => (await told('ready')).length === 1);
    expect((await told('ready'))[0]).toMatchObject({ origin: demo.url, detail: { state: 'idle' } });
    await page.click('p');
    await ask({ conf: 'play' });
    const states = async (): Promise<unknown[]> =>
      (await told('statechange')).map(({ detail }) => detail['state']);
    await until('live', async () => (await states()).includes('live'));
    expect((await told('play'))[0]?.detail).toEqual({ trigger: 'script' });
    await until('it is told of the room', async () =>
      (await told('meta')).some(({ detail }) => detail['title'] === 'All hands'),
    );
    await ask({ conf: 'stop' });
    await until('idle', async () => (await states()).at(-1) === 'idle');
    expect((await told('stop'))[0]?.detail).toEqual({ trigger: 'script' });
    await ask({ conf: 'toggle' });
    await until('live again', async () => (await states()).at(-1) === 'live');
    await page.close();
  });

  test('mutes it and sets its volume, and is told; what is no value of its kind does nothing', async () => {
    const { page, frame, ask, told } = await open();
    await until('ready', async () => (await told('ready')).length === 1);
    await ask({ conf: 'mute' });
    await until('muted', async () => (await player(frame)).muted);
    await until('it is told', async () => (await told('volumechange')).at(-1)?.detail['muted'] === true);
    await ask({ conf: 'mute', value: false });
    await until('not muted', async () => !(await player(frame)).muted);
    await ask({ conf: 'volume', value: 0.25 });
    await until('a quarter', async () => (await player(frame)).volume === 0.25);
    for (const message of [
      { conf: 'volume', value: '1' },
      { conf: 'volume', value: Number.NaN },
      { conf: 'mute', value: 1 },
      { conf: 'token', value: 'a.b.c' },
      { conf: 'remove' },
      { conf: '__proto__', value: 1 },
      { conf: { conf: 'mute' } },
      'mute',
      null,
      7,
      [],
    ])
      await ask(message);
    await ask({ conf: 'goLive' });
    await ask({ conf: 'mute' });
    await until('muted', async () => (await player(frame)).muted);
    const { state, volume } = await player(frame);
    expect([state, volume]).toEqual(['idle', 0.25]);
    await page.close();
  });

  test('is obeyed by a frame that it has sandboxed, as WordPress does; the frame’s origin is then null', async () => {
    const { page, frame, ask, told } = await open({ attributes: 'sandbox="allow-scripts"' });
    await until('ready', async () => (await told('ready')).length === 1);
    expect((await told('ready'))[0]?.origin).toBe('null');
    await ask({ conf: 'mute' });
    await until('muted', async () => (await player(frame)).muted);
    await page.close();
  });

  test('cannot have it from a sandbox of its own: `*` means every origin, and it has none', async () => {
    const { page, complaints, told } = await open({ isSandboxed: true });
    expect(await page.evaluate(() => self.origin)).toBe('null');
    await until('the browser has refused it', () => complaints.length > 0);
    expect(complaints).toEqual([expect.stringContaining('"frame-ancestors *"')]);
    expect(await told('ready')).toEqual([]);
    await page.close();
  });

  test('is not obeyed on behalf of another frame of the page', async () => {
    const { page, frame, ask, told } = await open();
    await until('ready', async () => (await told('ready')).length === 1);
    await page.evaluate((src) => {
      const other = document.createElement('iframe');
      other.src = src;
      document.body.append(other);
    }, `${demo.url}/embed/allhands?theme=dark`);
    await until('both are ready', async () => (await told('ready')).length === 2);
    await page.frames()[2]?.evaluate(() => {
      parent.frames[0]?.postMessage({ conf: 'volume', value: 0 }, '*');
    });
    // What the page asks after it is done after it.
    await ask({ conf: 'mute' });
    await until('muted', async () => (await player(frame)).muted);
    expect((await player(frame)).volume).toBe(1);
    await page.close();
  });
});

describe('of a room of some origins', () => {
  test('a page of theirs is told and obeyed', async () => {
    const { page, frame, ask, told } = await open({ room: 'press' });
    await until('ready', async () => (await told('ready')).length === 1);
    await ask({ conf: 'mute' });
    await until('muted', async () => (await player(frame)).muted);
    await page.close();
  });

  test.each([
    ['of another origin', {}],
    ['in a sandbox, which has none,', { isSandboxed: true }],
  ])('a page %s can frame nothing of it', async (_, more) => {
    const origin = 'isSandboxed' in more ? site.url : site.localhostUrl;
    const { page, complaints, told } = await open({ room: 'press', origin, ...more });
    await until('the browser has refused it', () => complaints.length > 0);
    expect(complaints).toEqual([expect.stringContaining(`"frame-ancestors 'self' ${site.url}"`)]);
    expect(await told('ready')).toEqual([]);
    await page.close();
  });

  test.each([
    ['of another origin', {}],
    ['in a sandbox', { isSandboxed: true }],
  ])('a page %s is neither told nor obeyed, where a browser let it frame the room', async (_, more) => {
    const origin = 'isSandboxed' in more ? site.url : site.localhostUrl;
    const { page, frame, ask, told } = await open({ room: 'press', origin, hasNoPolicy: true, ...more });
    await until('the player is there', async () => (await player(frame)).state === 'idle');
    await ask({ conf: 'mute' });
    // The frame has had a turn since, and an event to tell of.
    await frame.evaluate(() => {
      const one = document.querySelector('conf-listener');
      if (one) one.volume = 0.5;
    });
    await until('its volume is set', async () => (await player(frame)).volume === 0.5);
    expect((await player(frame)).muted).toBe(false);
    expect([await told('ready'), await told('volumechange')]).toEqual([[], []]);
    await page.close();
  });
});
