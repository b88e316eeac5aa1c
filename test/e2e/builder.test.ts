import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import { noise } from '../../demo/simulator/noise.ts';
import { WAYS, choicesOf } from '../../relay/pages/builder-choices.ts';
import { FRAME_PX, codeOf } from '../../relay/pages/builder-code.ts';
import { HOSTILE_TEXT, anyHash } from '../support/builder-fields.ts';
import { launchChromium } from '../support/chromium.ts';
import { startHostSite, type HostSite } from '../support/host-site.ts';
import { collectLog } from '../support/log-lines.ts';
import { PlayerPage } from '../support/player-page.ts';
import { until } from '../support/until.ts';

const ROOMS = [
  { id: 'allhands', title: 'All "hands" & <b>feet</b>' },
  { id: 'staff', title: 'Staff', origins: ['https://intranet.example'] },
  { id: 'board', title: 'Board', access: 'ticket' },
];

let demo: Demo;
let site: HostSite;
let browser: Browser;

beforeAll(async () => {
  site = await startHostSite(() => Promise.reject(new Error('nobody asks')));
  browser = await launchChromium({ flags: ['--host-resolver-rules=MAP builder.test 127.0.0.1'] });
  demo = await startDemo({
    port: 0,
    relay: { rooms: JSON.stringify(ROOMS) },
    simulator: { source: noise(32) },
    parts: { log: collectLog().log },
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await demo?.close();
  await site?.close();
});

async function open(hash = ''): Promise<PlayerPage> {
  const builder = await PlayerPage.open(browser, `${demo.url}/builder${hash}`);
  await builder.page.locator('figure:visible').first().waitFor();
  return builder;
}

/** What stands to be copied; '' where that is not shown. */
async function codeOn(page: Page, name: string): Promise<string> {
  const code = page.locator(`[data-code=${name}]:not([hidden]) code`);
  return (await code.count()) === 0 ? '' : ((await code.textContent()) ?? '');
}

/** Attributes of the player in the preview. */
function preview(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const player = document.querySelector('conf-listener');
    const names = player?.getAttributeNames() ?? [];
    return Object.fromEntries(names.map((name) => [name, player?.getAttribute(name) ?? '']));
  });
}

describe('a choice', () => {
  test('of each kind is followed by the preview, the code and the address, which brings all of them back', async () => {
    const builder = await open();
    const { page } = builder;
    await page.getByRole('textbox', { name: 'Room' }).fill('allhands');
    await page.getByRole('textbox', { name: 'Room' }).press('Enter');
    await page.getByRole('radio', { name: 'Card' }).check();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.getByLabel('Language').selectOption('Deutsch');
    await page.getByLabel('Accent colour', { exact: true }).fill('#7cb7ff');
    await page.getByLabel('Level meter').uncheck();
    await page.getByLabel('Start by itself').check();
    expect(await preview(page)).toEqual({
      room: 'allhands',
      variant: 'card',
      theme: 'dark',
      lang: 'de',
      controls: 'mute volume count live captions',
      style: '--conf-listener-accent: #7cb7ff; --conf-listener-on-accent: #000000;',
    });
    await page.getByRole('button', { name: 'Live hören' }).waitFor();
    const code = await codeOn(page, 'script');
    expect(code).toContain(
      '<conf-listener room="allhands" variant="card" theme="dark" lang="de" controls="mute volume count live captions" autoplay>',
    );
    expect(code).toContain(`${demo.url}/v1/lang/de.js`);
    await page.reload();
    await until('the code is there again', async () => (await codeOn(page, 'script')) === code);
    await builder.close();
  });

  test('of each way shows the texts for it, and those alone', async () => {
    const builder = await open('#room=allhands');
    const { page } = builder;
    const shown: string[][] = [];
    for (const name of ['Script and tag', 'Iframe', 'Link', 'Pasted address (oEmbed)']) {
      await page.getByRole('radio', { name }).check();
      shown.push(await page.locator('figure:not([hidden]) h3').allTextContents());
    }
    expect(shown).toEqual([
      [
        'Script and tag',
        'Style',
        'Content Security Policy',
        'A version that never changes',
        'Without modules',
      ],
      ['Iframe', 'Address of the frame', 'Content Security Policy'],
      ['Address'],
      ['Address', 'Content Security Policy', 'oEmbed'],
    ]);
    await builder.close();
  });

  test('of a place to paste shows what is for there, and leads to it', async () => {
    const builder = await open('#room=allhands');
    const { page } = builder;
    await page.getByText('SharePoint Online').click();
    await page.getByRole('button', { name: 'Show the iframe' }).click();
    expect(await page.getByRole('radio', { name: 'Iframe' }).isChecked()).toBe(true);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Code');
    await builder.close();
  });

  test('of what is none is marked, and the code goes on without it', async () => {
    const builder = await open('#room=allhands');
    const { page } = builder;
    for (const name of ['Room', 'Accent colour'])
      await page.getByLabel(name, { exact: true }).fill('"><script>alert(1)</script>');
    expect(await page.locator('[aria-invalid=true]').count()).toBe(2);
    expect(await codeOn(page, 'script')).toContain('<conf-listener room="your-room"><a');
    await builder.close();
  });

  test.each([
    ['board', /wants a ticket/],
    ['staff', /operator has listed/],
    ['nowhere', /wants a ticket, or there is no such room/],
  ])('of room %s is answered with what its page needs', async (room, words) => {
    const builder = await open();
    const { page } = builder;
    await page.getByRole('textbox', { name: 'Room' }).fill(room);
    await page.getByRole('textbox', { name: 'Room' }).press('Tab');
    await page.locator('#advice', { hasText: words }).waitFor();
    await builder.close();
  });
});

test('a room is asked about once its name is typed to the end: 1 request for 8 letters', async () => {
  const builder = await open();
  await builder.page.getByRole('textbox', { name: 'Room' }).pressSequentially('allhands');
  await builder.page.getByRole('textbox', { name: 'Room' }).press('Tab');
  await until('the room is asked about', () =>
    builder.answers.some(({ path }) => path.startsWith('/v1/rooms')),
  );
  expect(builder.answers.filter(({ path }) => path.startsWith('/v1/rooms'))).toEqual([
    { path: '/v1/rooms/allhands', status: 200 },
  ]);
  await builder.close();
});

test('the page breaks nothing of its policy at 320 px width, in light and dark, with each place open', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const builder = await open('#room=allhands&lang=ar&accent=ffcc00');
    await builder.page.emulateMedia({ colorScheme });
    await builder.page.setViewportSize({ width: 320, height: 640 });
    for (const place of await builder.page.locator('summary').all()) await place.click();
    const tooWidePx = await builder.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const unnamed = await builder.page.evaluate(() =>
      [...document.querySelectorAll('input:not([type=hidden]), select')]
        .filter((field) => 'labels' in field && Object(field).labels.length === 0 && !field.ariaLabel)
        .map(({ id }) => id),
    );
    const { violations } = await builder.happened();
    expect([tooWidePx, unnamed, violations, builder.complaints]).toEqual([0, [], [], []]);
    await builder.close();
  }
});

test('the page may be neither framed nor kept nor styled from within, and its preview plays', async () => {
  const { headers } = await fetch(`${demo.url}/builder`);
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none';.* script-src 'self'; style-src 'self';.* frame-ancestors 'none'$/,
  );
  expect(headers.get('cache-control')).toBe('no-store');
  const builder = await open('#room=allhands&autoplay=');
  await builder.listen();
  await builder.reach('live');
  await builder.close();
});

describe('copying', () => {
  test('puts the code on the clipboard', async () => {
    const builder = await open('#room=allhands');
    const { page } = builder;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('[data-code=script]').getByRole('button').click();
    await page.locator('[data-code=script]').getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await codeOn(page, 'script'));
    await builder.close();
  });

  test('selects the code where a page of plain http has no clipboard', async () => {
    const builder = await PlayerPage.open(
      browser,
      `${demo.url.replace('127.0.0.1', 'builder.test')}/builder#room=allhands`,
    );
    const { page } = builder;
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    await page.locator('[data-code=policy]').getByRole('button').click();
    await page.getByRole('button', { name: 'Selected: press Ctrl-C' }).waitFor();
    expect(await page.evaluate(() => String(getSelection()))).toBe(await codeOn(page, 'policy'));
    await builder.close();
  });
});

describe('on a page of another origin, under exactly the printed policy', () => {
  test.each([
    ['script', 'script'],
    ['pinned', 'script'],
    ['classic', 'script'],
    ['iframe', 'iframe'],
  ])('the copied %s code plays with 0 violations and 0 complaints in the console', async (name, way) => {
    const builder = await open(`#room=allhands&way=${way}`);
    await until('the code is there', async () => (await codeOn(builder.page, name)) !== '');
    await builder.page.locator('#advice', { hasText: 'plain http' }).waitFor();
    const [code, policy] = [await codeOn(builder.page, name), await codeOn(builder.page, 'policy')];
    await builder.close();
    const path = site.addPageUnder(`default-src 'none'; ${policy.replaceAll('\n', ' ')}`, code);
    const player = await PlayerPage.open(browser, site.url + path);
    await player.listen();
    await player.reach('live');
    const around = await player.page.evaluate(() => Reflect.get(window, 'happened').violations);
    const { violations } = await player.happened();
    await player.close();
    expect([around, violations, player.complaints]).toEqual([[], [], []]);
  });

  test('the pinned code with another hash of the second script does not play', async () => {
    const builder = await open('#room=allhands');
    await until('the code is there', async () => (await codeOn(builder.page, 'pinned')) !== '');
    const code = (await codeOn(builder.page, 'pinned')).replace(/(modulepreload.*?sha384-)..../, '$1AAAA');
    const policy = (await codeOn(builder.page, 'policy')).replaceAll('\n', ' ');
    await builder.close();
    const player = await PlayerPage.open(
      browser,
      site.url + site.addPageUnder(`default-src 'none'; ${policy}`, code),
    );
    await player.listen();
    await player.reach('error');
    expect(await player.error()).toMatchObject({ code: 'script' });
    await player.close();
  });
});

test.each(Object.entries(FRAME_PX))(
  'in the frame of the code for a %s, %d px high, nothing of a refusal is cut off at 320 px width, in French too',
  async (variant, highPx) => {
    const player = await PlayerPage.open(browser, `${demo.url}/embed/board?variant=${variant}&lang=fr`);
    await player.page.setViewportSize({ width: 320, height: highPx });
    await player.frame.getByRole('button').first().click();
    await player.reach('error');
    const neededPx = await player.frame.evaluate(() => document.documentElement.scrollHeight);
    await player.close();
    expect(neededPx).toBeLessThanOrEqual(highPx);
  },
);

test('1,000 hostile choices and titles: what a browser makes of the code has no other element, attribute or rule', async () => {
  const samples = fc.sample(fc.tuple(anyHash(), HOSTILE_TEXT, fc.constantFrom(...WAYS)), 1000);
  const codes = samples.map(([hash, title, way]) => {
    const files = new Map(
      ['conf-listener.js', 'conf-session-BsqxPjo8.js'].map((name) => [
        name,
        { url: `${demo.url}/${name}`, integrity: title },
      ]),
    );
    return {
      title,
      ...codeOf({ ...choicesOf(new URLSearchParams(hash)), way }, { url: demo.url, files, title }),
    };
  });
  const builder = await PlayerPage.open(browser, `${demo.url}/builder`);
  const made = await builder.page.evaluate((all) => {
    const parts = new Set<string>();
    const titles: string[] = [];
    for (const { script, pinned, classic, iframe, style } of all) {
      for (const html of [script, pinned, classic, iframe]) {
        const parsed = new DOMParser().parseFromString(html ?? '', 'text/html');
        for (const element of parsed.querySelectorAll('head *, body *'))
          parts.add([element.localName, ...element.getAttributeNames().toSorted()].join(' '));
        titles.push(...[...parsed.querySelectorAll('iframe')].map((frame) => frame.title));
      }
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style ?? '');
      for (const rule of sheet.cssRules) parts.add(rule.cssText.replace(/#[0-9a-f]{6}|\d+px/g, '…'));
    }
    return { parts: [...parts], titles };
  }, codes);
  await builder.close();
  const optional = /( autoplay| controls| lang| theme| variant)/g;
  expect(new Set(made.parts.map((part) => part.replace(optional, '')))).toEqual(
    new Set([
      'a href',
      'conf-listener room',
      'conf-listener { --conf-listener-accent: …; --conf-listener-on-accent: …; }',
      'conf-listener:not(:defined) { display: block; min-height: …; }',
      'conf-listener:not(:defined) { display: inline-block; vertical-align: middle; min-width: …; min-height: …; }',
      'iframe allow frameborder height loading referrerpolicy src title width',
      'link crossorigin href integrity rel',
      'script crossorigin integrity src type',
      'script crossorigin defer src',
      'script src type',
    ]),
  );
  expect(made.titles.map(asRead)).toEqual(
    codes.filter(({ iframe }) => iframe).map(({ title }) => asRead(`${title}, live audio`)),
  );
});

/** What HTML itself reads otherwise: line ends, the character 0, and halves of characters. */
function asRead(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\0|\p{Surrogate}/gu, '\u{FFFD}');
}
