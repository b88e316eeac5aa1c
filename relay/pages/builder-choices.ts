import { parseRoomId, type RoomId } from '../../wire/room-id.ts';

export const VARIANTS = ['bar', 'card', 'button'] as const;
export const THEMES = ['auto', 'light', 'dark'] as const;
/** Those the player speaks; English needs no script of its own. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', 'pl', 'ja', 'zh', 'ar'] as const;
/** Those the player shows by default. */
export const CONTROLS = ['mute', 'volume', 'meter', 'count', 'live', 'captions'] as const;
export const WAYS = ['script', 'iframe', 'link', 'oembed'] as const;

/** What is behind the player's own colours. */
const BACKGROUNDS = { light: '#ffffff', dark: '#1b1f24' } as const;
/** Of words, for one button's are in the accent: WCAG 2.2, success criterion 1.4.3. */
const MIN_CONTRAST = 4.5;

const TICKET_ADVICE: Readonly<Record<Way, string>> = {
  script: 'Give the tag a token-url, an address of your own server that gives tickets, or a token.',
  iframe: 'Put the ticket of a personal link behind the address, as #ticket=…; whoever has it can listen.',
  link: 'Paste the personal link that the operator gives you; whoever has it can listen.',
  oembed: 'A page that is made from a pasted address shows no private room: use script and tag.',
};

export type Variant = (typeof VARIANTS)[number];
export type Theme = (typeof THEMES)[number];
export type Language = (typeof LANGUAGES)[number];
export type Control = (typeof CONTROLS)[number];
export type Way = (typeof WAYS)[number];

/** What somebody wants the player to be, and how it is to come onto the page. */
export interface Choices {
  /** Undefined: nothing is typed yet, or what is typed is no room id. */
  room: RoomId | undefined;
  variant: Variant;
  theme: Theme;
  /** Undefined: the language of the page around it. */
  lang: Language | undefined;
  /** `#rrggbb`; undefined: the player's own. */
  accent: string | undefined;
  controls: readonly Control[];
  autoplay: boolean;
  way: Way;
}

/** What is known of the room: nothing, or what its status says to somebody without a ticket. */
export type RoomAnswer =
  | { kind: 'unknown' }
  | { kind: 'open'; title: string }
  /** It wants a ticket; a relay with such a room says so of one that does not exist, too. */
  | { kind: 'private' }
  /** It plays on pages of the origins that its operator has listed. */
  | { kind: 'origins' }
  | { kind: 'missing' };

/** Choices as the form and the address after its `#` write them; whatever is none of ours counts as not chosen. */
export function choicesOf(fields: URLSearchParams): Choices {
  const controls = fields.getAll('controls').flatMap((text) => text.split(' '));
  return {
    room: parseRoomId((fields.get('room') ?? '').trim()),
    variant: oneOf(VARIANTS, fields.get('variant')) ?? 'bar',
    theme: oneOf(THEMES, fields.get('theme')) ?? 'auto',
    lang: oneOf(LANGUAGES, fields.get('lang')),
    accent: colorOf(fields.get('accent') ?? ''),
    controls: fields.has('controls') ? CONTROLS.filter((name) => controls.includes(name)) : CONTROLS,
    autoplay: fields.has('autoplay'),
    way: oneOf(WAYS, fields.get('way')) ?? 'script',
  };
}

/** The choices as they stand after the `#` of an address: only those that differ from the default. */
export function hashOf({ room, variant, theme, lang, accent, controls, autoplay, way }: Choices): string {
  const fields = new URLSearchParams();
  if (room) fields.set('room', room);
  if (variant !== 'bar') fields.set('variant', variant);
  if (theme !== 'auto') fields.set('theme', theme);
  if (lang) fields.set('lang', lang);
  if (accent) fields.set('accent', accent.slice(1));
  if (!isEvery(controls)) fields.set('controls', controls.join(' '));
  if (autoplay) fields.set('autoplay', '');
  if (way !== 'script') fields.set('way', way);
  return fields.toString();
}

/** Whether all controls are chosen, which is the player's default. */
export function isEvery(controls: readonly Control[]): boolean {
  return controls.length === CONTROLS.length;
}

/** `#rgb` or `#rrggbb`, with or without `#`, as `#rrggbb`; undefined for anything else. */
export function colorOf(text: string): string | undefined {
  const [, digits = ''] = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim()) ?? [];
  if (digits === '') return undefined;
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`.toLowerCase();
}

/** Contrast of two colours `#rrggbb`, 1 to 21. WCAG 2.2, "contrast ratio". */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Black or white for the picture on an accent `#rrggbb`, whichever is told better from it: at least 4.5. */
export function pictureOn(accent: string): string {
  return contrast(accent, '#ffffff') < contrast(accent, '#000000') ? '#000000' : '#ffffff';
}

/** What in the choices does not go together or has a condition, as sentences, the gravest first. */
export function adviceOn(choices: Choices, relayUrl: string, answer: RoomAnswer): string[] {
  const { way, controls, autoplay, variant } = choices;
  const byAddress = way !== 'script';
  const advice = [...adviceOnRoom(answer, way), ...adviceOnAccent(choices)];
  if (relayUrl.startsWith('http:'))
    advice.push(
      'This relay is reached by plain http: an https page cannot load from it. It needs TLS in front.',
    );
  if (byAddress && (autoplay || !isEvery(controls)))
    advice.push(
      'Controls and autoplay go with script and tag only: the relay’s own pages show everything and wait for a click.',
    );
  if (!byAddress && autoplay)
    advice.push(
      'Browsers refuse sound before the first click or key on a page: the player then starts with that.',
    );
  if (variant === 'button' && !byAddress && !isEvery(controls))
    advice.push('The button stands alone: it shows none of the controls.');
  return advice;
}

function adviceOnAccent({ accent, theme }: Choices): string[] {
  if (accent === undefined) return [];
  const themes = theme === 'auto' ? (['light', 'dark'] as const) : [theme];
  const faint = themes
    .map((name) => ({ name, background: BACKGROUNDS[name], ratio: contrast(accent, BACKGROUNDS[name]) }))
    .filter(({ ratio }) => ratio < MIN_CONTRAST)
    .map(
      ({ name, background, ratio }) =>
        `The accent’s contrast to the ${name} background (${background}) is ${ratioText(ratio)}; what is written in it needs ${MIN_CONTRAST}:1.`,
    );
  if (faint.length > 0 && theme === 'auto') faint.push('No colour has that on both: choose light or dark.');
  return faint;
}

function adviceOnRoom(answer: RoomAnswer, way: Way): string[] {
  switch (answer.kind) {
    case 'unknown':
    case 'open':
      return [];
    case 'private':
      return [
        'This room wants a ticket, or there is no such room: ask the relay’s operator.',
        TICKET_ADVICE[way],
      ];
    case 'origins':
      return ['This room plays only on pages that the relay’s operator has listed: have yours added.'];
    case 'missing':
      return ['There is no such room on this relay. Check the name with its operator.'];
    default:
      return answer satisfies never;
  }
}

/** WCAG's luminance of sRGB. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** With one digit, never rounded up to what would be enough. */
function ratioText(ratio: number): string {
  return `${(Math.floor(ratio * 10) / 10).toFixed(1)}:1`;
}

function oneOf<Name extends string>(names: readonly Name[], text: string | null): Name | undefined {
  return names.find((name) => name === text);
}
