import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LANGUAGES as TRANSLATIONS } from '../../../component/i18n/languages.ts';
import { builderPage } from '../../../relay/http/builder-page.ts';
import {
  CONTROLS,
  LANGUAGES,
  THEMES,
  VARIANTS,
  WAYS,
  adviceOn,
  choicesOf,
  contrast,
  hashOf,
  pictureOn,
  type Choices,
} from '../../../relay/pages/builder-choices.ts';
import { attributesOf, codeOf, type Facts } from '../../../relay/pages/builder-code.ts';
import { HOSTILE_TEXT, anyColor, anyHash } from '../../support/builder-fields.ts';

const RELAY = 'https://relay.example';
const FILES = new Map(
  ['conf-listener.js', 'conf-session-BsqxPjo8.js', 'lang/de.js'].map((name) => [
    name,
    { url: `${RELAY}/v0.1.0/${name}`, integrity: `sha384-of-${name}` },
  ]),
);
const FACTS: Facts = { url: RELAY, files: FILES, title: 'All hands' };

function chosen(hash: string): Choices {
  return choicesOf(new URLSearchParams(hash));
}

describe('code', () => {
  test('of a room alone is the two lines, the space they take, two directives and the version with its checks', () => {
    const player =
      '<conf-listener room="allhands"><a href="https://relay.example/listen/allhands">Listen live</a></conf-listener>';
    expect(codeOf(chosen('room=allhands'), FACTS)).toEqual({
      script: `<script type="module" src="https://relay.example/v1/conf-listener.js"></script>\n${player}`,
      style: 'conf-listener:not(:defined) { display: block; min-height: 64px; }',
      policy: 'script-src https://relay.example;\nconnect-src https://relay.example wss://relay.example;',
      pinned: `<link rel="modulepreload" href="https://relay.example/v0.1.0/conf-session-BsqxPjo8.js" integrity="sha384-of-conf-session-BsqxPjo8.js" crossorigin="anonymous">
<script type="module" src="https://relay.example/v0.1.0/conf-listener.js" integrity="sha384-of-conf-listener.js" crossorigin="anonymous"></script>
${player}`,
      classic: `<script defer crossorigin="anonymous" src="https://relay.example/v1/conf-listener.iife.js"></script>\n${player}`,
    });
  });

  test('of a German dark card with two controls loads German, and says in the sheet what colours it has', () => {
    const code = codeOf(
      chosen('room=allhands&variant=card&theme=dark&lang=de&accent=fc0&controls=mute+meter&autoplay='),
      FACTS,
    );
    expect(code.script).toBe(
      `<script type="module" src="https://relay.example/v1/conf-listener.js"></script>
<script type="module" src="https://relay.example/v1/lang/de.js"></script>
<conf-listener room="allhands" variant="card" theme="dark" lang="de" controls="mute meter" autoplay><a href="https://relay.example/listen/allhands">Live mithören</a></conf-listener>`,
    );
    expect(code.style).toContain(
      'conf-listener { --conf-listener-accent: #ffcc00; --conf-listener-on-accent: #000000; }',
    );
    expect(code.pinned).toContain('lang/de.js" integrity="sha384-of-lang/de.js"');
    expect(code.classic).toContain(
      '<script defer crossorigin="anonymous" src="https://relay.example/v1/lang/de.js"></script>',
    );
  });

  test('of an iframe carries the four options that an address may have, and its room’s title', () => {
    const hash = 'way=iframe&room=allhands&variant=button&theme=light&lang=fr&accent=0b5cad';
    const address = 'https://relay.example/embed/allhands?variant=button&theme=light&lang=fr&accent=0b5cad';
    const { iframe, ...rest } = codeOf(chosen(hash), { ...FACTS, title: 'Q&A "live"' });
    expect(iframe).toMatch(
      `<iframe src="${address.replaceAll('&', '&amp;')}" title="Q&amp;A &quot;live&quot;, live audio" width="100%"`,
    );
    expect(iframe).toMatch(/<\/iframe>$/);
    expect(rest).toEqual({ frame: address, policy: 'frame-src https://relay.example;' });
  });

  test('of a link is one address, of oEmbed that and what the relay answers under it', () => {
    const link = 'https://relay.example/listen/allhands?theme=dark';
    expect(codeOf(chosen('way=link&room=allhands&theme=dark'), FACTS)).toEqual({ link });
    expect(codeOf(chosen('way=oembed&room=allhands&theme=dark'), FACTS)).toEqual({
      link,
      oembed: `https://relay.example/oembed?format=json&url=${encodeURIComponent(link)}`,
      policy: 'frame-src https://relay.example;',
    });
  });

  test('has no version with checks where one of its files is not known', () => {
    expect(codeOf(chosen('room=allhands'), { ...FACTS, files: undefined }).pinned).toBeUndefined();
    expect(codeOf(chosen('room=allhands&lang=pl'), FACTS).pinned).toBeUndefined();
  });

  test('in 1,000 hostile choices and answers holds only what it is meant to hold', () => {
    const attribute = String.raw`(?: [a-z]+(?:="[^"<>]*")?)*`;
    const html = new RegExp(
      String.raw`^(?:<link${attribute}>\n)?(?:<script${attribute}></script>\n)*<conf-listener${attribute}><a href="[^"<>]*">[^<>&]*</a></conf-listener>$`,
    );
    const shapes: Readonly<Record<string, RegExp>> = {
      script: html,
      pinned: html,
      classic: html,
      iframe: new RegExp(`^<iframe${attribute}></iframe>$`),
      frame: /^https:\/\/relay\.example\/embed\/[a-z0-9-]+(?:\?[a-z0-9=&]+)?$/,
      link: /^https:\/\/relay\.example\/listen\/[a-z0-9-]+(?:\?[a-z0-9=&]+)?$/,
      oembed: /^https:\/\/relay\.example\/oembed\?format=json&url=[\w%.-]+$/,
      style:
        /^conf-listener:not\(:defined\) \{ display: (?:block|inline-block; vertical-align: middle; min-width: 44px); min-height: \d+px; \}(?:\nconf-listener \{ (?:--[a-z-]+: #[0-9a-f]{6}; )+\})?$/,
      policy: /^(?:[a-z]+-src (?:https|wss):\/\/relay\.example(?: wss:\/\/relay\.example)?;\n?)+$/,
    };
    fc.assert(
      fc.property(anyHash(), HOSTILE_TEXT, HOSTILE_TEXT, (hash, title, integrity) => {
        const files = new Map([...FILES].map(([name, { url }]) => [name, { url: url + title, integrity }]));
        for (const [name, text] of Object.entries(codeOf(chosen(hash), { url: RELAY, files, title })))
          expect(text).toMatch(shapes[name] ?? 'a text of a known name');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('choices', () => {
  test('are the defaults where the address holds nothing, or nothing of ours', () => {
    const defaults = {
      room: undefined,
      variant: 'bar',
      theme: 'auto',
      lang: undefined,
      accent: undefined,
      controls: [...CONTROLS],
      autoplay: false,
      way: 'script',
    };
    expect(chosen('')).toEqual(defaults);
    expect(chosen('room=All%20Hands&variant=huge&theme=%22&lang=xx&accent=red&way=../etc')).toEqual(defaults);
  });

  test('come back as they were from the address they were written to, 1,000 times', () => {
    fc.assert(
      fc.property(anyHash(), (hash) => {
        const choices = chosen(hash);
        expect(chosen(hashOf(choices))).toEqual(choices);
      }),
      { numRuns: 1000 },
    );
  });

  test('of no control at all are not those of all controls', () => {
    expect(attributesOf(chosen('controls='))).toContainEqual(['controls', '']);
    expect(attributesOf(chosen(''))).toEqual([['room', 'your-room']]);
  });
});

describe('contrast', () => {
  test.each([
    ['#000000', '#ffffff', 21],
    ['#777777', '#ffffff', 4.48],
    ['#767676', '#ffffff', 4.54],
    ['#ff0000', '#ffffff', 4],
    ['#333333', '#ffffff', 12.63],
    ['#0b5cad', '#0b5cad', 1],
  ])('of %s and %s is %d', (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2);
    expect(contrast(other, one)).toBe(contrast(one, other));
  });

  test('of the picture chosen for any of 10,000 accents is at least 4.5', () => {
    fc.assert(
      fc.property(anyColor(), (accent) => contrast(accent, pictureOn(accent)) >= 4.5),
      { numRuns: 10_000 },
    );
  });

  test('is told of the backgrounds that the element has', () => {
    const sheet = readFileSync(
      join(import.meta.dirname, '../../../component/conf-listener.styles.ts'),
      'utf8',
    );
    expect(sheet).toContain('var(--conf-listener-background, light-dark(#fff, #1b1f24))');
  });
});

describe('advice', () => {
  test.each([
    ['nothing where all goes together', 'room=a', RELAY, { kind: 'open', title: 'A' }, []],
    [
      'that a private room’s tag needs a ticket',
      'room=a',
      RELAY,
      { kind: 'private' },
      [/wants a ticket/, /token-url/],
    ],
    [
      'that a private room’s frame needs one',
      'room=a&way=iframe',
      RELAY,
      { kind: 'private' },
      [/ticket/, /#ticket=/],
    ],
    [
      'that a private room has no oEmbed',
      'room=a&way=oembed',
      RELAY,
      { kind: 'private' },
      [/ticket/, /no private/],
    ],
    ['who can list a page', 'room=a', RELAY, { kind: 'origins' }, [/operator has listed/]],
    ['that there is no such room', 'room=a', RELAY, { kind: 'missing' }, [/no such room/]],
    ['that https pages do not load http', 'room=a', 'http://r', { kind: 'unknown' }, [/plain http/]],
    [
      'the ratio of a yellow to white',
      'accent=fc0&theme=light',
      RELAY,
      { kind: 'unknown' },
      [/light.*1\.5:1/],
    ],
    ['no ratio where it is enough', 'accent=fc0&theme=dark', RELAY, { kind: 'unknown' }, []],
    [
      'the ratio never rounded up to 4.5',
      'accent=777&theme=light',
      RELAY,
      { kind: 'unknown' },
      [/is 4\.4:1/],
    ],
    [
      'that no colour suits both themes',
      'accent=0b5cad',
      RELAY,
      { kind: 'unknown' },
      [/dark.*2\.\d:1/, /choose/],
    ],
    ['what an address cannot carry', 'way=link&controls=mute', RELAY, { kind: 'unknown' }, [/only/]],
    ['what autoplay waits for', 'autoplay=', RELAY, { kind: 'unknown' }, [/first click or key/]],
    ['that a button has no controls', 'variant=button&controls=mute', RELAY, { kind: 'unknown' }, [/alone/]],
  ] as const)('is %s', (_, hash, url, answer, expected) => {
    const advice = adviceOn(chosen(hash), url, answer);
    expect(advice).toEqual(expected.map((words) => expect.stringMatching(words)));
  });
});

describe('the page', () => {
  const page = builderPage(RELAY);
  const values = (name: string): string[] =>
    [...page.matchAll(new RegExp(`name="${name}" value="([^"]+)"`, 'g'))].map(([, value]) => value ?? '');

  test('offers exactly what its script knows, and the languages that the player has', () => {
    expect([values('variant'), values('theme'), values('way'), values('controls')]).toEqual(
      [VARIANTS, THEMES, WAYS, CONTROLS].map((names) => [...names]),
    );
    const options = [...page.matchAll(/<option value="([^"]+)"/g)].map(([, value]) => value);
    expect(options).toEqual([...LANGUAGES]);
    expect(new Set(LANGUAGES)).toEqual(new Set(['en', ...Object.keys(TRANSLATIONS)]));
  });

  test('has a place for every text that its script makes, and no other', () => {
    const made = WAYS.flatMap((way) => Object.keys(codeOf(chosen(`way=${way}&room=a`), FACTS)));
    const places = [...page.matchAll(/data-code="([a-z]+)"/g)].map(([, name]) => name);
    expect(new Set(places)).toEqual(new Set(made));
  });

  test('runs under its policy: no style and no script in its text', () => {
    expect(page).not.toMatch(/ style=|<style|<script(?![^>]* src=)| on[a-z]+=/);
  });

  test('writes the relay’s address as text, whatever it holds', () => {
    expect(builderPage('https://"><script>')).toContain('data-relay="https://&#34;&#62;&#60;script&#62;"');
  });
});
