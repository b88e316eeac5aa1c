import type Router from '@koa/router';
import type { Context } from 'koa';
import type { RoomPage } from '../access/page-access.ts';
import { bearerToken } from '../access/tickets.ts';
import { ProblemError, type Problem } from '../errors.ts';
import { CACHING, type Assets } from './assets.ts';
import { builderPage } from './builder-page.ts';
import { pagePolicy, textPolicy } from './html-page.ts';
import { oEmbed, oEmbedXml, sizeOf } from './oembed.ts';
import { pageOptions } from './page-options.ts';
import { embedPage, frameAncestors, listenPage, refusalPage, type PageView } from './pages.ts';

/** What the pages' routes hand requests to; both functions throw the problem where there is nothing to show. */
export interface PageRouteParts {
  /** The relay's own origin as browsers see it. */
  publicUrl: string;
  /** Who offers the player, as other sites name it. */
  providerName: string;
  /** The built element, for the languages it speaks. */
  assets: Assets;
  /** What the pages load, and the texts about errors under `help/`. */
  pageFiles: Assets;
  page: (roomText: string) => Promise<RoomPage>;
  /** A new ticket for a page that holds one. */
  renewPage: (roomText: string, ticket: string | undefined) => Promise<string>;
}

/** Where people look for a page. */
const PAGES = /^\/(?:listen|embed|help)(?:\/|$)/;

/** Adds the pages that the relay serves itself, what they load, and how other sites find them. */
export function addPageRoutes(router: Router, parts: PageRouteParts): void {
  const languages = languagesOf(parts.assets);
  const { pageFiles } = parts;
  router.get('/listen/:room', async (context) => {
    const room = await parts.page(String(context.params['room']));
    servePage(context, parts, "'none'");
    context.body = listenPage(viewOf(context, room, parts, languages));
  });
  router.get('/embed/:room', async (context) => {
    const room = await parts.page(String(context.params['room']));
    servePage(context, parts, frameAncestors(room));
    context.set('Permissions-Policy', 'autoplay=*');
    // A page that isolates itself frames only what does so too.
    context.set('Cross-Origin-Embedder-Policy', 'require-corp');
    context.body = embedPage(viewOf(context, room, parts, languages));
  });
  router.get('/builder', (context) => {
    servePage(context, parts, "'none'");
    context.body = builderPage(parts.publicUrl);
  });
  router.get('/pages/:file', (context) => {
    pageFiles.serve(context, String(context.params['file']), CACHING.short);
  });
  router.get('/help/:code', (context) => {
    context.set('Content-Security-Policy', textPolicy("'none'"));
    pageFiles.serve(context, `help/${String(context.params['code'])}.html`, CACHING.short);
  });
  router.get('/oembed', (context) => serveOEmbed(context, parts, languages));
  router.get('/page-ticket', async (context) => {
    allowOwnPages(context, parts);
    context.set('Cache-Control', 'no-store');
    const { room } = context.query;
    const ticket = bearerToken(context.get('authorization'));
    context.body = { token: await parts.renewPage(String(room), ticket) };
  });
  router.options('/page-ticket', (context) => {
    allowOwnPages(context, parts);
    context.set('Access-Control-Allow-Headers', 'authorization');
    context.set('Access-Control-Max-Age', '86400');
    context.status = 204;
  });
}

/** A refusal as a page, for people who look for one; undefined for programs, which want to be told a code. */
export function pageOfRefusal(context: Context, refusal: Problem): string | undefined {
  if (!PAGES.test(context.path)) return undefined;
  context.vary('Accept');
  // Who takes anything gets the first.
  const wanted = context.accepts('application/problem+json', 'application/json', 'text/html');
  if (wanted !== 'text/html') return undefined;
  // In a frame, too, its sentence helps more than a browser's; there is nothing on it to be clicked.
  context.set('Content-Security-Policy', textPolicy(context.path.startsWith('/embed') ? '*' : "'none'"));
  return refusalPage(refusal);
}

/** The languages that the player speaks, English first. */
function languagesOf(assets: Assets): string[] {
  const more = assets.names.map((name) => /^lang\/([a-z]{2})\.js$/.exec(name)?.[1]);
  return ['en', ...more.filter((lang) => lang !== undefined)];
}

function viewOf(
  context: Context,
  room: RoomPage,
  { publicUrl, providerName }: PageRouteParts,
  languages: readonly string[],
): PageView {
  const options = pageOptions(new URLSearchParams(context.querystring), languages);
  context.vary('Accept-Language');
  const lang = options.lang ?? (context.acceptsLanguages(...languages) || 'en');
  return { room, options, lang, publicUrl, providerName };
}

function servePage(context: Context, { publicUrl }: PageRouteParts, ancestors: string): void {
  context.set('Content-Security-Policy', pagePolicy(publicUrl, ancestors));
  // It may hold a ticket.
  context.set('Cache-Control', 'no-store');
  context.type = 'html';
}

/** What other sites put in place of a link to `/listen/{room}`. */
async function serveOEmbed(
  context: Context,
  { publicUrl, providerName, page }: PageRouteParts,
  languages: readonly string[],
): Promise<void> {
  const query = new URLSearchParams(context.querystring);
  const format = query.get('format') ?? 'json';
  if (format !== 'json' && format !== 'xml')
    throw new ProblemError('format-unknown', 'There is format=json and format=xml.');
  const url = pageAddress(query.get('url') ?? '', publicUrl);
  const [, roomText] = /^\/listen\/([^/]+)$/.exec(url.pathname) ?? [];
  if (roomText === undefined) throw new ProblemError('not-found', 'There is no player at that address.');
  const { room, title } = await page(roomText);
  if (title === undefined)
    throw new ProblemError('ticket-refused', 'Only who has a ticket may see what is under that address.');
  const answer = oEmbed({
    room,
    title,
    options: pageOptions(url.searchParams, languages),
    maxWidthPx: sizeOf(query.get('maxwidth')),
    maxHeightPx: sizeOf(query.get('maxheight')),
    publicUrl,
    providerName,
  });
  context.set('Access-Control-Allow-Origin', '*');
  context.set('Cache-Control', CACHING.short);
  context.type = format === 'json' ? 'application/json' : 'text/xml';
  context.body = format === 'json' ? JSON.stringify(answer) : oEmbedXml(answer);
}

/** An address of ours; throws the problem where it is none. */
function pageAddress(text: string, publicUrl: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.origin === publicUrl) return url;
  throw new ProblemError('bad-request', `url= must be the address of a page: ${publicUrl}/listen/{room}`);
}

/** Ours are of our origin, or in a sandboxed frame of none; the player asks with credentials, wherever it asks. */
function allowOwnPages(context: Context, { publicUrl }: PageRouteParts): void {
  const origin = context.get('origin');
  context.vary('Origin');
  if (origin !== 'null' && origin !== publicUrl) return;
  context.set('Access-Control-Allow-Origin', origin);
  context.set('Access-Control-Allow-Credentials', 'true');
}
