/**
 * What others do with an oEmbed answer, after reading them: WordPress (`WP_oEmbed`, `wp_filter_oembed_result` and the
 * parts of `wp_kses` that it meets) and Drupal (media's `ResourceFetcher` and `Resource`). Nobody needs a server of theirs.
 */
const LINK_TYPES: Readonly<Record<string, 'json' | 'xml'>> = {
  'application/json+oembed': 'json',
  'text/xml+oembed': 'xml',
  'application/xml+oembed': 'xml',
};

/** The address that WordPress finds in a page, JSON before XML; undefined where it finds none. */
export function discoveredByWordPress(html: string): string | undefined {
  const [head = ''] = html.split(/<\/head>/i, 1);
  const found = new Map<'json' | 'xml', string>();
  for (const [, text = ''] of head.matchAll(/<link([^<>]+?)\/?>/gi)) {
    const { type = '', href } = Object.fromEntries(attributesOf(text));
    const format = LINK_TYPES[type];
    if (format && href && !found.has(format)) found.set(format, decoded(href));
  }
  return found.get('json') ?? found.get('xml');
}

/** What WordPress then asks for a pasted address. */
export function askedByWordPress(discovered: string, pasted: string, widthPx = 500, heightPx = 750): URL {
  const url = new URL(discovered);
  const given = { maxwidth: widthPx, maxheight: heightPx, url: pasted, dnt: 1, format: 'json' };
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, String(value));
  return url;
}

/** Tags that WordPress leaves, and what of each. */
const KEPT: ReadonlyMap<string, readonly string[]> = new Map([
  ['iframe', ['src', 'width', 'height', 'frameborder', 'marginwidth', 'marginheight', 'scrolling', 'title']],
  ['blockquote', []],
  ['a', ['href']],
]);

/** What an editor gets who may not paste HTML; undefined where WordPress refuses the answer. */
export function shownByWordPress(answer: unknown, secret = 'abcdefghij'): string | undefined {
  const { type, html } = Object(answer);
  if (!['rich', 'video'].includes(type) || typeof html !== 'string' || html === '') return undefined;
  const filtered = html.replace(
    /<(\/?)([a-z][a-z0-9]*)([^<>]*)>/gi,
    (_, end: string, tag: string, rest: string) => allowedTag(end, tag.toLowerCase(), rest),
  );
  const [, quote, frame] = /(<blockquote>.*?<\/blockquote>)?.*(<iframe.*?><\/iframe>)/s.exec(filtered) ?? [];
  if (frame === undefined) return undefined;
  const secured = frame.replace(
    / src="(.*?)"/,
    (_, src: string) => ` src="${src}#?secret=${secret}" data-secret="${secret}"`,
  );
  // What stands in a quote is shown instead, until the frame speaks WordPress's own protocol.
  const hidden = quote === undefined ? '' : ' style="position: absolute; visibility: hidden;"';
  return `${quote ?? ''}${secured.replace('<iframe', `<iframe sandbox="allow-scripts" security="restricted"${hidden}`)}`;
}

function allowedTag(end: string, tag: string, rest: string): string {
  const kept = KEPT.get(tag);
  if (!kept) return '';
  if (end) return `</${tag}>`;
  const attributes = attributesOf(rest).filter(([name, value]) => kept.includes(name) && !isScript(value));
  const given = attributes.map(([name, value]) => ` ${name}="${value}"`).join('');
  return `<${tag}${given}${/\/\s*$/.test(rest) ? ' /' : ''}>`;
}

function isScript(value: string): boolean {
  return /^\s*(?:javascript|data|vbscript):/i.test(decoded(value));
}

function attributesOf(text: string): [name: string, value: string][] {
  return [...text.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)].map(
    ([, name = '', ...values]) => [name.toLowerCase(), values.find((value) => value !== undefined) ?? ''],
  );
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name = '') =>
    code === undefined ? (NAMED[name] ?? whole) : String.fromCodePoint(Number(code)),
  );
}

/** A resource as Drupal keeps it. */
export interface DrupalResource {
  html: string;
  width: number;
  height: number;
  providerName: string;
}

/** What Drupal makes of an answer. Throws its exception's words where it refuses it. */
export function fetchedByDrupal(contentType: string, text: string): DrupalResource {
  const isXml = /text\/xml|application\/xml/.test(contentType);
  if (!isXml && !/text\/javascript|application\/json/.test(contentType))
    throw new Error('The fetched resource did not have a valid Content-Type header.');
  const data: Record<string, unknown> = isXml ? Object.fromEntries(parseXml(text)) : Object(JSON.parse(text));
  const { version, type, html, width, height, provider_name: providerName } = data;
  if (version !== '1.0') throw new Error("Resource version must be '1.0'");
  if (type !== 'rich') throw new Error(`Unknown resource type: ${String(type)}`);
  if (typeof html !== 'string' || html === '')
    throw new Error('The resource must provide an HTML representation.');
  if (!(Number(width) > 0) || !(Number(height) > 0))
    throw new Error('The dimensions must be NULL or numbers greater than zero.');
  return { html, width: Number(width), height: Number(height), providerName: String(providerName) };
}

/** The fields of an answer in XML, as strictly as XML is: throws for all that is not well-formed, or not flat. */
export function parseXml(text: string): [name: string, value: string][] {
  const [, content] =
    /^<\?xml version="1\.0" encoding="utf-8" standalone="yes"\?>\s*<oembed>(.*)<\/oembed>\s*$/s.exec(text) ??
    [];
  if (content === undefined) throw new Error('not an oembed document');
  if (/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(text))
    throw new Error('a character that XML does not know');
  const fields = [...content.matchAll(/<([a-z_]+)>([^<]*)<\/\1>/g)];
  if (fields.map(([whole]) => whole).join('') !== content) throw new Error('not well-formed');
  if (/&(?!#\d+;|(?:amp|lt|gt|quot|apos);)/.test(content)) throw new Error('an ampersand that means nothing');
  return fields.map(([, name = '', value = '']) => [name, decoded(value)]);
}
