import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choicesOf } from '../../relay/pages/builder-choices.ts';
import { codeOf } from '../../relay/pages/builder-code.ts';
import { VARIANTS } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';
import { until } from '../support/until.ts';

const MODULE = '<script type="module" src="/conf-listener.js"></script>';

let stage: SceneStage;

beforeAll(async () => {
  stage = await SceneStage.open();
}, 60_000);

afterAll(() => stage?.close());

/** Goes to a page that holds `html`; `arrange` has the tab while it is blank. */
async function open(html: string, arrange: (page: Page) => Promise<unknown> = async () => {}): Promise<Page> {
  const page = await stage.browser.newPage({ viewport: { width: 640, height: 900 } });
  await arrange(page);
  const head =
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><link rel="icon" href="data:,">';
  await page.goto(stage.relay.addPage(head + html), { waitUntil: 'commit' });
  return page;
}

async function untilDefined(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await customElements.whenDefined('conf-listener');
    for (const player of document.querySelectorAll('conf-listener')) await player.updateComplete;
  });
}

async function untilState(page: Page, state: string): Promise<void> {
  await until(`the player is ${state}`, () =>
    page.evaluate((wanted) => document.querySelector('conf-listener')?.state === wanted, state),
  );
}

/** The script comes after 1 s. */
async function delayScript(page: Page): Promise<void> {
  await page.route('**/conf-listener.js', async (route) => {
    await new Promise((resolve) => {
      setTimeout(resolve, 1000);
    });
    await route.continue();
  });
}

/** Notes frame by frame where the page's own is, and what the browser says has shifted. */
const WATCH_AROUND = `
window.places = new Set();
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries())
    window.shifts.push({ value, nodes: sources.flatMap(({ node }) => (node ? [node.nodeName] : [])) });
}).observe({ type: 'layout-shift', buffered: true });
const note = () => {
  const boxes = [...document.querySelectorAll('.own')].map((own) => own.getBoundingClientRect());
  if (boxes.length === 3) window.places.add(boxes.map(({ x, y }) => x + ' ' + y).join(', '));
  requestAnimationFrame(note);
};
note();
`;

describe('with the style of the builder and a script that takes 1 s', () => {
  test.each(VARIANTS.flatMap((variant) => [320, 620].map((width) => ({ variant, width }))))(
    'a $variant, $width px wide, moves the text around it by 0 px: when it comes, when it goes live, when it stops',
    async ({ variant, width }) => {
      const choices = choicesOf(new URLSearchParams({ room: 'live', variant }));
      const { style } = codeOf(choices, { url: stage.relay.url, files: undefined, title: undefined });
      // Of a bar or a card there is nothing beside it in the line.
      const page = await open(
        `<style>${style}</style>${MODULE}<div style="width: ${width}px"><p class="own">Before</p>
        <conf-listener room="live" variant="${variant}" label="All hands"></conf-listener>
        <span class="own">beside or below</span><p class="own">After</p></div>`,
        async (blank) => {
          await blank.addInitScript(WATCH_AROUND);
          await delayScript(blank);
        },
      );
      await page.getByText('After').waitFor();
      expect(await page.evaluate(() => customElements.get('conf-listener') === undefined)).toBe(true);
      await untilDefined(page);
      await page.getByRole('button', { name: /^listen/i }).click();
      await untilState(page, 'live');
      // What comes within 500 ms of a press is excused; what comes after is not.
      await page.waitForTimeout(700);
      await page.getByRole('button', { name: /^stop/i }).click();
      await untilState(page, 'idle');
      await page.waitForTimeout(100);
      const { places, shifts } = await page.evaluate(() => ({
        places: [...Reflect.get(window, 'places')],
        shifts: Array.from<{ value: number; nodes: string[] }>(Reflect.get(window, 'shifts')),
      }));
      await page.close();
      expect(places).toHaveLength(1);
      expect(shifts.flatMap(({ nodes }) => nodes)).toEqual([]);
      // Within the player the words of the status make room for the meter; 0.1 is what is called good.
      expect(shifts.reduce((sum, { value }) => sum + value, 0)).toBeLessThan(0.001);
    },
  );
});

describe('two players of two rooms ask for', () => {
  test('their script alone, however long the pointer and the focus rest on them; at Listen for the second script and one socket', async () => {
    const sockets: string[] = [];
    const before = stage.relay.asked.length;
    const page = await open(
      `${MODULE}<conf-listener room="live"></conf-listener><conf-listener room="waiting"></conf-listener>`,
      async (blank) => blank.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname)),
    );
    await untilDefined(page);
    for (const button of await page.getByRole('button', { name: /listen/i }).all()) {
      await button.hover();
      await button.focus();
    }
    await page.waitForTimeout(2000);
    const loaded = (): Promise<string[]> =>
      page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
    const asked = (): string[] => stage.relay.asked.slice(before + 1);
    expect([await loaded(), asked(), sockets]).toEqual([['/conf-listener.js'], ['/conf-listener.js'], []]);
    await page
      .getByRole('button', { name: /listen/i })
      .first()
      .click();
    await untilState(page, 'live');
    await page.waitForTimeout(500);
    const session = expect.stringMatching(/^\/conf-session-[\w-]{8}\.js$/);
    expect(await loaded()).toEqual(['/conf-listener.js', session]);
    expect(asked()).toEqual(['/conf-listener.js', session, '/v1/rooms/live/listen']);
    expect(sockets).toEqual(['/v1/rooms/live/listen']);
    await page.close();
  });
});

/** What the page has of its own: styles, names, sheets. */
function ownOf(page: Page): Promise<Record<string, string | undefined>> {
  return page.evaluate(() => {
    const styles = [...document.body.querySelectorAll(':not(script, conf-listener)')].map((own) => {
      const style = getComputedStyle(own);
      return [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`).join('; ');
    });
    const [names, symbols, documents] = [window, Symbol, document].map((of) =>
      Reflect.ownKeys(of).map(String).toSorted().join(' '),
    );
    const sheets = String(document.styleSheets.length + document.adoptedStyleSheets.length);
    return { styles: styles.join('\n'), names, symbols, documents, sheets };
  });
}

describe.each([
  ['module', [{ type: 'module', path: '/conf-listener.js' }]],
  [
    'classic script and that of a language',
    [
      { type: '', path: '/conf-listener.iife.js' },
      { type: '', path: '/lang/de.js' },
    ],
  ],
])('the %s', (_kind, scripts) => {
  test('changes 0 styles of the page and leaves 0 names in its window', async () => {
    const page = await open(`<h1>Title</h1><p>Text <a href="#">link</a></p><button>Share</button>
      <input type="range"><svg></svg><div class="player bar"><span class="title" part="title"></span></div>
      <conf-listener room="live"></conf-listener>`);
    await page.getByText('Share').waitFor();
    const before = await ownOf(page);
    for (const { path, type } of scripts) await page.addScriptTag({ url: stage.relay.url + path, type });
    await untilDefined(page);
    const after = await ownOf(page);
    await page.close();
    expect(after).toEqual(before);
  });
});
