import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityTree, axeViolations } from '../support/accessibility.ts';
import { openAllStates, STATES, StatesPage, VARIANTS } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';

/** With LOOKS=write the trees become those that are expected. */
const writes = process.env['LOOKS'] === 'write';
const TREES = join(import.meta.dirname, 'trees');
const SCHEMES = ['light', 'dark'] as const;

let stage: SceneStage;
let pages: StatesPage[];

beforeAll(async () => {
  stage = await SceneStage.open();
  const states = openAllStates(stage);
  const more = await StatesPage.open(stage, { everything: {} });
  await more.play();
  await more.settle();
  await more.page.locator('.captions').click();
  pages = [...(await states), more];
}, 60_000);

afterAll(() => stage?.close());

describe.each(VARIANTS)('the %s', (variant) => {
  test.each(SCHEMES)('has nothing that axe-core finds in any state: %s', async (colorScheme) => {
    const found: string[] = [];
    for (const one of pages) {
      await one.page.emulateMedia({ colorScheme });
      await one.set({ variant });
      found.push(...(await axeViolations(one.page)));
    }
    expect(found).toEqual([]);
  });

  test.each([...STATES, 'everything'])('tells assistive technology what it did: %s', async (state) => {
    const home = pages.find(({ names }) => names.includes(state));
    if (!home) throw new Error(`no page has a player that is ${state}`);
    await home.set({ variant });
    await home.quiet();
    const tree = `${await accessibilityTree(home.page, `#${state}`)}\n`;
    const path = join(TREES, `${variant}-${state}.txt`);
    if (writes) {
      mkdirSync(TREES, { recursive: true });
      writeFileSync(path, tree);
    }
    expect(tree).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
  });
});
