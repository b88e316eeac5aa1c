import { readFile } from 'node:fs/promises';

const DIST = new URL('../../dist/component/', import.meta.url);

/** Tells the page around, or a page itself, what happens to its player; does what it is asked. */
const REPORT = `
{
  const tell = (kind, detail) => parent.postMessage({ kind, detail }, '*');
  addEventListener('securitypolicyviolation', (event) =>
    tell('violation', event.effectiveDirective + ' ' + event.blockedURI));
  for (const name of ['conf-statechange', 'conf-error', 'conf-caption'])
    addEventListener(name, (event) => tell(name, event.detail));
  const { error } = console;
  console.error = (...words) => (tell('console', words.join(' ')), error.apply(console, words));
  // The browser shall take what is asked for the user's own doing.
  Object.defineProperty(navigator, 'userActivation', { value: { isActive: true } });
  // Firefox hangs now and then where page after page opens the sound device: there its clock runs, and nothing sounds.
  if (navigator.userAgent.includes('Firefox')) window.AudioContext = class extends OfflineAudioContext {
    #beginMs = performance.now();
    constructor() {
      super(1, 128, 48000);
    }
    get currentTime() {
      return (performance.now() - this.#beginMs) / 1000;
    }
    get state() {
      return 'running';
    }
    async resume() {}
    async suspend() {}
    async close() {}
  };
  addEventListener('message', ({ data: { call, set, value } }) => {
    const player = document.querySelector('conf-listener');
    if (set) player[set] = value;
    else if (call) player[call]?.()?.catch?.(() => {});
  });
  addEventListener('load', () => tell('loaded', String(customElements.get('conf-listener')?.version)));
}
`;

/**
 * Koa middleware: the built element by a way on which its second script meets something,
 * `/detour/{what}/{who}/conf-listener.js`, and `/detour/report.js`. For each `who` anew, the second script is
 * `lost`: its first answer breaks off · `refused`: the first request is answered 503, `never`: every one ·
 * `late`: it comes after 1.5 s. `/detour/addresses` tells the names it was asked for by, for each `who`.
 */
export function detour() {
  const addresses = new Map();
  return async (context, next) => {
    const [, what, who, name = ''] = /^\/detour\/([a-z]+)\/([\w-]+)\/([\w./-]+)$/.exec(context.path) ?? [];
    if (!context.path.startsWith('/detour/')) return next();
    context.set('Access-Control-Allow-Origin', '*');
    context.set('Cache-Control', 'no-store');
    if (context.path === '/detour/addresses') {
      context.body = Object.fromEntries(addresses);
      return;
    }
    context.type = 'text/javascript';
    context.body = what ? await readFile(new URL(name, DIST)) : REPORT;
    if (!name.startsWith('conf-session')) return;
    const earlier = addresses.get(who) ?? [];
    addresses.set(who, [...earlier, name + context.search]);
    const isFirst = earlier.length === 0;
    if (what === 'late') await new Promise((resolve) => setTimeout(resolve, 1500));
    if (what === 'never' || (what === 'refused' && isFirst)) context.status = 503;
    if (what !== 'lost' || !isFirst) return;
    // Not before the first bytes: browsers ask once more for an answer that has not begun.
    context.respond = false;
    context.res.writeHead(200, { 'Content-Type': 'text/javascript', 'Content-Length': context.length });
    context.res.write(context.body.subarray(0, 1000), () => context.res.destroy());
  };
}
