import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { build } from 'vite';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { launchChromium } from '../support/chromium.ts';
import { hearLeg } from '../support/heard-leg.ts';
import { startHostSite, type HostSite } from '../support/host-site.ts';
import { installPacked, type Project } from '../support/packed.ts';
import { PlayerPage } from '../support/player-page.ts';
import { recorderPages, recordingOf, type Recording } from '../support/recorder.ts';
import { until } from '../support/until.ts';

const SOURCE = noise(43);
const LISTEN_MS = 4000;
/** So many 20 ms blocks must come out as they were sent; whether all do is phone-to-ear's question, on a quiet machine. */
const LEAST_BLOCKS = 50;
const LINGER_MS = 200;

let demo: Demo;
let site: HostSite;
let browser: Browser;
let project: Project;

beforeAll(async () => {
  site = await startHostSite(() => Promise.reject(new Error('no ticket is wanted here')));
  browser = await launchChromium();
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error', 'linger-ms': String(LINGER_MS) },
    simulator: { source: SOURCE, recordSendTimes: true },
    parts: { extraPages: recorderPages, assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  project = await installPacked();
}, 90_000);

afterAll(async () => {
  project?.remove();
  await browser?.close();
  await demo?.close();
  await site?.close();
});

/** That of the phone platform's sound which a recording holds, the leg having been dialled for it. */
async function expectHeard(recording: () => Promise<Recording>): Promise<void> {
  const leg = await demo.simulator.waitForLeg(({ status }) => status === 'answered');
  await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
  const { heard, damaged } = hearLeg(leg, SOURCE, await recording());
  expect(heard.length - damaged.length).toBeGreaterThanOrEqual(LEAST_BLOCKS);
}

/** The next way in gets a leg of its own. */
async function hungUp(): Promise<void> {
  await until('the leg is hung up', () => demo.simulator.legs().every((leg) => leg.status !== 'answered'));
}

/** The policy that README asks for, and the recorder's own script. */
function policy(): string {
  const socket = demo.url.replace('http', 'ws');
  return `default-src 'none'; script-src 'self' ${demo.url}; style-src 'self'; connect-src ${demo.url} ${socket}; frame-src ${demo.url}`;
}

/** Under a path of the site with this in it. */
const page = (html: string) => site.url + site.addPageUnder(policy(), html);
const PLAYER = '<conf-listener room="allhands"></conf-listener>';

const WAYS: readonly [string, () => string | Promise<string>][] = [
  [
    'a module script',
    () => page(`<script type="module" src="${demo.url}/v1/conf-listener.js"></script>${PLAYER}`),
  ],
  ['a classic script', () => page(`<script src="${demo.url}/v1/conf-listener.iife.js"></script>${PLAYER}`)],
  [
    'a classic script with crossorigin',
    () => page(`<script src="${demo.url}/v1/conf-listener.iife.js" crossorigin></script>${PLAYER}`),
  ],
  [
    'a classic and a module script on one page, the player before both',
    () =>
      page(`${PLAYER}<script src="${demo.url}/v1/conf-listener.iife.js"></script>
<script type="module" src="${demo.url}/v1/conf-listener.js"></script>`),
  ],
  ['the package, bundled by Vite', bundled],
  ['a frame of /embed', () => page(`<iframe src="${demo.url}/embed/allhands" allow="autoplay"></iframe>`)],
  [
    'a sandboxed frame of /embed',
    () => page(`<iframe src="${demo.url}/embed/allhands" sandbox="allow-scripts"></iframe>`),
  ],
  ['/listen', () => `${demo.url}/listen/allhands`],
];

/** A page of the site whose script has the package in it; the relay is told by the attribute alone. */
async function bundled(): Promise<string> {
  writeFileSync(join(project.dir, 'main.js'), "import 'conf-listener';\n");
  await build({
    root: project.dir,
    configFile: false,
    logLevel: 'error',
    build: { rolldownOptions: { input: 'main.js', output: { entryFileNames: 'main.js' } }, assetsDir: '.' },
  });
  const scripts = site.addScripts(join(project.dir, 'dist'));
  return page(
    `<script type="module" src="${scripts}/main.js"></script><conf-listener room="allhands" relay="${demo.url}"></conf-listener>`,
  );
}

describe('1 s or more of what the platform sends comes out of the page, sample by sample, by', () => {
  test.each(WAYS)(
    '%s, with 0 violations and 0 complaints',
    async (_way, address) => {
      await hungUp();
      const player = await PlayerPage.open(browser, await address(), true);
      onTestFinished(() => player.close());
      await player.listen();
      await expectHeard(() => recordingOf(player.frame));
      const { violations } = await player.happened();
      expect([violations, player.complaints]).toEqual([[], []]);
    },
    60_000,
  );

  test('the plain player of /listen, where scripts are switched off', async () => {
    await hungUp();
    const tee = await startTee(demo.url, /\/stream\.wav$/);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    onTestFinished(async () => {
      await context.close();
      await tee.close();
    });
    await plain.goto(`${tee.url}/listen/allhands`);
    await plain.locator('audio').focus();
    await plain.keyboard.press('Space');
    await expectHeard(async () => tee.recording());
    const playedSec = await plain.locator('audio').evaluate((audio: HTMLAudioElement) => audio.currentTime);
    expect(playedSec).toBeGreaterThan(1);
  }, 60_000);
});

test('the second script of a bundle is a chunk of the bundle: nothing of it comes from the relay', async () => {
  const player = await PlayerPage.open(browser, await bundled());
  await player.listen();
  await player.reach('live');
  await player.close();
  const scripts = player.addresses.filter((address) => address.endsWith('.js'));
  expect(scripts.filter((address) => !address.startsWith(site.url))).toEqual([]);
  expect(scripts.filter((address) => address.includes('conf-session'))).toHaveLength(1);
}, 60_000);

test('a player that both scripts bring is defined once, without a complaint', async () => {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  await context.addInitScript(() => {
    const define = customElements.define.bind(customElements);
    customElements.define = (tag, ...rest) => {
      Reflect.set(window, 'defined', [...(Reflect.get(window, 'defined') ?? []), tag]);
      define(tag, ...rest);
    };
  });
  const scripts = `<script src="${demo.url}/v1/conf-listener.iife.js"></script>
<script type="module" src="${demo.url}/v1/conf-listener.js"></script>`;
  const player = await PlayerPage.open(context, page(scripts + PLAYER));
  expect(await player.frame.evaluate(() => Reflect.get(window, 'defined'))).toEqual(['conf-listener']);
  expect(player.complaints).toEqual([]);
});

/** A proxy in front of a relay that keeps what it passes on of one answer, which is a WAV. */
async function startTee(target: string, kept: RegExp) {
  const body: Buffer[] = [];
  let beganAtMs = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const onward = request(target + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      if (!kept.test(url)) return;
      beganAtMs ||= Date.now();
      answer.on('data', (bytes: Buffer) => body.push(bytes));
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** The left channel of 16-bit stereo behind a header of 44 bytes. */
    recording(): Recording {
      const wav = Buffer.concat(body);
      const channels = wav.readUInt16LE(22);
      const samples = Float32Array.from(
        { length: Math.floor((wav.length - 44) / (2 * channels)) },
        (_, n) => wav.readInt16LE(44 + 2 * channels * n) / 32_768,
      );
      return { sampleRate: wav.readUInt32LE(24), samples, startedAtMs: beganAtMs };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
