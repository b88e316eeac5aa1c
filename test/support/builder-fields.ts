import fc from 'fast-check';
import { CONTROLS, LANGUAGES, THEMES, VARIANTS, WAYS } from '../../relay/pages/builder-choices.ts';

/** What somebody writes who wants out of an attribute, an element, a rule or an address; or anything else. */
export const HOSTILE_TEXT = fc.oneof(
  fc.constantFrom(
    '"><script>alert(1)</script>',
    "' onload='alert(1)",
    '</iframe><img src=x onerror=alert(1)>',
    '<!--',
    ']]>',
    '#fff;} * { display: none',
    'red); background: url(//evil.tld',
    'javascript:alert(1)',
    '//evil.tld/',
    '../../admin',
    'a\r\nSet-Cookie: b=c',
    '&quot;&lt;',
    '\u{0}\u{2028}\u{202E}\u{D800}',
  ),
  fc.string({ unit: 'binary' }),
);

/** The builder's address behind its `#`: each field right, hostile or absent. */
export function anyHash(): fc.Arbitrary<string> {
  const field = (...right: readonly string[]): fc.Arbitrary<string | undefined> =>
    fc.option(fc.oneof(fc.constantFrom(...right), HOSTILE_TEXT), { nil: undefined });
  const controls = fc.subarray([...CONTROLS]).map((names) => names.join(' '));
  return fc
    .record({
      room: field('allhands', 'a', '9-to-5'),
      variant: field(...VARIANTS),
      theme: field(...THEMES),
      lang: field(...LANGUAGES),
      accent: field('0b5cad', '#FFcc00', 'fc0'),
      controls: fc.option(fc.oneof(controls, HOSTILE_TEXT), { nil: undefined }),
      autoplay: field(''),
      way: field(...WAYS),
    })
    .map((fields) => {
      const hash = new URLSearchParams();
      for (const [name, text] of Object.entries(fields)) if (text !== undefined) hash.set(name, text);
      return hash.toString();
    });
}

/** `#rrggbb`. */
export function anyColor(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 0xff_ff_ff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
}
