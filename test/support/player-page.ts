import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import type { ConfListener } from '../../component/define.ts';
import { recordPage } from './recorder.ts';
import { until } from './until.ts';

/** What happened to the player of a page or a frame, oldest first. */
interface Happened {
  states: { state: string; atMs: number }[];
  /** Of the content policy: what was refused, and by which directive. */
  violations: string[];
}

/** Runs in every frame before anything else. */
const WATCH = `
window.happened = { states: [], violations: [] };
addEventListener('conf-statechange', ({ detail }) => {
  window.happened.states.push({ state: detail.state, atMs: performance.now() });
});
addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
  window.happened.violations.push(effectiveDirective + ' ' + blockedURI);
});
`;

/** A page with one player, in a profile of its own in a real browser, and what is seen of it there. */
export class PlayerPage {
  readonly page: Page;
  /** What the browser's console has to complain of. */
  readonly complaints: string[] = [];
  /** Addresses that were asked for, WebSockets among them, and the referrers that were told. */
  readonly addresses: string[] = [];
  /** HTTP answers' statuses, by path. */
  readonly answers: { path: string; status: number }[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('websocket', (socket) => this.addresses.push(socket.url()));
    page.on('request', (request) => {
      const { referer = '' } = request.headers();
      this.addresses.push(request.url(), referer);
    });
    page.on('response', (response) => {
      this.answers.push({ path: new URL(response.url()).pathname, status: response.status() });
    });
  }

  /** Opens an address; with `recorded` what it plays can be had from recorder.ts. */
  static async open(browser: Browser | BrowserContext, url: string, recorded = false): Promise<PlayerPage> {
    const page = await browser.newPage();
    const player = new PlayerPage(page);
    await page.addInitScript(WATCH);
    if (recorded) await recordPage(page);
    await page.goto(url);
    return player;
  }

  /** Where the player is: in the page's only frame, or else in the page itself. */
  get frame(): Frame {
    return this.page.frames()[1] ?? this.page.mainFrame();
  }

  /** Presses its button, as a visitor does. */
  async listen(): Promise<void> {
    await this.frame.getByRole('button', { name: /listen|try again/i }).click();
  }

  /** Resolves when it is in a state. */
  async reach(state: string, withinMs = 10_000): Promise<void> {
    await until(`the player is ${state}`, async () => (await this.state()) === state, withinMs);
  }

  state(): Promise<string | undefined> {
    return this.frame.evaluate(() => document.querySelector('conf-listener')?.state);
  }

  stats(): Promise<ReturnType<ConfListener['getStats']>> {
    return this.frame.evaluate(() => document.querySelector('conf-listener')?.getStats());
  }

  error(): Promise<ConfListener['error'] | undefined> {
    return this.frame.evaluate(() => document.querySelector('conf-listener')?.error);
  }

  /** The status line's words. */
  words(): Promise<string> {
    return this.frame.locator('[part=status]').innerText();
  }

  async happened(): Promise<Happened> {
    return this.frame.evaluate(() => Reflect.get(window, 'happened'));
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
