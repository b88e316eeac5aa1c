import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { House } from '../house.ts';

const INTRANET = 'https://intranet.example';
const ROOMS = [
  { id: 'allhands', title: 'All <hands>' },
  { id: 'press', title: 'Press', origins: [INTRANET, 'https://*.corp.example'] },
];
const BOARD = { id: 'board', title: 'Takeover', access: 'ticket' };
const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

/** Its rooms may all be known; in the other's, one is private. */
let open: House;
let house: House;
beforeAll(async () => {
  const publicUrl = 'https://relay.example';
  open = await House.open({ settings: { publicUrl, rooms: ROOMS } });
  house = await House.open({ settings: { publicUrl, rooms: [...ROOMS, BOARD] } });
});
afterAll(async () => {
  await open.close();
  await house.close();
});

const get = (path: string, headers: Record<string, string> = {}, of = house): Promise<Response> =>
  fetch(of.url + path, { headers });
const html = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await get(path, headers)).text();

describe('/listen/{room}', () => {
  test('names the room once for the eye, in the player; and in <title> and og:title', async () => {
    const text = await html('/listen/allhands');
    expect(text).toContain('<title>All &#60;hands&#62;</title>');
    expect(text).toContain('<meta property="og:title" content="All &#60;hands&#62;">');
    expect(text.match(/<h1.*<\/h1>/g)).toEqual(['<h1 slot="title" dir="auto">All &#60;hands&#62;</h1>']);
    expect(text).toContain('<conf-listener room="allhands" label="All &#60;hands&#62;" variant="card">');
    expect(text).not.toContain('<hands>');
  });

  test('has no style and no script in its text', async () => {
    for (const path of ['/listen/allhands', '/embed/press', '/listen/board?accent=f00'])
      expect(await html(path)).not.toMatch(/\sstyle=|<style|<script(?![^>]* src=)|\son[a-z]+=/);
  });

  test('tells other sites where its player is, only where all may frame it', async () => {
    const player = '<meta name="twitter:player" content="https://relay.example/embed/allhands">';
    expect(await html('/listen/allhands')).toContain(player);
    expect(await html('/listen/press')).not.toContain('twitter:');
    expect(await html('/listen/allhands?theme=dark')).toContain(
      '<link rel="canonical" href="https://relay.example/listen/allhands">',
    );
  });

  test('of a private room says nothing of it', async () => {
    const text = await html('/listen/board');
    expect(text).toContain('<title>board</title>');
    expect(text).toContain('<conf-listener room="board" variant="card">');
    expect(text).not.toMatch(/Takeover|oembed|og:|twitter:|<h1/);
  });

  test('without script has the plain stream to play and a link to it, where that needs no ticket', async () => {
    const stream = '/v1/rooms/allhands/stream.wav';
    const text = await html('/listen/allhands');
    expect(text).toContain(`<audio controls preload="none" src="${stream}"></audio>`);
    expect(text).toContain(`<a href="${stream}">`);
    for (const room of ['press', 'board'])
      expect(await html(`/listen/${room}`)).toContain('<p lang="en">Listening needs JavaScript.</p>');
  });
});

describe('the language of a page', () => {
  test.each([
    // address, Accept-Language: lang, scripts of it
    ['/listen/allhands', '', 'en', 0],
    ['/listen/allhands', 'de-AT, en;q=0.5', 'de', 1],
    ['/listen/allhands', 'sv, fr;q=0.9', 'en', 0],
    ['/listen/allhands', 'en, de', 'en', 0],
    ['/listen/allhands?lang=de', 'en', 'de', 1],
    ['/listen/allhands?lang=en', 'de', 'en', 0],
    ['/listen/allhands?lang=xx', 'de', 'de', 1],
    ['/embed/allhands?lang=de', '', 'de', 1],
  ])('%s for "%s" is %s, with %i script of it', async (path, accepted, lang, scripts) => {
    const response = await get(path, { 'Accept-Language': accepted });
    const text = await response.text();
    expect(text).toContain(`<html lang="${lang}">`);
    expect(text.split('src="/v1/lang/de.js"').length - 1).toBe(scripts);
    expect(response.headers.get('vary')).toContain('Accept-Language');
  });
});

describe('/embed/{room}', () => {
  test('is the player alone, with the options of its address, and never CSS of it', async () => {
    const text = await html('/embed/allhands?variant=button&theme=light&accent=FF0&css=x&label=y');
    const body = /<body>\n(.*)\n<\/body>/s.exec(text)?.[1] ?? '';
    expect(body).toMatch(/^<conf-listener [^>]*>.*<\/conf-listener>$/s);
    expect(body).toContain(
      'variant="button" theme="light" controls="mute volume meter count live" data-accent="#ff0" data-on-accent="#000"',
    );
    expect(text).toContain('<meta name="color-scheme" content="light">');
  });

  test('tells its script pages of which origins it obeys', async () => {
    expect(await html('/embed/press')).toContain(
      `src="/pages/embed.js" data-origins="${INTRANET} https://*.corp.example"`,
    );
    for (const room of ['allhands', 'board'])
      expect(await html(`/embed/${room}`)).toContain('src="/pages/embed.js" data-origins=""');
  });

  test.each([
    ['allhands', '*'],
    ['press', `'self' ${INTRANET} https://*.corp.example`],
    ['board', '*'],
  ])(
    'of %s may be framed by %s, also by who isolates himself, and is in no index',
    async (room, ancestors) => {
      const { headers } = await get(`/embed/${room}`);
      expect(headers.get('content-security-policy')).toBe(
        `default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'self'; style-src 'self'; connect-src 'self' wss://relay.example; media-src 'self'; frame-ancestors ${ancestors}`,
      );
      expect(Object.fromEntries(headers)).toMatchObject({
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'cross-origin',
        'permissions-policy': 'autoplay=*',
        'x-robots-tag': 'noindex',
        'cache-control': 'no-store',
      });
      expect(headers.has('x-frame-options')).toBe(false);
    },
  );
});

describe('who mistypes an address', () => {
  const MISTYPED = [
    ['/listen/nowhere', 404, 'There is no such session here'],
    ['/embed/nowhere', 404, 'There is no such session here'],
    ['/listen/All%20Hands', 400, 'This link is not right'],
    ['/listen/allhands/', 404, 'There is no such page here'],
    ['/listen', 404, 'There is no such page here'],
    ['/help/nothing', 404, 'There is no such page here'],
  ] as const;

  test.each(MISTYPED)(
    'as %s, is told so with a %i, on a page with a next step',
    async (path, status, words) => {
      const response = await get(path, BROWSER, open);
      const text = await response.text();
      expect([response.status, response.headers.get('content-type')]).toEqual([
        status,
        'text/html; charset=utf-8',
      ]);
      expect(text).toContain(`<h1>${words}</h1>\n<p>Check the address`);
      expect(text).not.toMatch(/nowhere|All|<script/);
      expect(response.headers.get('content-security-policy')).toBe(
        `default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'self'; frame-ancestors ${path.startsWith('/embed') ? '*' : "'none'"}`,
      );
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
        'referrer-policy': 'strict-origin-when-cross-origin',
        vary: expect.stringContaining('Accept'),
      });
    },
  );

  test.each(['', '*/*', 'application/json', 'application/json, text/html;q=0.5'])(
    'and is a program that takes "%s", is told a code',
    async (accepted) => {
      for (const [path, status] of MISTYPED) {
        const response = await get(path, { Accept: accepted }, open);
        const told = [response.status, response.headers.get('content-type')];
        expect(told).toEqual([status, 'application/problem+json']);
        expect(await response.json()).toHaveProperty('code');
      }
    },
  );

  test('elsewhere, is told a code', async () => {
    expect((await get('/v1/rooms/No', BROWSER)).headers.get('content-type')).toBe('application/problem+json');
  });

  test('where a room is private, sees the page of no room as that of a private one', async () => {
    for (const way of ['listen', 'embed']) {
      const [none, board] = [await get(`/${way}/ghost`, BROWSER), await get(`/${way}/board`, BROWSER)];
      expect([none.status, board.status]).toEqual([200, 200]);
      expect((await none.text()).replaceAll('ghost', 'board')).toBe(await board.text());
    }
  });
});

describe('/help/{code}', () => {
  test('is a page that loads a sheet and nothing else, and is found again by its tag', async () => {
    const response = await get('/help/csp');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'self'; frame-ancestors 'none'",
    );
    const again = await get('/help/csp', { 'If-None-Match': response.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });

  test.each(['nothing', '..%2fpage.css', 'csp.html', '__proto__'])('%s is 404', async (code) => {
    expect((await get(`/help/${code}`)).status).toBe(404);
  });

  test('is there for each code of an error in the element, and for no other', () => {
    const component = join(import.meta.dirname, '../../../component');
    const sources = readdirSync(component, { encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const text = sources.map((name) => readFileSync(join(component, name), 'utf8')).join('\n');
    const kinds = 'not-found|denied|full|network|unsupported|config';
    const codes = [
      ...text.matchAll(new RegExp(`playerError\\(\\s*'(?:${kinds})',\\s*'([\\w-]+)'`, 'g')),
      ...text.matchAll(new RegExp(`\\['(?:${kinds})', '([\\w-]+)'\\]`, 'g')),
    ].map(([, code]) => code);
    const files = readdirSync(join(component, 'errors')).map((name) => name.replace(/\.md$/, ''));
    expect(files.toSorted()).toEqual([...new Set(codes)].toSorted((a = '', b = '') => (a < b ? -1 : 1)));
  });

  test('each says what a listener sees, what it means, and what each of three can do, in 8 to 20 lines', () => {
    const dir = join(import.meta.dirname, '../../../component/errors');
    for (const name of readdirSync(dir)) {
      const text = readFileSync(join(dir, name), 'utf8');
      const said = [...text.matchAll(/^\*\*(.+?)\*\*/gm)].map(([, words]) => words);
      expect(said, name).toEqual([
        'A listener sees',
        'It means',
        'If you listen',
        'If you wrote the page',
        'If you run the relay',
      ]);
      const lines = text.trim().split('\n').length;
      expect(lines, name).toBeGreaterThanOrEqual(8);
      expect(lines, name).toBeLessThanOrEqual(20);
    }
  });
});
