import { afterAll, beforeAll, expect, test } from 'vitest';
import { StatesPage } from '../support/player-states.ts';
import { SceneStage } from '../support/scene-stage.ts';

/** What a player has said, oldest first: by which of its two live regions, and for how long it stood there, s. */
interface Said {
  role: string;
  text: string;
  forSec: number;
}

let stage: SceneStage;
let states: StatesPage;
let said: Record<string, Said[]>;

beforeAll(async () => {
  stage = await SceneStage.open();
  const names = ['connecting', 'waiting', 'live', 'silent', 'buffering', 'reconnecting', 'ended', 'error'];
  const all = [...names, 'captions', 'crowd', 'behind'];
  states = await StatesPage.open(stage, Object.fromEntries(all.map((name) => [name, {}])));
  await states.page.evaluate(() => {
    const heard: Record<string, unknown[]> = {};
    Reflect.set(window, 'heard', heard);
    for (const { id, shadowRoot } of document.querySelectorAll('conf-listener')) {
      const list: unknown[] = (heard[id] = []);
      for (const region of shadowRoot?.querySelectorAll('.spoken') ?? []) {
        let saying: { role: string | null; text: string; atMs: number } | undefined;
        new MutationObserver(() => {
          const { textContent: text } = region;
          const nowMs = performance.now();
          if (saying) list.push({ ...saying, forSec: Math.round((nowMs - saying.atMs) / 1000) });
          saying = text ? { role: region.getAttribute('role'), text, atMs: nowMs } : undefined;
        }).observe(region, { childList: true, characterData: true, subtree: true });
      }
    }
  });
  await states.play();
  await states.settle();
  await states.page.locator('#captions .captions').click();
  await states.quiet();
  said = await states.page.evaluate(() => Reflect.get(window, 'heard'));
}, 60_000);

afterAll(() => stage?.close());

test.each([
  ['connecting', ['status: Connecting… 3 s']],
  ['waiting', ['status: Waiting for the host to start 3 s']],
  ['live', ['status: Live 3 s']],
  ['silent', ['status: Live 3 s']],
  ['reconnecting', ['status: Connection lost. Reconnecting… 3 s']],
  ['ended', ['status: The session has ended 3 s']],
  ['error', ['alert: You are not admitted to this session. Ask for a new link 3 s']],
])('what is %s is said once, by one region, and stands for 3 s', (name, expected) => {
  expect(said[name]?.map(({ role, text, forSec }) => `${role}: ${text} ${forSec} s`)).toEqual(expected);
});

test('who buffers hears so after the word Live', () => {
  expect(said['buffering']?.map(({ text }) => text)).toEqual(['Live', 'Buffering…']);
});

test.each(['captions', 'crowd', 'behind'])(
  'of a room with %s only the state is said: no count of listeners, no captions, no seconds',
  (name) => {
    expect(said[name]?.map(({ text }) => text)).toEqual(['Live']);
  },
);

test('a player has one status and one alert, and its captions, count and meter are in no live region', async () => {
  const found = await states.page.evaluate(() =>
    [...document.querySelectorAll('conf-listener')].map(({ shadowRoot }) => {
      const count = (selector: string): number => shadowRoot?.querySelectorAll(selector).length ?? NaN;
      const live = '[role=status], [role=alert], [role=log], [role=timer], [aria-live], output';
      const inside = ['.lines', '.count', '.meter', '.status'].filter(
        (selector) => shadowRoot?.querySelector(selector)?.closest(live) !== null,
      );
      return [count('[role=status]'), count('[role=alert]'), count(live), inside.join(' ')];
    }),
  );
  for (const [statuses, alerts, regions] of found) expect([statuses, alerts, regions]).toEqual([1, 1, 2]);
  expect(found.map(([, , , inside]) => inside).filter((inside) => inside && inside !== '.lines')).toEqual([]);
  expect(await states.page.locator('#captions .lines').count()).toBe(1);
});
