/** How a page shows the player. Undefined is what the page chooses by itself. */
export interface PageOptions {
  variant?: (typeof VARIANTS)[number] | undefined;
  theme?: (typeof THEMES)[number] | undefined;
  /** One of the languages that the player speaks. */
  lang?: string | undefined;
  /** `rgb` or `rrggbb`, lower case hex digits. */
  accent?: string | undefined;
}

const VARIANTS = ['bar', 'card', 'button'] as const;
const THEMES = ['auto', 'light', 'dark'] as const;
const COLOR = /^(?:[0-9a-f]{3}|[0-9a-f]{6})$/;
/** At this luminance black and white stand out alike (WCAG 2.2, "contrast ratio"). */
const MIDDLE_LUMINANCE = 0.179;

/** The options in an address. What is unknown or wrong is left out: an old address goes on working. Never CSS. */
export function pageOptions(query: URLSearchParams, languages: readonly string[]): PageOptions {
  const accent = query.get('accent')?.toLowerCase();
  return {
    variant: VARIANTS.find((one) => one === query.get('variant')),
    theme: THEMES.find((one) => one === query.get('theme')),
    lang: languages.find((one) => one === query.get('lang')),
    accent: accent !== undefined && COLOR.test(accent) ? accent : undefined,
  };
}

/** Options as they stand in an address, with their `?`; '' where there are none. */
export function queryOf({ variant, theme, lang, accent }: PageOptions): string {
  const given = Object.entries({ variant, theme, lang, accent });
  const query = new URLSearchParams();
  for (const [name, value] of given) if (value !== undefined) query.set(name, value);
  return query.size > 0 ? `?${query.toString()}` : '';
}

/** The accent as CSS writes it, and black or white, whichever is read better on it. */
export function accentColors(accent: string): { accent: string; onAccent: '#000' | '#fff' } {
  const digits = accent.replace(/^(.)(.)(.)$/, '$1$1$2$2$3$3');
  const part = (at: number): number => linear(Number.parseInt(digits.slice(at, at + 2), 16) / 255);
  const luminance = 0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4);
  return { accent: `#${accent}`, onAccent: luminance > MIDDLE_LUMINANCE ? '#000' : '#fff' };
}

/** A part of an sRGB colour, 0…1, as light (WCAG 2.2, "relative luminance"). */
function linear(part: number): number {
  return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
