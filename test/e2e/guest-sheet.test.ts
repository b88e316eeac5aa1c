import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SceneStage } from '../support/scene-stage.ts';
import { until } from '../support/until.ts';

let stage: SceneStage;

beforeAll(async () => {
  stage = await SceneStage.open();
}, 60_000);

afterAll(() => stage?.close());

/** Players of all shapes, in states with all their parts, where no sheet moves them. */
async function openHost(): Promise<Page> {
  const shapes = ['', 'variant="card"', 'variant="button"'];
  const players = ['idle', 'error', 'everything'].flatMap((room) =>
    shapes.map(
      (shape) =>
        `<conf-listener room="${room}" label="All hands" exclusive="none" latency="smooth" captions nostore ${shape}></conf-listener>`,
    ),
  );
  const page = await stage.browser.newPage({ viewport: { width: 640, height: 900 } });
  await page.goto(
    stage.relay.addPage(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title>
      <script type="module" src="/conf-listener.js"></script>
      <main style="position: absolute !important; inset: 0 auto auto 0 !important; display: block !important; width: 480px !important; margin: 0 !important; padding: 0 !important">${players.join('\n')}</main>`),
  );
  await page.evaluate(async () => void (await customElements.whenDefined('conf-listener')));
  await page.mouse.click(639, 899);
  await page.evaluate(() => {
    for (const player of document.querySelectorAll('conf-listener'))
      if (player.room !== 'idle') player.play().catch(() => {});
  });
  await until('all are what they shall be', () =>
    page.evaluate(() =>
      [...document.querySelectorAll('conf-listener')].every(
        ({ room, state, shadowRoot }) =>
          state === room ||
          (state === 'live' && shadowRoot?.querySelector('.live-button') && shadowRoot.querySelector('b')),
      ),
    ),
  );
  return page;
}

/** Computed styles of everything in every player, by place; `besides` names properties that are of no interest. */
function insides(page: Page, besides: RegExp): Promise<Record<string, string>> {
  return page.evaluate((source) => {
    const ignored = new RegExp(source);
    const found: Record<string, string> = {};
    for (const [at, player] of [...document.querySelectorAll('conf-listener')].entries()) {
      for (const part of player.shadowRoot?.querySelectorAll('*') ?? []) {
        // The meter moves, what is spoken goes.
        if (part.matches('.fill, .peak, .spoken, .meter')) continue;
        const name = `${at} ${player.room} ${part.nodeName} ${part.getAttribute('class') ?? ''}`;
        const style = getComputedStyle(part);
        for (const property of style)
          if (!ignored.test(property)) found[`${name} ${property}`] = style.getPropertyValue(property);
      }
    }
    return found;
  }, besides.source);
}

/** What differs inside while a sheet is on the page. */
async function changes(page: Page, css: string, besides: RegExp): Promise<string[]> {
  const clean = await insides(page, besides);
  const sheet = await page.addStyleTag({ content: css });
  const hostile = await insides(page, besides);
  await sheet.evaluate((node) => node.parentNode?.removeChild(node));
  return Object.entries(clean)
    .filter(([name, value]) => hostile[name] !== value)
    .map(([name, value]) => `${name}: ${value} → ${hostile[name]}`);
}

describe('the page’s sheet', () => {
  /** Of the page, wherever it stands: whether it is there, can be pressed, and which way it is written. */
  const FOLLOWS = /^(visibility|pointer-events|cursor|list-style.*)$/;
  const SHEETS = {
    'of !important for all':
      '* { margin: 0 !important; padding: 0 !important; border: 0 !important; box-sizing: border-box !important; background: red !important; border-radius: 0 !important; outline: 5px solid red !important; float: none !important; overflow: hidden !important; min-height: 1px !important; transition: none !important }',
    'that unsets every kind of part':
      'button, input, p, svg, div:not(main), span, b, path, slot { all: unset !important; background: red !important; font: 40px cursive !important }',
    'for what is in the player':
      'conf-listener * { all: unset !important; display: block !important; background: red !important; font: 40px cursive !important }',
    'with all that is inherited':
      'body { letter-spacing: 9px; word-spacing: 9px; text-transform: uppercase; line-height: 3; font: italic bold small-caps 40px/3 cursive; color: red; text-indent: 5em; white-space: pre; cursor: wait; text-align: right; list-style: square; text-shadow: 0 0 9px red; word-break: break-all; -webkit-text-fill-color: red }',
  };

  test.each(Object.entries(SHEETS))('%s changes 0 computed styles within a player', async (_what, css) => {
    const page = await openHost();
    const found = await changes(page, css, FOLLOWS);
    await page.close();
    expect(found).toEqual([]);
  });

  test('that hides, disables or turns around what it stands in does so with the player', async () => {
    const page = await openHost();
    const css = 'body { visibility: hidden; pointer-events: none; direction: rtl }';
    await page.addStyleTag({ content: css });
    const found = await page.evaluate(() => {
      const button = document.querySelector('conf-listener')?.shadowRoot?.querySelector('button');
      const style = button && getComputedStyle(button);
      return [style?.visibility, style?.pointerEvents, style?.direction];
    });
    await page.close();
    expect(found).toEqual(['hidden', 'none', 'rtl']);
  });

  test('may still wish for other letters, on the player itself', async () => {
    const page = await openHost();
    await page.addStyleTag({ content: 'conf-listener { letter-spacing: 2px; text-transform: uppercase }' });
    const found = await page.evaluate(() => {
      const title = document.querySelector('conf-listener')?.shadowRoot?.querySelector('.title');
      const style = title && getComputedStyle(title);
      return [style?.letterSpacing, style?.textTransform];
    });
    await page.close();
    expect(found).toEqual(['2px', 'uppercase']);
  });
});
