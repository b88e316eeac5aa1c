import { detour } from './detour.js';

/**
 * For the test runner's own server: `/strict-page?html=…&headers={…}` is such a page under such headers, and
 * `/strict-relay` tells the address of a relay with people talking on it, which is another origin. It is started when
 * first asked for, from what `npm run build` has built.
 */
export function strictPages() {
  let starting;
  const demo = () =>
    (starting ??= import('../../dist/demo/demo.js').then(({ startDemo }) =>
      startDemo({ port: 0, relay: { 'log-level': 'error' }, parts: { extraPages: detour() } }),
    ));
  return {
    // Not the plugin's own way to serve: whatever it serves gets the runner's scripts, which no policy here allows.
    middleware: async (context, next) => {
      if (context.path === '/strict-relay') context.body = (await demo()).url;
      else if (context.path === '/strict-page') {
        const { html, headers } = context.query;
        context.set({ 'Cache-Control': 'no-store', ...JSON.parse(headers) });
        context.type = 'html';
        context.body = `<!doctype html><meta charset="utf-8"><title>Intranet</title>\n${html}`;
      } else await next();
    },
    plugin: { name: 'strict-pages', serverStop: async () => (await starting)?.close() },
  };
}
