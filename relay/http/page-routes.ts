import type Router from '@koa/router';
import type { Context } from 'koa';
import type { RoomPage } from '../access/page-access.ts';
import { bearerToken } from '../access/tickets.ts';
import { PAGE_SCRIPT, embedPage, listenPage, pagePolicy } from './pages.ts';

/** What the pages' routes hand requests to; both throw the problem where there is nothing to show. */
export interface PageRouteParts {
  /** The relay's own origin as browsers see it. */
  publicUrl: string;
  page: (roomText: string) => Promise<RoomPage>;
  /** A new ticket for a page that holds one. */
  renewPage: (roomText: string, ticket: string | undefined) => Promise<string>;
}

/** Adds the pages that the relay serves itself, and what they load. */
export function addPageRoutes(router: Router, parts: PageRouteParts): void {
  router.get('/listen/:room', async (context) => {
    const page = await parts.page(String(context['params'].room));
    serve(context, parts, "'none'");
    context.body = listenPage(page);
  });
  router.get('/embed/:room', async (context) => {
    const page = await parts.page(String(context['params'].room));
    serve(context, parts, page.origins.length > 0 ? `'self' ${page.origins.join(' ')}` : '*');
    context.set('Permissions-Policy', 'autoplay=*');
    context.set('Cross-Origin-Embedder-Policy', 'require-corp');
    context.body = embedPage(page);
  });
  router.get('/page.js', (context) => {
    context.set('Cache-Control', 'public, max-age=300');
    context.type = 'text/javascript';
    context.body = PAGE_SCRIPT;
  });
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

function serve(context: Context, { publicUrl }: PageRouteParts, frameAncestors: string): void {
  context.set('Content-Security-Policy', pagePolicy(publicUrl, frameAncestors));
  // It may hold a ticket.
  context.set('Cache-Control', 'no-store');
  context.type = 'html';
}

/** Ours are of our origin, or in a sandboxed frame of none; the player asks with credentials, wherever it asks. */
function allowOwnPages(context: Context, { publicUrl }: PageRouteParts): void {
  const origin = context.get('origin');
  context.vary('Origin');
  if (origin !== 'null' && origin !== publicUrl) return;
  context.set('Access-Control-Allow-Origin', origin);
  context.set('Access-Control-Allow-Credentials', 'true');
}
