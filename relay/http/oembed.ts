import { escapeHtml } from './html-page.ts';
import { queryOf, type PageOptions } from './page-options.ts';

/** An answer of `/oembed` (oembed.com §2.3.4, type `rich`). All but the version is as the consumer shows it. */
export interface OEmbed {
  /** A string: some compare it with `===`. */
  version: '1.0';
  type: 'rich';
  provider_name: string;
  provider_url: string;
  title: string;
  /** CSS pixels, as is the height. */
  width: number;
  height: number;
  /** Seconds. */
  cache_age: number;
  html: string;
}

/** What an answer is made of. */
export interface OEmbedParts {
  room: string;
  title: string;
  options: PageOptions;
  /** The most that the consumer has room for, CSS pixels; undefined where it does not say. */
  maxWidthPx: number | undefined;
  maxHeightPx: number | undefined;
  /** The relay's own origin. */
  publicUrl: string;
  providerName: string;
}

const WIDTH_PX = 480;
const CACHE_AGE_SEC = 86_400;
/** What 320 px cut off nothing of, in any language (measured); the card has room for captions, too. */
export const FRAME_PX = { card: 240, bar: 84, button: 56 } as const;
/** A bar that is less high is cut. */
const LEAST_BAR_PX = 56;

/** The player of a room as a frame, in the variant that has room. */
export function oEmbed({ room, title, options, publicUrl, providerName, ...most }: OEmbedParts): OEmbed {
  const width = Math.min(WIDTH_PX, most.maxWidthPx ?? WIDTH_PX);
  const { maxHeightPx = Infinity } = most;
  const variant = variantWithin(options.variant ?? 'bar', maxHeightPx);
  const height = Math.min(FRAME_PX[variant], maxHeightPx);
  const shown = variant === 'bar' ? options.variant && variant : variant;
  const src = `${publicUrl}/embed/${room}${queryOf({ ...options, variant: shown })}`;
  return {
    version: '1.0',
    type: 'rich',
    provider_name: providerName,
    provider_url: publicUrl,
    title,
    width,
    height,
    cache_age: CACHE_AGE_SEC,
    html: frame(src, title, width, height),
  };
}

/** The answer as XML (oembed.com §2.3.4.2). */
export function oEmbedXml(answer: OEmbed): string {
  const fields = Object.entries(answer).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>${fields.join('')}</oembed>\n`;
}

/** A size that a consumer names, CSS pixels; undefined where it is no whole number above 0. */
export function sizeOf(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}

function variantWithin(wanted: 'bar' | 'card' | 'button', maxHeightPx: number): 'bar' | 'card' | 'button' {
  if (wanted === 'button' || maxHeightPx < LEAST_BAR_PX) return 'button';
  return wanted === 'card' && maxHeightPx < FRAME_PX.card ? 'bar' : wanted;
}

/** The frame that people paste. An end tag of its own: WordPress drops a frame without one. */
function frame(src: string, title: string, width: number, height: number): string {
  return `<iframe src="${escapeHtml(src)}" width="${width}" height="${height}" title="${escapeHtml(title)}, live audio" frameborder="0" allow="autoplay" loading="lazy"></iframe>`;
}

/** XML knows no control characters, not even escaped (XML 1.0 §2.2). */
function escapeXml(value: string | number): string {
  const text = String(value).replace(
    /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
    '\u{FFFD}',
  );
  return escapeHtml(text);
}
