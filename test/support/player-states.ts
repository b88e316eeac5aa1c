import type { Page } from 'playwright-core';
import type { PlayerState } from '../../component/status.ts';
import type { SceneStage } from './scene-stage.ts';
import { until } from './until.ts';

/** Every state a player can be in. */
export const STATES = [
  'idle',
  'blocked',
  'connecting',
  'waiting',
  'live',
  'silent',
  'buffering',
  'reconnecting',
  'ended',
  'error',
] as const satisfies readonly PlayerState[];
export const VARIANTS = ['bar', 'card', 'button'] as const;

/** A player of a {@link StatesPage}: its room, and what is put into it and onto it. */
export interface Placed {
  /** One of the scene relay's; by default `name`. */
  room?: string;
  attributes?: string;
  content?: string;
}

const STYLE = `
  @font-face { font-family: Fixed; src: url(/dejavu-sans.ttf); }
  @font-face { font-family: Fixed; font-weight: 600; src: url(/dejavu-sans-bold.ttf); }
  :root { color-scheme: light dark; background: Canvas; color: CanvasText; font-family: Fixed; }
  :root.dark { color-scheme: dark; }
  body { margin: 0; padding: 8px; inline-size: max-content; }
  main { inline-size: 480px; display: grid; gap: 8px; }
  h1 { position: absolute; margin: 0; font-size: 1px; opacity: 0; }
  h2 { margin: 0 0 4px; font-size: 12px; font-weight: 400; line-height: 16px; }
  conf-listener { --conf-listener-font: Fixed; }
`;

/** The states that a page comes to after a gesture, and the one that it keeps without. */
export async function openAllStates(stage: SceneStage): Promise<StatesPage[]> {
  const others = STATES.filter((state) => state !== 'blocked');
  const pages = await Promise.all([
    StatesPage.open(stage, Object.fromEntries(others.map((state) => [state, {}]))),
    StatesPage.open(stage, { blocked: { attributes: 'autoplay' } }),
  ]);
  await pages[0].play();
  for (const page of pages) await page.settle();
  return pages;
}

/** A page of players by name, each in the state of its room. */
export class StatesPage {
  readonly page: Page;
  /** Of the players. */
  readonly names: readonly string[];

  private constructor(page: Page, names: readonly string[]) {
    this.page = page;
    this.names = names;
  }

  static async open(
    { relay, browser }: SceneStage,
    players: Readonly<Record<string, Placed>>,
  ): Promise<StatesPage> {
    const figures = Object.entries(players).map(
      ([name, { room = name, attributes = '', content = '' }]) =>
        `<section><h2>${name}</h2><conf-listener id="${name}" room="${room}" label="All hands" latency="smooth" exclusive="none" nostore ${attributes}>${content}</conf-listener></section>`,
    );
    const url =
      relay.addPage(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>States</title>
      <style>${STYLE}</style>
      <script type="module" src="/conf-listener.js"></script><script src="/lang/ar.js"></script></head>
      <body><main><h1>Players</h1>${figures.join('')}</main></body></html>`);
    const page = await browser.newPage({ viewport: { width: 600, height: 900 } });
    // A driver's every word counts as the visitor's gesture: without this no player stays blocked.
    if ('blocked' in players)
      await page.addInitScript(() => {
        AudioContext.prototype.resume = () => new Promise(() => {});
        const userActivation = { isActive: false, hasBeenActive: false };
        Object.defineProperty(navigator, 'userActivation', { value: userActivation });
      });
    await page.goto(url);
    await page.evaluate(async () => {
      await customElements.whenDefined('conf-listener');
      await document.fonts.ready;
      // The meter of a tone stands still, but not from the first moment on.
      const still = new CSSStyleSheet();
      still.replaceSync(`.fill { transform: scaleX(0) !important } .peak { transform: translateX(-100%) !important }
        :host(:not([muted])) .live .fill { transform: scaleX(0.6) !important }
        :host(:not([muted])) .live .peak { transform: translateX(75%) !important }`);
      for (const player of document.querySelectorAll('conf-listener'))
        player.shadowRoot?.adoptedStyleSheets.push(still);
    });
    return new StatesPage(page, Object.keys(players));
  }

  /** All but those that stay idle start, as after a click on the page. */
  async play(): Promise<void> {
    await this.page.mouse.click(599, 0);
    await this.page.evaluate(() => {
      for (const player of document.querySelectorAll('conf-listener'))
        if (player.room !== 'idle') player.play().catch(() => {});
    });
  }

  /** Resolves when all have come to the states of their rooms; silence takes 10 s. */
  async settle(withinMs = 30_000): Promise<void> {
    let astray: string[] = [];
    try {
      await until('all', async () => (astray = await this.astray()).length === 0, withinMs);
    } catch {
      throw new Error(`after ${withinMs} ms there are still ${astray.join(', ')}`);
    }
  }

  /** The players that do not show what their room is called after, and what they show. */
  astray(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('conf-listener')].flatMap((player) => {
        const { room, state } = player;
        const has = (selector: string): boolean => player.shadowRoot?.querySelector(selector) !== null;
        const isRight = ['behind', 'captions', 'everything', 'crowd'].includes(room)
          ? state === 'live' &&
            (room === 'captions' || room === 'crowd' || has('.live-button')) &&
            (room === 'behind' || room === 'crowd' || has('.captions'))
          : state === room && !has('.live-button');
        return isRight ? [] : [`${room}: ${state} ${player.error?.message ?? ''}`];
      }),
    );
  }

  /** Resolves when nothing is being announced. */
  async quiet(): Promise<void> {
    await until('nothing is announced', () =>
      this.page.evaluate(() =>
        [...document.querySelectorAll('conf-listener')].every(({ shadowRoot }) =>
          [...(shadowRoot?.querySelectorAll('.spoken') ?? [])].every(({ textContent }) => textContent === ''),
        ),
      ),
    );
  }

  /** All players get these attributes; a null takes one away. */
  async set(attributes: Readonly<Record<string, string | null>>): Promise<void> {
    await this.page.evaluate(async (given) => {
      for (const player of document.querySelectorAll('conf-listener')) {
        for (const [name, value] of Object.entries(given)) {
          if (value === null) player.removeAttribute(name);
          else player.setAttribute(name, value);
        }
        await player.updateComplete;
      }
    }, attributes);
  }
}
