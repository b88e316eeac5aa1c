import type Router from '@koa/router';
import type { Context } from 'koa';
import { CACHING, type Assets } from './assets.ts';

/** What the routes of the element's files hand out. */
export interface AssetRouteParts {
  /** The built element: its scripts, and its languages under `lang/`. */
  assets: Assets;
  /** Of this package. */
  version: string;
  /** The relay's own origin as browsers see it. */
  publicUrl: string;
}

/** The element's second script, which the first one loads from beside itself under the name it was built with. */
const SESSION = /^conf-session-[\w-]{8}\.js$/;

/** Adds every address under which the element is loaded, and `/embed.json`, which tells of them. */
export function addAssetRoutes(router: Router, { assets, version, publicUrl }: AssetRouteParts): void {
  const session = assets.names.find((name) => SESSION.test(name));
  const serveBelow = (prefix: string, caching: string) => (context: Context) => {
    const name = context.path.slice(prefix.length);
    // A page that was open while the relay was upgraded asks for the one that its script was built with.
    const isOfOtherBuild = SESSION.test(name) && !assets.has(name);
    if (isOfOtherBuild && session !== undefined) assets.serve(context, session, CACHING.never);
    else assets.serve(context, name, caching);
  };
  router.get(
    ['/conf-listener.js', '/conf-listener.iife.js', '/conf-session-:hash.js'],
    serveBelow('/', CACHING.floating),
  );
  router.get(['/v1/:file', '/v1/lang/:file'], serveBelow('/v1/', CACHING.floating));
  const pinned = `/v${version}/`;
  router.get([`${pinned}:file`, `${pinned}lang/:file`], serveBelow(pinned, CACHING.immutable));
  const scripts = assets.names.filter((name) => name.endsWith('.js'));
  const files = scripts.map((name) => [name, { url: publicUrl + pinned + name, ...assets.facts(name) }]);
  const told = { version, files: Object.fromEntries(files) };
  router.get('/embed.json', (context) => {
    context.set('Access-Control-Allow-Origin', '*');
    context.set('Cache-Control', CACHING.short);
    context.body = told;
  });
}
