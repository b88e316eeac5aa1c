import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contrastBetween, coloursOf } from '../support/colours.ts';
import { StatesPage } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';

/** Least contrast of text, and of what one must see to use the player or know how it is: WCAG 1.4.3 and 1.4.11. */
const TEXT = 4.5;
const PICTURE = 3;

/** What is looked at: a selector, the property that colours it, and the selector of what lies behind it. */
const PAIRS = [
  [TEXT, '.title', 'color', '.player'],
  [TEXT, '.status', 'color', '.player'],
  [TEXT, '.live-button', 'color', '.player'],
  [TEXT, '.lines', 'color', '.lines'],
  [PICTURE, '[part~=play]', 'background-color', '.player'],
  [PICTURE, '[part~=play] svg', 'fill', '[part~=play]'],
  [PICTURE, '[part=mute] svg', 'fill', '.player'],
  [PICTURE, '.captions svg', 'fill', '.player'],
  [PICTURE, '.captions', 'border-bottom-color', '.player'],
  [PICTURE, '.live-button', 'border-top-color', '.player'],
  [PICTURE, 'input', 'accent-color', '.player'],
  [PICTURE, '.dot', 'border-top-color', '.player'],
  [PICTURE, '.fill', 'background-color', '.meter'],
  [PICTURE, '.fill', 'background-color', '.player'],
  [PICTURE, '.player', 'border-top-color', '.player'],
] as const;

let stage: SceneStage;
let states: StatesPage;

beforeAll(async () => {
  stage = await SceneStage.open();
  const players = { idle: {}, live: {}, error: {}, everything: {}, contrast: { room: 'everything' } };
  states = await StatesPage.open(stage, players);
  await states.play();
  await states.settle();
  for (const name of ['everything', 'contrast']) await states.page.locator(`#${name} .captions`).click();
  await states.page.locator('#contrast button.contrast').click();
  await states.page.mouse.move(0, 0);
}, 60_000);

afterAll(() => stage?.close());

describe.each(['light', 'dark'] as const)('in %s colours', (theme) => {
  test.each(['idle', 'live', 'error', 'everything', 'contrast'])(
    'text has 4.5:1 and what is no text 3:1: %s',
    async (name) => {
      await states.set({ theme });
      const tooPale: string[] = [];
      let looked = 0;
      for (const [least, selector, property, behind] of PAIRS) {
        const found = await coloursOf(states.page, `#${name}`, selector, property, behind);
        if (!found) continue;
        looked++;
        const contrast = contrastBetween(found.front, found.behind);
        if (contrast < least) tooPale.push(`${selector} ${property}: ${contrast.toFixed(2)}`);
      }
      expect(tooPale).toEqual([]);
      expect(looked).toBeGreaterThanOrEqual(name === 'error' ? 6 : 8);
    },
  );
});

test.each(['light', 'dark'] as const)(
  'in the system’s own %s colours what was a background is a border: player, button, meter, the switch that is on',
  async (colorScheme) => {
    await states.page.emulateMedia({ colorScheme, forcedColors: 'active' });
    const pale: string[] = [];
    for (const selector of ['.player', '[part~=play]', '.meter', '.captions', '.live-button']) {
      const holder = selector === '.meter' ? '#live' : '#everything';
      const width = await states.page
        .locator(`${holder} ${selector}`)
        .evaluate((one) => getComputedStyle(one).borderBottomWidth);
      const found = await coloursOf(states.page, holder, selector, 'border-bottom-color', '.player');
      const contrast = found ? contrastBetween(found.front, found.behind) : 0;
      if (!(parseFloat(width) >= 1 && contrast >= PICTURE)) pale.push(`${selector}: ${width} ${contrast}`);
    }
    await states.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    expect(pale).toEqual([]);
  },
);
