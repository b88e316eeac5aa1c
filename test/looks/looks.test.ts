import { join } from 'node:path';
import { platform } from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAllStates, StatesPage, VARIANTS } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';
import { differenceOf, keep, show, sideBySide, stacked } from './sheet.ts';

/** With LOOKS=write the sheets become the baselines. */
const writes = process.env['LOOKS'] === 'write';
/** Builds of Chromium nine versions apart differ by none (measured); a dot alone has 50. */
const MOST_PIXELS = 40;

const MODES = {
  light: {},
  dark: { colorScheme: 'dark' },
  'forced-colors': { forcedColors: 'active' },
  rtl: { lang: 'ar', dir: 'rtl', label: 'اجتماع الموظفين' },
  '320px': { width: 320 },
} as const;

/** Elsewhere another library draws the letters. */
const drawn = test.skipIf(platform !== 'linux');

type Mode = {
  colorScheme?: 'light' | 'dark';
  forcedColors?: 'active';
  lang?: string;
  dir?: string;
  label?: string;
  width?: number;
  fontPx?: number;
};

const EXTRAS = {
  captions: {},
  'captions card': { room: 'captions', attributes: 'variant="card"' },
  muted: { room: 'live', attributes: 'muted' },
  behind: {},
  'behind card': { room: 'behind', attributes: 'variant="card"' },
  error: { content: '<a slot="error" href="https://intranet.example">Ask the help desk</a>' },
  slots: {
    room: 'live',
    content: '<b slot="start">Acme</b><button slot="end" type="button">Share</button>',
  },
};

let stage: SceneStage;
let pages: StatesPage[];
let extras: StatesPage;
const sheets: ReturnType<typeof stacked>[] = [];

beforeAll(async () => {
  stage = await SceneStage.open({
    flags: ['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb'],
    env: { FONTCONFIG_FILE: join(import.meta.dirname, 'font/fonts.conf') },
  });
  pages = await openAllStates(stage);
  extras = await StatesPage.open(stage, EXTRAS);
  await extras.play();
  await extras.settle();
  await extras.page.evaluate(() => {
    for (const player of document.querySelectorAll('[room=captions]'))
      player.shadowRoot?.querySelector<HTMLElement>('.captions')?.click();
  });
}, 60_000);

afterAll(() => stage?.close());

/** A picture of all players in a mode, taken while all are what they shall be. */
async function picture(of: StatesPage, mode: Mode): Promise<Buffer> {
  const { colorScheme = 'light', forcedColors = 'none', width = 480, fontPx = 16 } = mode;
  const { lang = 'en', dir = 'ltr', label = 'All hands' } = mode;
  await of.page.bringToFront();
  await of.page.emulateMedia({ colorScheme, forcedColors });
  await of.page.evaluate(
    (given) => {
      const { documentElement: root } = document;
      Object.assign(root, { lang: given.lang, dir: given.dir });
      root.style.fontSize = `${given.fontPx}px`;
      document.querySelector('main')?.style.setProperty('inline-size', `${given.width}px`);
    },
    { lang, dir, width, fontPx },
  );
  await of.set({ label });
  for (let tries = 0; tries < 20; tries++) {
    await of.settle();
    const image = await of.page.locator('body').screenshot({ animations: 'disabled', caret: 'hide' });
    if ((await of.astray()).length === 0) return image;
  }
  throw new Error('the players do not keep their states for as long as a picture takes');
}

function compare(name: string, sheet: ReturnType<typeof stacked>): void {
  sheets.push(sheet);
  if (writes) return keep(name, sheet);
  const { pixels, seenIn } = differenceOf(name, sheet);
  if (pixels > 0) console.log(`${name}: ${pixels} pixels differ: ${seenIn}`);
  expect(pixels, seenIn).toBeLessThanOrEqual(MOST_PIXELS);
}

drawn.each(
  VARIANTS.flatMap((variant) => Object.entries(MODES).map(([mode, how]) => ({ variant, mode, how }))),
)(
  'the $variant looks in all 10 states as it did: $mode',
  async ({ variant, mode, how }) => {
    const images = [];
    for (const page of pages) {
      await page.set({ variant });
      images.push(await picture(page, how));
    }
    compare(`${variant}-${mode}`, stacked(images));
  },
  60_000,
);

drawn.each([
  ['extras', {}],
  ['extras-320px', { width: 320, colorScheme: 'dark' }],
  ['extras-200-percent', { fontPx: 32 }],
  ['extras-rtl', MODES.rtl],
] as const)(
  'captions, muted, behind and slots look as they did: %s',
  async (name, how) => {
    compare(name, stacked([await picture(extras, how)]));
  },
  60_000,
);

test.runIf(writes)('everything on one sheet', () => {
  console.log(show('contact-sheet', sideBySide(sheets)));
});
