import { expect, test } from 'vitest';
import { de } from '../../component/i18n/de.ts';
import { en } from '../../component/i18n/en.ts';
import { pl } from '../../component/i18n/pl.ts';
import type { Strings } from '../../component/i18n/strings.ts';

// What is marked as an error below is one that `tsc -b` must find; where it finds none, the mark is the error.

test('a language without one of the texts fails the type check', () => {
  const { goLive, ...rest } = de;
  // @ts-expect-error: goLive is missing
  const short: Strings<'one'> = rest;
  const { ended, ...states } = de.status;
  // @ts-expect-error: status.ended is missing
  const shorter: Strings<'one'> = { ...de, status: states };
  expect([goLive, ended, 'goLive' in short, 'ended' in shorter.status]).toEqual([
    de.goLive,
    de.status.ended,
    false,
    false,
  ]);
});

test('a plural form that the language lacks fails the type check, and so does one that it cannot have', () => {
  // @ts-expect-error: Polish numbers ask for few and many, which English has not
  const english: Strings<'one' | 'few' | 'many'> = en;
  const { few, ...forms } = pl.behind;
  // @ts-expect-error: behind.few is missing
  const fewless: Strings<'one' | 'few' | 'many'> = { ...pl, behind: forms };
  // @ts-expect-error: English numbers never ask for two
  const dual: Strings<'one'> = { ...en, listening: { one: '{n}', two: '{n}', other: '{n}' } };
  expect([few, english.behind, 'few' in fewless.behind, 'two' in dual.listening]).toEqual([
    pl.behind.few,
    en.behind,
    false,
    true,
  ]);
});

test('a language of any plural forms is one that the player takes', () => {
  const taken: readonly Strings[] = [en, de, pl];
  expect(taken).toHaveLength(3);
});
