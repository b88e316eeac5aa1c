import { afterAll, beforeAll, expect, test } from 'vitest';
import { coloursOf, contrastBetween } from '../support/colours.ts';
import { StatesPage, VARIANTS } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';

let stage: SceneStage;

beforeAll(async () => {
  stage = await SceneStage.open();
}, 60_000);

afterAll(() => stage?.close());

test.each(
  VARIANTS.flatMap((variant) => (['light', 'dark'] as const).map((scheme) => [variant, scheme] as const)),
)(
  'on every control of the %s in %s colours the focus has a ring of 3 px and 3:1',
  async (variant, colorScheme) => {
    const states = await StatesPage.open(stage, { everything: {} });
    const { page } = states;
    await states.set({ variant });
    await page.emulateMedia({ colorScheme });
    await states.play();
    await states.settle();
    const pale: string[] = [];
    const ringed = new Set<string>();
    await page.mouse.click(599, 0);
    for (let presses = 0; presses < 5; presses++) {
      await page.keyboard.press('Tab');
      const part = await page.evaluate(
        () => document.activeElement?.shadowRoot?.activeElement?.getAttribute('part') ?? '',
      );
      if (!part) continue;
      ringed.add(part);
      const selector = `[part="${part}"]`;
      const style = await page.locator(selector).evaluate((one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return `${outlineStyle} ${outlineWidth}`;
      });
      const found = await coloursOf(page, '#everything', selector, 'outline-color', '.player');
      const contrast = found ? contrastBetween(found.front, found.behind) : 0;
      if (style !== 'solid 3px' || contrast < 3) pale.push(`${part}: ${style} ${contrast.toFixed(2)}`);
    }
    await page.close();
    expect(pale).toEqual([]);
    expect(ringed.size).toBe(variant === 'button' ? 1 : 5);
  },
);
