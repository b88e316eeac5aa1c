import Router from '@koa/router';
import { CACHING, type Assets } from './assets.ts';
import { htmlPage } from './html-page.ts';

/** What the console loads, and all it can have of the listener without a key. */
const FILES = ['console.js', 'console.css', 'page.css'];

/** Only scripts and sheets of ours, and answers of this very listener; no markup of text but Lit's. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

/** `/admin`: a page that holds nothing. Its script asks for the key, and with that for everything else. */
function consolePage(): string {
  return htmlPage({
    title: 'Relay console',
    sheet: '/admin/page.css',
    head: [
      '<link rel="stylesheet" href="/admin/console.css">',
      '<script type="module" src="/admin/console.js"></script>',
    ],
    body: '<conf-console></conf-console>\n<noscript><main><p>The console needs JavaScript.</p></main></noscript>',
  });
}

/** The way in for people: the console's page and its files. Everybody may have them. */
export function consoleRoutes(files: Assets): Router {
  const router = new Router({ strict: true });
  const page = consolePage();
  router.get('/admin', (context) => {
    context.set('Content-Security-Policy', POLICY);
    context.type = 'html';
    context.body = page;
  });
  router.get('/', (context) => context.redirect('/admin'));
  for (const name of FILES) {
    router.get(`/admin/${name}`, (context) => {
      files.serve(context, name, CACHING.never);
      // Elsewhere they are for pages of any origin.
      context.remove('Access-Control-Allow-Origin');
      context.remove('Timing-Allow-Origin');
    });
  }
  return router;
}
