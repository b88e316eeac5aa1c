import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StatesPage } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';

const SLOTTED = '<input slot="end" aria-label="Question" size="5" />';

let stage: SceneStage;
let states: StatesPage;
let page: Page;

beforeAll(async () => {
  stage = await SceneStage.open();
}, 60_000);

afterAll(() => stage?.close());

/** A player that is live and behind, in a room with captions; a control of the page's own after its others. */
async function open(attributes = ''): Promise<void> {
  states = await StatesPage.open(stage, { everything: { attributes, content: SLOTTED } });
  ({ page } = states);
  await page.evaluate(() => {
    const presses: string[] = [];
    Reflect.set(window, 'presses', presses);
    addEventListener('keydown', ({ key, defaultPrevented }) => presses.push(`${key} ${defaultPrevented}`));
  });
}

/** The name of what has the focus, or how far the slider is. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    const outer = document.activeElement;
    const inner = outer?.shadowRoot?.activeElement ?? outer;
    return inner?.ariaLabel ?? inner?.textContent?.trim() ?? '';
  });
}

async function player(): Promise<{ state: string; volume: number; muted: boolean; captions: boolean }> {
  return page.evaluate(() => {
    const found = document.querySelector('conf-listener');
    if (!found) throw new Error('there is no player');
    const { state, volume, muted, shadowRoot } = found;
    const captions = !!shadowRoot?.querySelector('.lines');
    return { state, volume: Math.round(volume * 100) / 100, muted, captions };
  });
}

function jumps(): Promise<number> {
  return page.evaluate(() => document.querySelector('conf-listener')?.getStats()?.resyncs ?? NaN);
}

async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 12; presses++) {
    if ((await focused()) === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not come to ${name}`);
}

afterEach(() => page.close());

describe('by keyboard alone', () => {
  beforeEach(() => open());

  test('Tab goes Listen, Go to live, Captions, Mute, Volume, then the page’s own control and the captions’ switches', async () => {
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Listen live');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Stop');
    await states.settle();
    await tabTo('Captions');
    await page.keyboard.press('Space');
    await page.evaluate(() =>
      document.activeElement instanceof HTMLElement ? document.activeElement.blur() : 0,
    );
    await page.mouse.click(599, 0);
    const order: string[] = [];
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual([
      'Stop',
      'Go to live',
      'Captions',
      'Mute',
      'Volume',
      'Question',
      'Larger text',
      'More contrast',
    ]);
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Larger text');
  });

  test.each(['Enter', 'Space'])(
    '%s presses every button, and the focus stays on those that change',
    async (key) => {
      await tabTo('Listen live');
      await page.keyboard.press(key);
      expect(await focused()).toBe('Stop');
      await states.settle();
      await tabTo('Mute');
      await page.keyboard.press(key);
      expect([(await player()).muted, await focused()]).toEqual([true, 'Unmute']);
      await page.keyboard.press(key);
      expect([(await player()).muted, await focused()]).toEqual([false, 'Mute']);
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press(key);
      expect([(await player()).captions, await focused()]).toEqual([true, 'Captions']);
      await tabTo('Larger text');
      await page.keyboard.press(key);
      expect(await page.locator('.below').getAttribute('class')).toContain('larger');
      await tabTo('Stop');
      await page.keyboard.press(key);
      expect([(await player()).state, await focused()]).toEqual(['idle', 'Listen live']);
    },
  );

  test('K listens and stops, M mutes, C turns captions on, wherever in the player the focus is', async () => {
    await tabTo('Listen live');
    await page.keyboard.press('k');
    await states.settle();
    await tabTo('Volume');
    await page.keyboard.press('m');
    expect((await player()).muted).toBe(true);
    await page.keyboard.press('Shift+M');
    expect((await player()).muted).toBe(false);
    await page.keyboard.press('c');
    expect((await player()).captions).toBe(true);
    await page.keyboard.press('k');
    expect((await player()).state).toBe('idle');
  });

  test('L goes to live with a jump', async () => {
    await tabTo('Listen live');
    await page.keyboard.press('k');
    await states.settle();
    const before = await jumps();
    await page.keyboard.press('l');
    expect(await jumps()).toBeGreaterThan(before);
  });

  test('so does the button Go to live; the focus goes from it, for it vanishes, to Stop', async () => {
    await tabTo('Listen live');
    await page.keyboard.press('k');
    await states.settle();
    await tabTo('Go to live');
    const before = await jumps();
    await page.keyboard.press('Enter');
    expect(await jumps()).toBeGreaterThan(before);
    expect(await focused()).toBe('Stop');
  });

  test('arrows change the volume by 5 % on a button; the slider goes by its own 5 %, and at 100 % no further', async () => {
    await tabTo('Mute');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect((await player()).volume).toBe(0.9);
    await page.keyboard.press('ArrowUp');
    expect((await player()).volume).toBe(0.95);
    await tabTo('Volume');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    expect((await player()).volume).toBe(0.85);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    expect((await player()).volume).toBe(1);
    await page.keyboard.press('Home');
    expect((await player()).volume).toBe(0);
    expect(await page.locator('input[part=volume]').getAttribute('aria-valuetext')).toBe('0%');
  });

  test('what is typed into a control of the page inside the player is text', async () => {
    await page.locator('input[slot=end]').focus();
    await page.keyboard.type('klmc');
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('input[slot=end]').inputValue()).toBe('klmc');
    expect(await player()).toEqual({ state: 'idle', volume: 1, muted: false, captions: false });
  });

  test.each(['Control', 'Alt', 'Meta'])(
    'with %s a letter is the browser’s or the page’s',
    async (modifier) => {
      await tabTo('Listen live');
      for (const key of ['m', 'k', 'ArrowDown']) await page.keyboard.press(`${modifier}+${key}`);
      expect(await player()).toEqual({ state: 'idle', volume: 1, muted: false, captions: false });
      const presses: string[] = await page.evaluate(() => Reflect.get(window, 'presses'));
      expect(presses.filter((press) => press.endsWith('true'))).toEqual([]);
    },
  );

  test('outside the player keys are the page’s', async () => {
    await page.keyboard.press('m');
    await page.keyboard.press('k');
    expect(await player()).toMatchObject({ state: 'idle', muted: false });
  });
});

test('with `nohotkeys` letters and arrows do nothing, buttons and the slider what they do', async () => {
  await open('nohotkeys');
  await tabTo('Mute');
  for (const key of ['k', 'm', 'c', 'l', 'ArrowDown']) await page.keyboard.press(key);
  expect(await player()).toEqual({ state: 'idle', volume: 1, muted: false, captions: false });
  await page.keyboard.press('Enter');
  expect((await player()).muted).toBe(true);
  await tabTo('Volume');
  await page.keyboard.press('ArrowDown');
  expect((await player()).volume).toBe(0.95);
});
