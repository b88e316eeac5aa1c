import { describe, expect, test } from 'vitest';
import { accentColors, pageOptions, queryOf } from '../../../relay/http/page-options.ts';

const read = (query: string) => pageOptions(new URLSearchParams(query), ['en', 'de']);

describe('the options of an address', () => {
  test('are variant, theme, language and accent, and go back into an address as they came', () => {
    const options = { variant: 'card', theme: 'dark', lang: 'de', accent: '0b5cad' };
    expect(read('variant=card&theme=dark&lang=de&accent=0b5cad')).toEqual(options);
    expect(queryOf(read('accent=0B5CAD&lang=de&theme=dark&variant=card&css=x'))).toBe(
      '?variant=card&theme=dark&lang=de&accent=0b5cad',
    );
    expect(queryOf(read('accent=f0A'))).toBe('?accent=f0a');
  });

  test.each([
    '',
    'variant=huge',
    'variant=',
    'theme=DARK',
    'lang=fr',
    'lang=../de',
    'accent=%230b5cad',
    'accent=0b5c',
    'accent=red',
    'accent=fff;x:url(//evil)',
    'accent=fff%0a',
    'variant=__proto__&theme=constructor&lang=toString',
    'css=body{}&style=x&class=y',
  ])('that are none, as in "%s", are left out', (query) => {
    expect(queryOf(read(query))).toBe('');
  });
});

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = (hex.match(hex.length === 4 ? /\w/g : /\w\w/g) ?? [])
    .map((digits) => digits.padEnd(2, digits))
    .map((part) => Number.parseInt(part, 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('on each of 4096 accents the picture has a contrast of at least 4.5', () => {
  for (let at = 0; at < 4096; at++) {
    const { accent, onAccent } = accentColors(at.toString(16).padStart(3, '0'));
    expect(contrast(accent, onAccent)).toBeGreaterThanOrEqual(4.5);
  }
  expect(accentColors('0b5cad')).toEqual({ accent: '#0b5cad', onAccent: '#fff' });
  expect(accentColors('ffff00')).toEqual({ accent: '#ffff00', onAccent: '#000' });
});
