import { isEvery, pictureOn, type Choices, type Language, type Variant } from './builder-choices.ts';

/** A file of the player as `/embed.json` tells of it. */
export interface EmbedFile {
  /** Absolute address that never changes what it names. */
  url: string;
  /** `sha384-…`. */
  integrity: string;
}

/** What the relay says of itself. */
export interface Facts {
  /** Its origin as browsers see it. */
  url: string;
  /** The player's files by name; undefined where they are not known. */
  files: ReadonlyMap<string, EmbedFile> | undefined;
  /** The room's title, where everybody may know it. */
  title: string | undefined;
}

/** Texts to copy, by what they are; what the chosen way does not need is absent. */
export interface Code {
  /** Script and tag. */
  script?: string;
  /** The same with a version that never changes and whose contents the browser checks. */
  pinned?: string;
  /** The same for a CMS that does not take module scripts. */
  classic?: string;
  /** For the page's sheet. */
  style?: string;
  iframe?: string;
  /** Address of the frame alone. */
  frame?: string;
  /** Address of the room's page. */
  link?: string;
  /** Address that answers what a pasted link becomes. */
  oembed?: string;
  /** What the page's Content-Security-Policy needs beside what it has. */
  policy?: string;
}

/** Pixels that the player is high before it is there, by variant. */
export const PLAYER_PX: Readonly<Record<Variant, number>> = { bar: 64, card: 138, button: 44 };
/** Pixels of a frame, 320 px wide, that cuts off nothing in any of the languages (measured); those of /oembed. */
export const FRAME_PX: Readonly<Record<Variant, number>> = { bar: 84, card: 240, button: 56 };

/** What stands for the room while none is chosen. */
const ROOM_TO_BE = 'your-room';

/** Of the link that is there where the script cannot run. */
const LISTEN_LIVE: Readonly<Record<Language, string>> = {
  en: 'Listen live',
  de: 'Live mithören',
  fr: 'Écouter en direct',
  es: 'Escuchar en directo',
  pt: 'Ouvir ao vivo',
  it: 'Ascolta in diretta',
  nl: 'Luister live',
  pl: 'Słuchaj na żywo',
  ja: 'ライブで聴く',
  zh: '收听直播',
  ar: 'استمع مباشرة',
};

/** `true`: there, without a value. */
type Attribute = readonly [name: string, value: string | true];

/** The code for the chosen way. All values are escaped, whatever they hold. */
export function codeOf(choices: Choices, facts: Facts): Code {
  const { url } = facts;
  switch (choices.way) {
    case 'script': {
      const pinned = pinnedCode(choices, facts);
      return {
        script: scriptCode(choices, url),
        style: styleOf(choices),
        policy: policyLines(['script-src', url], ['connect-src', `${url} ${url.replace(/^http/, 'ws')}`]),
        ...(pinned !== undefined && { pinned }),
        classic: classicCode(choices, url),
      };
    }
    case 'iframe':
      return {
        iframe: frameCode(choices, facts),
        frame: pageUrl('embed', choices, url),
        policy: policyLines(['frame-src', url]),
      };
    case 'link':
      return { link: pageUrl('listen', choices, url) };
    case 'oembed': {
      const link = pageUrl('listen', choices, url);
      const fields = new URLSearchParams({ format: 'json', url: link });
      return { link, oembed: `${url}/oembed?${fields}`, policy: policyLines(['frame-src', url]) };
    }
    default:
      return choices.way satisfies never;
  }
}

/** Attributes of the player's tag, in the order in which they are written. */
export function attributesOf({
  room,
  variant,
  theme,
  lang,
  controls,
  autoplay,
}: Omit<Choices, 'way' | 'accent'>): Attribute[] {
  return [
    ['room', room ?? ROOM_TO_BE],
    ...given('variant', variant, variant !== 'bar'),
    ...given('theme', theme, theme !== 'auto'),
    ...given('lang', lang ?? '', lang !== undefined),
    ...given('controls', controls.join(' '), !isEvery(controls)),
    ...(autoplay ? [['autoplay', true] as const] : []),
  ];
}

/** Colours of the player, as custom properties and their values. */
export function colorsOf({ accent }: Pick<Choices, 'accent'>): [name: string, value: string][] {
  if (accent === undefined) return [];
  return [
    ['--conf-listener-accent', accent],
    ['--conf-listener-on-accent', pictureOn(accent)],
  ];
}

function scriptCode(choices: Choices, url: string): string {
  const scripts = ['conf-listener.js', ...languageFile(choices.lang)].map((name) =>
    tag('script', [
      ['type', 'module'],
      ['src', `${url}/v1/${name}`],
    ]),
  );
  return [...scripts, playerTag(choices, url)].join('\n');
}

/** With `crossorigin` the page is told what goes wrong in the script; without, only that something did (HTML, "muted errors"). */
function classicCode(choices: Choices, url: string): string {
  const scripts = ['conf-listener.iife.js', ...languageFile(choices.lang)].map((name) =>
    tag('script', [
      ['defer', true],
      ['crossorigin', 'anonymous'],
      ['src', `${url}/v1/${name}`],
    ]),
  );
  return [...scripts, playerTag(choices, url)].join('\n');
}

/** The session's script is loaded by the player's own: only a preload can say what it must be. */
function pinnedCode(choices: Choices, { url, files }: Facts): string | undefined {
  const sessionName = [...(files?.keys() ?? [])].find((name) => /^conf-session-[^/.]+\.js$/.test(name));
  const session = files?.get(sessionName ?? '');
  const scripts = ['conf-listener.js', ...languageFile(choices.lang)].map((name) => files?.get(name));
  if (!session) return undefined;
  const lines = [tag('link', [['rel', 'modulepreload'], ['href', session.url], ...checked(session)])];
  for (const script of scripts) {
    if (!script) return undefined;
    lines.push(tag('script', [['type', 'module'], ['src', script.url], ...checked(script)]));
  }
  return [...lines, playerTag(choices, url)].join('\n');
}

function checked({ integrity }: EmbedFile): Attribute[] {
  return [
    ['integrity', integrity],
    ['crossorigin', 'anonymous'],
  ];
}

function playerTag(choices: Choices, url: string): string {
  const link = tag(
    'a',
    [['href', `${url}/listen/${choices.room ?? ROOM_TO_BE}`]],
    LISTEN_LIVE[choices.lang ?? 'en'],
  );
  return tag('conf-listener', attributesOf(choices), link);
}

/** `frameborder`, for a strict policy refuses `style`. */
function frameCode(choices: Choices, { url, title }: Facts): string {
  const name = title ?? choices.room ?? ROOM_TO_BE;
  return tag('iframe', [
    ['src', pageUrl('embed', choices, url)],
    ['title', `${name}, live audio`],
    ['width', '100%'],
    ['height', String(FRAME_PX[choices.variant])],
    ['frameborder', '0'],
    ['allow', 'autoplay'],
    ['loading', 'lazy'],
    ['referrerpolicy', 'strict-origin-when-cross-origin'],
  ]);
}

function styleOf(choices: Choices): string {
  // As the player's own sheet has it: a button stands in a line of text.
  const display =
    choices.variant === 'button' ? 'inline-block; vertical-align: middle; min-width: 44px' : 'block';
  const colors = colorsOf(choices).map(([name, value]) => `${name}: ${value}; `);
  return [
    `conf-listener:not(:defined) { display: ${display}; min-height: ${PLAYER_PX[choices.variant]}px; }`,
    ...(colors.length > 0 ? [`conf-listener { ${colors.join('')}}`] : []),
  ].join('\n');
}

function policyLines(...directives: [name: string, sources: string][]): string {
  return directives.map(([name, sources]) => `${name} ${sources};`).join('\n');
}

function pageUrl(
  page: 'listen' | 'embed',
  { room, variant, theme, lang, accent }: Choices,
  url: string,
): string {
  const fields = new URLSearchParams([
    ...given('variant', variant, variant !== 'bar'),
    ...given('theme', theme, theme !== 'auto'),
    ...given('lang', lang ?? '', lang !== undefined),
    ...given('accent', accent?.slice(1) ?? '', accent !== undefined),
  ]);
  const query = fields.size > 0 ? `?${fields}` : '';
  return `${url}/${page}/${room ?? ROOM_TO_BE}${query}`;
}

function languageFile(lang: Language | undefined): string[] {
  return lang === undefined || lang === 'en' ? [] : [`lang/${lang}.js`];
}

function given(name: string, value: string, isGiven: boolean): [name: string, value: string][] {
  return isGiven ? [[name, value]] : [];
}

/** An element as HTML; `content` is HTML already. */
function tag(name: string, attributes: readonly Attribute[], content = ''): string {
  const written = attributes.map(([key, value]) =>
    value === true ? ` ${key}` : ` ${key}="${escapeHtml(value)}"`,
  );
  return `<${name}${written.join('')}>${content}${name === 'link' ? '' : `</${name}>`}`;
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES.get(character) ?? '');
}
