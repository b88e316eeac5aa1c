import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import sirv from 'sirv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { freePort } from '../../demo/free-port.ts';
import { launchChromium } from '../support/chromium.ts';
import { installPacked, type Project } from '../support/packed.ts';
import { PlayerPage } from '../support/player-page.ts';

const EXAMPLES = join(import.meta.dirname, '../../demo/examples');
/** Where `npm start` has the relay. */
const RELAY = 'http://127.0.0.1:8080';

let demo: Demo;
let browser: Browser;
let project: Project | undefined;
let child: ChildProcess | undefined;
let site: Server | undefined;
const scratch = mkdtempSync(join(tmpdir(), 'conf-examples-'));

beforeAll(async () => {
  demo = await startDemo({
    port: 0,
    relay: { 'log-level': 'error' },
    parts: { assetsDir: join(import.meta.dirname, '../../dist/component') },
  });
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  child?.kill();
  site?.closeAllConnections();
  site?.close();
  project?.remove();
  rmSync(scratch, { recursive: true, force: true });
  await browser?.close();
  await demo?.close();
});

/** Opens a page, presses Listen and waits for sound; the page has nothing to complain of. */
async function play(url: string): Promise<PlayerPage> {
  const page = await PlayerPage.open(browser, url);
  await page.reach('idle');
  await page.listen();
  await page.reach('live', 15_000);
  expect(page.complaints).toEqual([]);
  expect((await page.happened()).violations).toEqual([]);
  return page;
}

test('plain: the file, opened without any server, goes from idle to live and says so', async () => {
  const html = readFileSync(join(EXAMPLES, 'plain/index.html'), 'utf8');
  expect(html).toContain(RELAY);
  const file = join(scratch, 'index.html');
  writeFileSync(file, html.replaceAll(RELAY, demo.url));
  const page = await play(pathToFileURL(file).href);
  expect(await page.page.locator('output').innerText()).toBe('live');
  await page.close();
}, 60_000);

test('react: Vite bundles it with the packed package, and its page goes from idle to live', async () => {
  project = await installPacked();
  project.use('react', 'react-dom', 'vite');
  cpSync(join(EXAMPLES, 'react'), project.dir, { recursive: true });
  const printed = await project.run('vite/bin/vite.js', ['build'], { VITE_RELAY: demo.url });
  expect(printed).toContain('built in');
  const files = sirv(join(project.dir, 'dist'));
  // A browser asks for an icon by itself.
  site = createServer((request, response) =>
    files(request, response, () => {
      response.writeHead(204).end();
    }),
  );
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  if (!address || typeof address === 'string') throw new Error('the site has no port');
  const page = await play(`http://127.0.0.1:${address.port}/`);
  expect(await page.page.locator('output').innerText()).toBe('live');
  expect(await page.page.locator('conf-listener').getAttribute('variant')).toBe('card');
  await page.close();
}, 90_000);

test('strict-csp: under the policy that its server sends, it goes from idle to live without a violation', async () => {
  const port = await freePort();
  const env = { ...process.env, RELAY: demo.url, PORT: String(port) };
  child = spawn(process.execPath, [join(EXAMPLES, 'strict-csp/server.js')], { env });
  if (child.stdout) await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${port}/`;
  const { headers } = await fetch(url);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*trusted-types lit-html/);
  const page = await play(url);
  await page.close();
}, 60_000);
