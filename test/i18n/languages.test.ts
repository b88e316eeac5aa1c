import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en } from '../../component/i18n/en.ts';
import { LANGUAGES } from '../../component/i18n/languages.ts';
import { counted, type Strings } from '../../component/i18n/strings.ts';

const NUMBERS = [0, 1, 2, 3, 5, 11, 21, 100, 1234];
const COUNTED = ['listening', 'behind'] as const;

/** Every text of a language by its path, such as `status.idle`; the forms of a plural share one path. */
function textsOf(strings: Strings): { path: string; text: string }[] {
  const walk = (value: object | string, path: string[]): { path: string; text: string }[] => {
    if (typeof value === 'string') return [{ path: path.join('.'), text: value }];
    const plural = path.length === 1 && 'other' in value;
    return Object.entries(value).flatMap(([key, inner]) => walk(inner, plural ? path : [...path, key]));
  };
  return walk(strings, []);
}

/** English by path; of a plural, the form of most numbers, which is the last. */
const ENGLISH = new Map(textsOf(en).map(({ path, text }) => [path, text]));

/** The same word in both languages. */
const LOANWORDS: Readonly<Record<string, readonly string[]>> = {
  de: ['status.live'],
  nl: ['status.live', 'volume'],
  fr: ['volume'],
  it: ['volume'],
  pt: ['volume'],
};

/** Names of buttons that show an icon: heard, or read in a tip with room of its own. */
const ICON_NAMES = ['mute', 'unmute'];
const ICON_NAME_COLUMNS = 17;
/** Room that the shortest text has, too. */
const LEAST_COLUMNS = 10;

/** What a text takes up, in widths of a Latin letter: a Han or Kana sign takes two, a vowel mark none. */
function columnsOf(text: string): number {
  const bare = text.replace(/\p{Mn}/gu, '');
  return bare.length + (bare.match(/[\u3000-\u9fff\uff00-\uff60]/g) ?? []).length;
}

function columnsAllowed(path: string): number {
  if (ICON_NAMES.includes(path)) return ICON_NAME_COLUMNS;
  const columns = columnsOf(ENGLISH.get(path) ?? '');
  return Math.max(LEAST_COLUMNS, columns * (columns <= 12 ? 2 : 1.6));
}

function placeholdersOf(text: string): string {
  return (text.match(/\{[^}]*\}?|\}/g) ?? []).join();
}

/** Categories that one number only belongs to, so that its word may stand for the number. */
function categoriesOfOneNumber(tag: string): Set<string> {
  const rules = new Intl.PluralRules(tag);
  const times = new Map<string, number>();
  for (let n = 0; n <= 210; n++) {
    const category = rules.select(n);
    times.set(category, (times.get(category) ?? 0) + 1);
  }
  return new Set([...times].filter(([, count]) => count === 1).map(([category]) => category));
}

test('the ten languages are those with a file, and Intl knows each', () => {
  const files = readdirSync(join(import.meta.dirname, '../../component/i18n'));
  const tags = Object.keys(LANGUAGES);
  expect(tags).toHaveLength(10);
  expect(['en', ...tags].map((tag) => `${tag}.ts`).toSorted()).toEqual(
    files.filter((file) => /^[a-z]{2}\.ts$/.test(file)).toSorted(),
  );
  expect(Intl.PluralRules.supportedLocalesOf(tags)).toEqual(tags);
  expect(Intl.NumberFormat.supportedLocalesOf(tags)).toEqual(tags);
});

describe.each(Object.entries(LANGUAGES))('%s', (tag, strings) => {
  test('has exactly the plural forms its numbers ask for', () => {
    const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
    for (const name of COUNTED) {
      expect(Object.keys(strings[name]).toSorted(), name).toEqual(pluralCategories.toSorted());
    }
  });

  test('keeps every placeholder of the English once and has no other', () => {
    const spoken = categoriesOfOneNumber(tag);
    const wordy = COUNTED.flatMap((name) =>
      Object.entries(strings[name]).flatMap(([category, text]) => (spoken.has(category) ? [text] : [])),
    );
    const wrong = textsOf(strings).filter(({ path, text }) => {
      const found = placeholdersOf(text);
      return found !== placeholdersOf(ENGLISH.get(path) ?? '') && !(found === '' && wordy.includes(text));
    });
    expect(wrong).toEqual([]);
  });

  test('has all the texts, none of them empty or left in English', () => {
    const texts = textsOf(strings);
    expect([...new Set(texts.map(({ path }) => path))].toSorted()).toEqual([...ENGLISH.keys()].toSorted());
    const same = texts.filter(({ path, text }) => text.trim() === '' || text === ENGLISH.get(path));
    expect(same.map(({ path }) => path).toSorted()).toEqual((LOANWORDS[tag] ?? []).toSorted());
  });

  test('is at most 1.6 times as wide as the English, 2 times where that has 12 letters or fewer', () => {
    const wide = textsOf(strings).filter(({ path, text }) => columnsOf(text) > columnsAllowed(path));
    expect(wide).toEqual([]);
  });

  test('has no typewriter signs, no stray spaces, and its own space before an ellipsis', () => {
    const beforeEllipsis = tag === 'de' ? /[^\u00a0]…/ : /\s…/;
    const wrong = textsOf(strings).filter(
      ({ text }) =>
        /['"`]|\.\.|--|\s\s|^\s|\s$|[.。]$/.test(text) ||
        beforeEllipsis.test(text) ||
        (tag === 'fr' && /[^\u202f][:;!?]/.test(text)) ||
        text !== text.normalize('NFC'),
    );
    expect(wrong).toEqual([]);
  });

  test('has a form with its number for every number from 0 to 210', () => {
    const wordy = categoriesOfOneNumber(tag);
    const rules = new Intl.PluralRules(tag);
    for (let n = 0; n <= 210; n++) {
      for (const name of [...COUNTED, 'attempt'] as const) {
        const text = counted({ tag, strings }, name, n);
        expect(text).not.toMatch(/[{}]/);
        if (!wordy.has(rules.select(n))) expect(text).toContain(new Intl.NumberFormat(tag).format(n));
      }
    }
  });
});

test.each(['ja', 'zh', 'ar'])('%s is written in its own signs, with no Latin letter left', (tag) => {
  const strings = LANGUAGES[tag];
  const latin = strings && textsOf(strings).filter(({ text }) => /[a-z]/i.test(text.replace(/\{\w+\}/g, '')));
  expect(latin).toEqual([]);
});

test.each<[string, (typeof COUNTED)[number], string[]]>([
  [
    'de',
    'listening',
    [
      '0 hören zu',
      '1 hört zu',
      '2 hören zu',
      '3 hören zu',
      '5 hören zu',
      '11 hören zu',
      '21 hören zu',
      '100 hören zu',
      '1.234 hören zu',
    ],
  ],
  [
    'fr',
    'behind',
    [
      '0 seconde',
      '1 seconde',
      '2 secondes',
      '3 secondes',
      '5 secondes',
      '11 secondes',
      '21 secondes',
      '100 secondes',
      '1\u202f234 secondes',
    ].map((delay) => `En direct, ${delay} de retard`),
  ],
  [
    'pl',
    'listening',
    [
      'słucha 0 osób',
      'słucha 1 osoba',
      'słuchają 2 osoby',
      'słuchają 3 osoby',
      'słucha 5 osób',
      'słucha 11 osób',
      'słucha 21 osób',
      'słucha 100 osób',
      'słuchają 1234 osoby',
    ],
  ],
  [
    'pl',
    'behind',
    [
      '0 sekund',
      '1 sekunda',
      '2 sekundy',
      '3 sekundy',
      '5 sekund',
      '11 sekund',
      '21 sekund',
      '100 sekund',
      '1234 sekundy',
    ].map((delay) => `Na żywo, ${delay} opóźnienia`),
  ],
  [
    'ar',
    'listening',
    [
      'لا مستمعين',
      'مستمع واحد',
      'مستمعان',
      '3 مستمعين',
      '5 مستمعين',
      '11 مستمعًا',
      '21 مستمعًا',
      '100 مستمع',
      '1,234 مستمعًا',
    ],
  ],
  [
    'ar',
    'behind',
    [
      'دون تأخير',
      'بتأخير ثانية واحدة',
      'بتأخير ثانيتين',
      'بتأخير 3 ثوانٍ',
      'بتأخير 5 ثوانٍ',
      'بتأخير 11 ثانية',
      'بتأخير 21 ثانية',
      'بتأخير 100 ثانية',
      'بتأخير 1,234 ثانية',
    ].map((delay) => `مباشر، ${delay}`),
  ],
  ['ja', 'listening', ['0', '1', '2', '3', '5', '11', '21', '100', '1,234'].map((n) => `${n}人が聴取中`)],
])('%s, %s: 0, 1, 2, 3, 5, 11, 21, 100 and 1,234 as a native writes them', (tag, name, expected) => {
  const strings = LANGUAGES[tag];
  if (!strings) throw new Error(`no language ${tag}`);
  expect(NUMBERS.map((n) => counted({ tag, strings }, name, n))).toEqual(expected);
});

test('1.5 seconds in Polish ask for the singular of a fraction, and a million in French for “de”', () => {
  const { fr, pl } = LANGUAGES;
  if (!fr || !pl) throw new Error('no French or Polish');
  expect(counted({ tag: 'pl', strings: pl }, 'behind', 1.5)).toBe('Na żywo, 1,5 sekundy opóźnienia');
  expect(counted({ tag: 'fr', strings: fr }, 'behind', 1e6)).toBe(
    'En direct, 1\u202f000\u202f000 de secondes de retard',
  );
});
