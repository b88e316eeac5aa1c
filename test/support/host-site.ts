import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import Koa from 'koa';
import { recorderPages } from './recorder.ts';

/** A company's own web server, on 127.0.0.1 and, as another origin, on localhost. */
export interface HostSite {
  url: string;
  localhostUrl: string;
  /**
   * Adds a page; returns its path. Its policy is the strictest of which README says that it is enough: for itself and
   * the relay at these addresses.
   */
  addPage(html: string, ...relayUrls: readonly string[]): string;
  /** The same under a policy of the caller's: its directives as they stand in a header. */
  addPageUnder(policy: string, html: string, headers?: Readonly<Record<string, string>>): string;
  /** Serves the scripts of a folder; returns the path they lie under. */
  addScripts(dir: string): string;
  /** Requests for tickets so far: what came with them. */
  readonly ticketRequests: readonly TicketRequest[];
  close(): Promise<void>;
}

/** What a page's request for a ticket says. */
export interface TicketRequest {
  atMs: number;
  room: string;
  signedIn: boolean;
  authorization: string | undefined;
}

/** Of who has opened a page of the site. */
const SESSION = 'session=somebody';

/** Starts a site, which gives a visitor who is signed in a ticket of `ticketFor` at `/ticket`, and anybody else 401. */
export async function startHostSite(ticketFor: (room: string) => Promise<string>): Promise<HostSite> {
  const pages = new Map<string, { html: string; headers: Readonly<Record<string, string>> }>();
  const folders = new Map<string, string>();
  const ticketRequests: TicketRequest[] = [];
  const app = new Koa();
  app.use(recorderPages);
  app.use(async (context, next) => {
    if (context.path !== '/ticket') return next();
    const room = String(context.query['room']);
    const { cookie, authorization } = context.headers;
    const signedIn = cookie?.includes(SESSION) === true;
    ticketRequests.push({ atMs: Date.now(), room, signedIn, authorization });
    if (!signedIn) context.status = 401;
    else context.body = { token: await ticketFor(room) };
  });
  app.use(async (context, next) => {
    const dir = folders.get(dirname(context.path));
    if (dir === undefined) return next();
    context.type = 'text/javascript';
    context.body = await readFile(join(dir, basename(context.path)));
  });
  app.use((context) => {
    const page = pages.get(context.path);
    // A browser asks for an icon by itself.
    if (!page) return void (context.status = 204);
    context.set('Set-Cookie', `${SESSION}; HttpOnly; SameSite=Lax`);
    context.set(page.headers);
    context.type = 'html';
    context.body = `<!doctype html><meta charset="utf-8"><title>Intranet</title>\n${page.html}`;
  });
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the site has no port');
  const addPageUnder: HostSite['addPageUnder'] = (policy, html, headers) => {
    const path = `/page-${pages.size}`;
    pages.set(path, { html, headers: { 'Content-Security-Policy': policy, ...headers } });
    return path;
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    localhostUrl: `http://localhost:${address.port}`,
    addPage: (html, ...relayUrls) => {
      const relays = relayUrls.join(' ');
      const policy = `default-src 'none'; script-src 'self' ${relays}; connect-src 'self' ${relays} ${relays.replaceAll('http', 'ws')}; frame-src ${relays}`;
      return addPageUnder(policy, html);
    },
    addPageUnder,
    addScripts: (dir) => {
      const path = `/scripts-${folders.size}`;
      folders.set(path, dir);
      return path;
    },
    ticketRequests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The snippet of README, for the player of a relay; `attributes` beside the room's. */
export function snippet(relayUrl: string, room: string, attributes = ''): string {
  return `<script type="module" src="${relayUrl}/v1/conf-listener.js"></script>
<conf-listener room="${room}" ${attributes}></conf-listener>`;
}
