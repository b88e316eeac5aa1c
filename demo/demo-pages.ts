import type { Middleware } from 'koa';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { pagePolicy } from '../relay/http/html-page.ts';
import type { SimulatorEvent } from './simulator/simulator-event.ts';
import type { Simulator } from './simulator/simulator.ts';

/** Events that a newly opened page is told at once. */
const REMEMBERED = 40;

/** The page lies beside the source, whether this runs from there or from `dist`. */
const PAGE_DIR = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'page/' : '../../demo/page/', import.meta.url),
);

/**
 * The demo's page under `/`, its events under `/demo/events` (server-sent) and its two buttons under
 * `POST /demo/drop|stall/{conversation}`. Whatever else is asked for goes on to the relay's own refusal.
 */
export function demoPages(simulator: Simulator, origin: string): Middleware {
  const files = sirv(PAGE_DIR, { dev: true });
  const events: SimulatorEvent[] = [];
  const readers = new Set<PassThrough>();
  simulator.onEvent((event) => {
    if (event.kind !== 'frames') events.push(event);
    if (events.length > REMEMBERED) events.shift();
    for (const reader of readers) reader.write(lineOf(event));
  });

  return async (context, next) => {
    const { method, path } = context;
    if (method === 'GET' && path === '/demo/events') {
      const stream = new PassThrough();
      readers.add(stream);
      context.req.once('close', () => {
        readers.delete(stream);
        stream.end();
      });
      for (const event of events) stream.write(lineOf(event));
      context.type = 'text/event-stream';
      context.set('Cache-Control', 'no-store');
      context.body = stream;
      return;
    }
    const [, action, conversation] = /^\/demo\/(drop|stall)\/([a-z0-9-]+)$/.exec(path) ?? [];
    if (method === 'POST' && conversation !== undefined) {
      if (action === 'drop') simulator.inject({ kind: 'drop', conversation });
      else simulator.inject({ kind: 'stall', conversation, forMs: 1500, backlog: 'burst' });
      context.status = 204;
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') return next();
    context.set('Content-Security-Policy', pagePolicy(origin, "'none'"));
    context.respond = false;
    context.res.statusCode = 200; // Koa starts at 404
    await new Promise<void>((resolve) => {
      context.res.once('close', resolve);
      files(context.req, context.res, () => {
        context.respond = true;
        context.res.statusCode = 404;
        resolve();
      });
    });
    if (context.respond) await next();
  };
}

function lineOf(event: SimulatorEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
