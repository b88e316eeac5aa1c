import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OperatedRoom } from '../../relay/relay-status.ts';
import { launchChromium } from '../support/chromium.ts';
import { audienceOver, CONSOLE_KEY, ConsoleStage } from '../support/console-stage.ts';
import { idleRoom, liveRoom } from '../support/relay-status.ts';
import { PlayerPage } from '../support/player-page.ts';
import { until } from '../support/until.ts';
import { PAGES_DIR } from '../../relay/installation.ts';
import { House } from '../relay/house.ts';

/** What a browser complains of whatever a page does about it. */
const UNAVOIDABLE = /status of 401|ERR_CONNECTION_REFUSED/;

let browser: Browser;
const opened: { stage: ConsoleStage; visit: PlayerPage }[] = [];

beforeAll(async () => {
  browser = await launchChromium();
}, 60_000);

afterEach(async () => {
  for (const { stage, visit } of opened.splice(0)) {
    await visit.page.context().close();
    await stage.away();
  }
});

afterAll(() => browser?.close());

/** The console of a relay with these rooms, before the key is given. */
async function open(...rooms: OperatedRoom[]) {
  const stage = await ConsoleStage.open(...rooms);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const visit = await PlayerPage.open(context, stage.url);
  opened.push({ stage, visit });
  return { stage, visit, page: visit.page };
}

/** The same, once the rooms are seen. */
async function enter(...rooms: OperatedRoom[]) {
  const place = await open(...rooms);
  await giveKey(place.page, CONSOLE_KEY);
  await place.page.getByRole('article').first().waitFor();
  return place;
}

async function giveKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('Admin key').fill(key);
  await page.getByLabel('Admin key').press('Enter');
}

function cardOf(page: Page, title: string): Locator {
  return page.getByRole('article', { name: title });
}

/** With what it has now: the leg of a room in the middle of a conference. */
function legWith(more: Partial<OperatedRoom['leg']>): Partial<OperatedRoom> {
  const { leg } = liveRoom('any');
  return { leg: leg && { ...leg, ...more } };
}

describe('the key', () => {
  test('that is wrong is said so; the right one, with an ü, opens; a reload keeps it, and forgetting it does not', async () => {
    const { page, visit } = await open(liveRoom('allhands'));
    await giveKey(page, 'a wrong key');
    await page.getByText('The relay does not take this key.').waitFor();
    expect(await page.getByLabel('Admin key').evaluate((key) => document.activeElement === key)).toBe(true);
    await giveKey(page, CONSOLE_KEY);
    await cardOf(page, 'All hands').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Relay console');
    await page.reload();
    await cardOf(page, 'All hands').waitFor();
    await page.getByRole('button', { name: 'Forget key' }).click();
    await page.reload();
    await page.getByLabel('Admin key').waitFor();
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie])).toEqual([
      0,
      0,
      '',
    ]);
    expect(visit.addresses.filter((address) => address.includes('key'))).toEqual([]);
  });

  test('that is guessed 21 times makes the console say that it has to wait', async () => {
    const { page } = await open(liveRoom('allhands'));
    for (let n = 0; n < 21; n++) {
      await page
        .getByText('The relay does not take this key.')
        .waitFor({ state: n === 0 ? 'hidden' : 'visible' });
      const answered = page.waitForResponse(/status/);
      await giveKey(page, `guess ${n}`);
      await answered;
    }
    await page.getByText('Try again in a minute.').waitFor();
  });

  test('that is no longer taken brings the form back', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    await page.route('**/v1/status', (route) =>
      route.fulfill({ status: 401, json: { code: 'key-refused' } }),
    );
    await page.getByText('The relay does not take this key.').waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    expect(stage.looks).toBeGreaterThan(0);
  });

  test('may be a ticket, which shows its own room of 2', async () => {
    const { page } = await open(liveRoom('allhands'), idleRoom('board', { title: 'Board' }));
    await giveKey(page, 'for-board');
    await cardOf(page, 'Board').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });
});

describe('what is seen', () => {
  test('follows the relay within 2 s, without a click', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    const card = cardOf(page, 'All hands');
    await card.getByText('peak 530').waitFor();
    expect(await card.getByRole('meter').getAttribute('aria-valuenow')).toBe('-18');
    const { listeners } = liveRoom('allhands');
    stage.rooms = [
      liveRoom('allhands', {
        listeners: { ...listeners, now: 7, byTransport: { ...listeners.byTransport, websocket: 7 } },
        ...legWith({ levelDbfs: -31.4, sound: 'steady' }),
      }),
    ];
    stage.status = { hindrance: 'relay-full' };
    await card.getByText('loudness alone cannot tell which', { exact: false }).waitFor({ timeout: 2000 });
    expect(await card.getByRole('meter').getAttribute('aria-valuenow')).toBe('-31');
    expect(await card.getByText('WebSocket 7').count()).toBe(1);
    expect(await page.getByText('Nobody more can join').count()).toBe(1);
    stage.rooms = [idleRoom('allhands', { title: 'All hands' })];
    await card.getByText('Nobody listens, so there is no call.').waitFor({ timeout: 2000 });
    expect(await card.getByRole('meter').count()).toBe(0);
  });

  test('a time limit is told, warned of 4 min 2 s and loudly 40 s before; an opening hour as the local time', async () => {
    const opensAtMs = new Date().setHours(14, 0, 0, 0);
    const { page } = await enter(
      liveRoom('far', { title: 'Far', ...legWith({ endsInSec: 4000 }) }),
      liveRoom('near', { title: 'Near', ...legWith({ endsInSec: 242 }) }),
      liveRoom('now', { title: 'Now', ...legWith({ endsInSec: 40 }) }),
      idleRoom('closed', { title: 'Closed', opensAtMs }),
    );
    const limits = await page.locator('.limit').allInnerTexts();
    expect(limits).toEqual([
      'The phone platform’s time limit ends this call in 1 h 6 min.',
      'Time limit in 4 min 2 s. The relay is to call again before that.',
      'Time limit in 40 s. No other call has taken over yet: listeners may hear a gap.',
    ]);
    expect(await cardOf(page, 'Closed').getByText('Opens at').innerText()).toBe(
      'Opens at 14:00, as its schedule says.',
    );
  });

  test('an hour and a day of listeners are charts and tables; a day is asked for in 2 parts', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    stage.samples = audienceOver(24, Date.now());
    const card = cardOf(page, 'All hands');
    await card.getByRole('radio', { name: '6 h' }).check();
    await card.getByRole('img', { name: /^Listeners: at most \d+$/ }).waitFor();
    stage.queries = [];
    await card.getByRole('radio', { name: '24 h' }).check();
    // In it the relay was away three times, for 20 minutes.
    const curve = card.locator('.listeners .curve');
    await until('the day is there', async () => (await curve.getAttribute('d'))?.match(/M/g)?.length === 4);
    expect(stage.queries.map(({ fromMs, toMs, limit }) => [(toMs - fromMs) / 3_600_000, limit])).toEqual([
      [12, 1000],
      [12, 1000],
    ]);
    await card.getByText('The same as a table').click();
    expect(await card.getByRole('row').count()).toBeGreaterThan(130);
  });

  test('events are told newest first, in words, while they happen', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    const card = cardOf(page, 'All hands');
    const fields = { room: 'allhands', epoch: 7, end: 'lost' };
    stage.events = [{ atMs: Date.now() - 1000, level: 'info', event: 'leg.opened', fields }];
    await card.getByText('Events', { exact: true }).click();
    await card.getByText('Connected to the conference').waitFor();
    stage.events = [...stage.events, { atMs: Date.now(), level: 'warn', event: 'leg.closed', fields }];
    await card.getByText('Connection to the conference ended').waitFor();
    const lines = await card.getByRole('list', { name: 'Events' }).getByRole('listitem').allInnerTexts();
    expect(lines.map((line) => line.replace(/^[\d:]+\s+/, ''))).toEqual([
      'Warning: Connection to the conference ended end lost',
      'Connected to the conference end lost',
    ]);
    const time = card.getByRole('list', { name: 'Events' }).locator('time').first();
    expect(await time.getAttribute('title')).toBe(new Date(stage.events[1]?.atMs ?? 0).toISOString());
  });

  test('the history is a table of calls, and CSV to copy here or to fetch with a command', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const call = {
      room: 'allhands',
      epoch: 1,
      dialledMs: Date.now() - 3_600_000,
      placedMs: null,
      openedMs: null,
      closedMs: Date.now(),
      hungUpMs: null,
      leg: null,
      end: 'refused',
      code: 'busy',
      attempt: 1,
      peakListeners: 1234,
    };
    stage.calls = [call];
    const card = cardOf(page, 'All hands');
    await card.getByText('Calls and export').click();
    const row = card.getByRole('region', { name: 'Last calls' }).getByRole('row').nth(1);
    expect((await row.innerText()).split(/\s*\t\s*/).slice(1)).toEqual(['1 h', '1,234', 'refused busy']);
    await card.getByLabel('What').selectOption('Listeners, minute by minute');
    await card.getByRole('button', { name: 'Show', exact: true }).last().click();
    await card.getByRole('button', { name: 'Copy CSV' }).click();
    await card.getByText('Copied.').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(stage.csv);
    expect(await card.locator('pre').innerText()).toMatch(
      /^curl -OJH "Authorization: Bearer \$CONF_ADMIN_KEY" 'http:\/\/127\.0\.0\.1:\d+\/v1\/rooms\/allhands\/history\?kind=audience&format=csv&from=\d{4}-\d\d-\d\dT\d\d:00:00Z'$/,
    );
  });

  test('a relay without history shows no chart, and of one that cannot write it a warning', async () => {
    const { page, stage } = await open(liveRoom('allhands'));
    stage.status = { history: 'off' };
    await giveKey(page, CONSOLE_KEY);
    await page.getByText('No history is kept').waitFor();
    expect(await page.getByText('Last hours').count()).toBe(0);
    stage.status = {
      history: 'failing',
      historyBytes: null,
      problems: [{ atMs: Date.now(), event: 'history.failed', code: 'disk-full' }],
    };
    const relay = page.getByRole('region', { name: 'Relay' });
    await relay.getByText('The history cannot be written: see').waitFor();
    expect(await relay.getByRole('listitem').innerText()).toMatch(
      /^\d\d:\d\d:\d\d The history cannot be written disk-full$/,
    );
  });
});

describe('what is done', () => {
  test('with a room reaches the relay: call, hang up, send away, take tickets back; the last 3 are confirmed', async () => {
    const { page, stage } = await enter(
      liveRoom('allhands', { access: 'ticket' }),
      idleRoom('side', { title: 'Side' }),
    );
    await cardOf(page, 'Side').getByRole('button', { name: 'Call' }).click();
    await page.getByRole('status').getByText('Side: calling Side.').waitFor();
    expect(await cardOf(page, 'Side').getByRole('button', { name: 'Hang up' }).isDisabled()).toBe(true);
    const card = cardOf(page, 'All hands');
    for (const [name, verb] of [
      ['Hang up', 'Hang up'],
      ['Send listeners away', 'Send away'],
      ['Take tickets back', 'Take back'],
    ] as const) {
      for (const answer of ['Cancel', verb]) {
        await card.getByRole('button', { name }).click();
        await page.getByRole('dialog').getByText('412 listeners will').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: answer }).click();
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
      await until(`${name} is done`, async () => !(await card.getByRole('button', { name }).isDisabled()));
    }
    expect(stage.deeds).toEqual(['side call', 'allhands hang-up', 'allhands kick', 'allhands revoke']);
  });

  test('to a room without a call is no hanging up, and a publisher’s room has neither', async () => {
    const { page } = await enter(liveRoom('studio', { title: 'Studio', source: 'l16' }));
    const names = await cardOf(page, 'Studio').locator('.deeds > .buttons button').allInnerTexts();
    expect(names).toEqual(['Send listeners away', 'Copy embed code']);
  });

  test('a message is shown to listeners, and an empty one takes it back', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    const card = cardOf(page, 'All hands');
    await card.getByText('Message to listeners').click();
    const field = card.getByRole('textbox', { name: 'Message to listeners' });
    await field.fill('Back in five minutes – grüße');
    await field.press('Enter');
    await page.getByText('All hands: the message is shown.').waitFor();
    expect(await field.inputValue()).toBe('');
    await field.press('Enter');
    await page.getByText('All hands: the message is taken back.').waitFor();
    expect(stage.deeds).toEqual(['allhands announce "Back in five minutes – grüße"', 'allhands announce ""']);
  });

  test('and refused is said where it was tried, in the relay’s words', async () => {
    const { page, stage } = await enter(idleRoom('side', { title: 'Side' }));
    stage.verdict = 'already';
    await cardOf(page, 'Side').getByRole('button', { name: 'Call' }).click();
    await cardOf(page, 'Side').getByRole('alert').getByText('The room has a call already').waitFor();
  });

  test('the embed code and the call’s id are copied; the listen page is the public one', async () => {
    const { page } = await enter(liveRoom('allhands'));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const card = cardOf(page, 'All hands');
    const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
    await card.getByRole('button', { name: 'Copy embed code' }).click();
    await page.getByText('The embed code is copied.').waitFor();
    expect(await clipboard()).toContain('<conf-listener room="allhands">');
    expect(await clipboard()).toContain('https://relay.example/v1/conf-listener.js');
    await card.getByRole('button', { name: 'Copy the call’s id' }).click();
    await page.getByText('The call’s id is copied.').waitFor();
    expect(await clipboard()).toBe('63f61863-4a51-4f6b-86e1-46edebcf9356');
    expect(await card.getByRole('link', { name: 'Open listen page' }).getAttribute('href')).toBe(
      'https://relay.example/listen/allhands',
    );
  });

  test('by keyboard alone: the key, a hang-up that is called off and one that is meant', async () => {
    const { page, stage } = await open(liveRoom('allhands'));
    await page.getByLabel('Admin key').waitFor();
    await page.keyboard.type(CONSOLE_KEY);
    await page.keyboard.press('Enter');
    await page.getByRole('article').waitFor();
    const name = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.textContent?.trim().replace(/\s+/g, ' ') ?? '');
    const tabTo = async (text: string): Promise<void> => {
      for (let n = 0; n < 20 && (await name()) !== text; n++) await page.keyboard.press('Tab');
      expect(await name()).toBe(text);
    };
    await tabTo('Forget key');
    await tabTo('Hang up');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await name()).toBe('Cancel');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect([await name(), stage.deeds]).toEqual(['Hang up', []]);
    await page.keyboard.press('Space');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('All hands: hung up.').waitFor();
    expect([await name(), stage.deeds]).toEqual(['Hang up', ['allhands hang-up']]);
    stage.rooms = [idleRoom('allhands', { title: 'All hands' })];
    await page.getByText('so there is no call').waitFor();
    await page.keyboard.press('Enter');
    expect([await name(), await page.getByRole('dialog').count()]).toEqual(['Hang up', 0]);
    await tabTo('Last hours');
    await page.keyboard.press('Enter');
    expect(await page.locator('conf-console-past details[open]').count()).toBe(0);
  });
});

describe('a relay that is away', () => {
  test('leaves its last figures to be read and nothing to be pressed, and is taken up when it is back', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    const card = cardOf(page, 'All hands');
    await stage.away();
    await page
      .getByRole('alert')
      .getByText(/No answer from the relay since \d\d:\d\d:\d\d/)
      .waitFor();
    expect(await card.getByText('peak 530').count()).toBe(1);
    expect(await card.getByRole('button', { name: 'Hang up' }).isDisabled()).toBe(true);
    await stage.back();
    await page.getByText('No answer from the relay').waitFor({ state: 'hidden' });
    expect(await card.getByRole('button', { name: 'Hang up' }).isDisabled()).toBe(false);
  });

  test('from the start is said on the form, and tried on', async () => {
    const { page, stage } = await open(liveRoom('allhands'));
    await stage.away();
    await giveKey(page, CONSOLE_KEY);
    await page.getByText('The relay does not answer. Still trying…').waitFor();
    await stage.back();
    await cardOf(page, 'All hands').waitFor();
  });

  test('and a page that nobody sees: it asks nothing, and at once when it is seen again', async () => {
    const { page, stage } = await enter(liveRoom('allhands'));
    const hide = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await page.route('**/v1/status', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.waitForRequest(/status/);
    // In the middle of a question, whose answer still comes.
    await hide(true);
    await page.waitForResponse(/status/);
    const then = stage.looks;
    await page.waitForTimeout(2500);
    expect(stage.looks).toBe(then);
    await hide(false);
    await until('it looks again', () => stage.looks > then, 1000);
  });
});

test.each([
  ['light', 1280],
  ['dark', 390],
  ['light', 360],
  ['dark', 320],
] as const)(
  'in %s, %i px wide, everything open fits and breaks nothing of the policy',
  async (colorScheme, width) => {
    const { page, stage, visit } = await open(
      liveRoom('allhands', {
        title: 'Allhandsandeverybodyelsewhoisinterestedinthequarter',
        problems: [{ atMs: Date.now() - 9e8, event: 'vonage.hang-up-failed', code: 'ETIMEDOUT' }],
        ...legWith({ endsInSec: 40 }),
      }),
    );
    stage.samples = audienceOver(2, Date.now());
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    await giveKey(page, CONSOLE_KEY);
    await page.getByRole('article').waitFor();
    for (const name of ['Message to listeners', 'Events', 'Calls and export'])
      await page.getByText(name, { exact: true }).click();
    await page.getByText('The same as a table').click();
    await page.getByRole('button', { name: 'Send listeners away' }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    expect(
      await page.locator('.meter rect').evaluate((bar) => getComputedStyle(bar).transitionDuration),
    ).toBe('0s');
    expect((await visit.happened()).violations).toEqual([]);
    expect(visit.complaints.filter((complaint) => !UNAVOIDABLE.test(complaint))).toEqual([]);
  },
);

test('of a real relay: a publisher is seen and its level heard of, and a listener is sent away', async () => {
  const admin = { key: CONSOLE_KEY, port: 0 };
  const house = await House.open({ settings: { admin }, pagesDir: PAGES_DIR });
  const [mouth, ear] = [await house.publish(), await house.listen()];
  mouth.talk();
  const page = await browser.newPage();
  await page.goto(`${house.relay.adminUrl}/`);
  await giveKey(page, CONSOLE_KEY);
  const card = cardOf(page, 'All <hands>');
  await card.getByText('Sound from the conference reaches the listeners.').waitFor();
  await card.getByText('WebSocket 1').waitFor();
  // A tone of 8,000 of 32,768, whose power is half that of its peak.
  await until('the level is there', async () => {
    const level = Number(await card.getByRole('meter').getAttribute('aria-valuenow'));
    return level > -18 && level < -12;
  });
  await card.getByRole('button', { name: 'Send listeners away' }).click();
  await page.getByRole('button', { name: 'Send away' }).click();
  await page.getByText('the listeners are sent away.').waitFor();
  expect(await ear.end()).toBeGreaterThanOrEqual(4000);
  await card.getByText('Events', { exact: true }).click();
  await card.getByText('Operator: all listeners sent away').waitFor();
  await page.close();
  mouth.socket.close();
  await house.close();
});
