import type { RoomPage } from '../access/page-access.ts';
import type { Problem, ProblemCode } from '../errors.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { accentColors, queryOf, type PageOptions } from './page-options.ts';

/** A room's page, as somebody asked for it. */
export interface PageView {
  room: RoomPage;
  options: PageOptions;
  /** Of the player's words: asked for, or else what the browser prefers. */
  lang: string;
  /** The relay's own origin as browsers see it. */
  publicUrl: string;
  providerName: string;
}

/** What the room's policy says of frames: pages of which origins may frame its player. */
export function frameAncestors({ origins }: RoomPage): string {
  return origins.length > 0 ? `'self' ${origins.join(' ')}` : '*';
}

/** `/listen/{room}`: the page people are sent a link to. */
export function listenPage(view: PageView): string {
  const { room, options } = view;
  const shown = { ...options, variant: options.variant ?? 'card' };
  return roomPage(
    view,
    [`<link rel="canonical" href="${view.publicUrl}/listen/${room.room}">`, ...discovery(view)],
    // The player shows it in place of its own title: once for the eye, and a heading for who walks by headings.
    `<main>\n${player(room, shown, { content: heading(room) })}\n</main>`,
  );
}

/** `/embed/{room}`: the player alone, to be framed. It obeys its parent, where that is of the room's origins. */
export function embedPage(view: PageView): string {
  const origins = escapeHtml(view.room.origins.join(' '));
  const script = `<script type="module" src="/pages/embed.js" data-origins="${origins}"></script>`;
  // A frame does not grow, and only a card has room for captions.
  const controls = view.options.variant === 'card' ? undefined : 'mute volume meter count live';
  return roomPage(view, [script], player(view.room, view.options, { controls }));
}

/** What people are shown instead of a page, and its next step. The same for all rooms: it names none. */
export function refusalPage(refusal: Problem): string {
  const [title, next] = REFUSALS[refusal.code] ?? ['This page cannot be shown', refusal.detail];
  const body = `<main>\n<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(next)}</p>\n</main>`;
  return htmlPage({ title, head: [], body });
}

const MISTYPED = 'Check the address for a typing error, or ask whoever sent you the link for a new one.';
const REFUSALS: Readonly<Partial<Record<ProblemCode, [title: string, next: string]>>> = {
  'bad-room-id': ['This link is not right', MISTYPED],
  'room-not-found': ['There is no such session here', MISTYPED],
  'not-found': ['There is no such page here', MISTYPED],
  internal: ['Something went wrong here', 'Load the page again in a minute.'],
};

function roomPage({ room, options, lang }: PageView, head: readonly string[], body: string): string {
  const theme = options.theme === 'auto' ? undefined : options.theme;
  const scripts = [
    '/v1/conf-listener.js',
    ...(lang === 'en' ? [] : [`/v1/lang/${lang}.js`]),
    '/pages/page.js',
  ];
  return htmlPage({
    title: titleOf(room),
    lang,
    theme,
    head: [...scripts.map((src) => `<script type="module" src="${src}"></script>`), ...head],
    body,
  });
}

/** How other programs find the player of this page. Of a private room there is nothing to find. */
function discovery({ room, options, publicUrl, providerName }: PageView): string[] {
  if (room.title === undefined) return [];
  const query = queryOf(options);
  const page = encodeURIComponent(`${publicUrl}/listen/${room.room}${query}`);
  const title = escapeHtml(room.title);
  const link = (type: string, format: string): string =>
    `<link rel="alternate" type="${type}" href="${publicUrl}/oembed?format=${format}&#38;url=${page}" title="${title}">`;
  const card = [
    '<meta name="twitter:card" content="player">',
    `<meta name="twitter:title" content="${title}">`,
    `<meta name="twitter:player" content="${publicUrl}/embed/${room.room}">`,
    '<meta name="twitter:player:width" content="480">',
    '<meta name="twitter:player:height" content="84">',
  ];
  return [
    link('application/json+oembed', 'json'),
    link('text/xml+oembed', 'xml'),
    `<meta property="og:title" content="${title}">`,
    '<meta property="og:type" content="website">',
    `<meta property="og:site_name" content="${escapeHtml(providerName)}">`,
    `<meta property="og:url" content="${publicUrl}/listen/${room.room}">`,
    // Who may not frame it need not be told of it.
    ...(room.origins.length > 0 ? [] : card),
  ];
}

function titleOf({ title, room }: RoomPage): string {
  return title ?? room;
}

function heading({ title }: RoomPage): string {
  return title === undefined ? '' : `<h1 slot="title" dir="auto">${escapeHtml(title)}</h1>\n`;
}

/** Without script: a plain stream, a few seconds late, where it can be had without a ticket. */
function player(
  { room, title, ticket, isOpen }: RoomPage,
  options: PageOptions,
  { controls, content = '' }: { controls?: string | undefined; content?: string },
): string {
  const { accent, onAccent } = options.accent === undefined ? {} : accentColors(options.accent);
  const attributes = {
    room,
    label: title,
    token: ticket,
    'token-url': ticket && '/page-ticket',
    variant: options.variant,
    theme: options.theme,
    controls,
    'data-accent': accent,
    'data-on-accent': onAccent,
  };
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`);
  const stream = `/v1/rooms/${room}/stream.wav`;
  const fallback = isOpen
    ? `<audio controls preload="none" src="${stream}"></audio>\n<p lang="en"><a href="${stream}">Plain stream</a>, a few seconds late</p>`
    : '<p lang="en">Listening needs JavaScript.</p>';
  return `<conf-listener${given.join('')}>\n${content}${fallback}\n</conf-listener>`;
}
