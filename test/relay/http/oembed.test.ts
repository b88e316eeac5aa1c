import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { FRAME_PX, oEmbed, oEmbedXml, sizeOf, type OEmbedParts } from '../../../relay/http/oembed.ts';
import { FRAME_PX as BUILDER_FRAME_PX } from '../../../relay/pages/builder-code.ts';
import { House } from '../house.ts';
import {
  askedByWordPress,
  discoveredByWordPress,
  fetchedByDrupal,
  parseXml,
  shownByWordPress,
} from './oembed-consumers.ts';

const RELAY = 'https://relay.example';
const PARTS: OEmbedParts = {
  room: 'allhands',
  title: 'All hands',
  options: {},
  maxWidthPx: undefined,
  maxHeightPx: undefined,
  publicUrl: RELAY,
  providerName: 'conf-listener',
};

test('frames are as high as those that the builder writes', () => {
  expect(FRAME_PX).toEqual(BUILDER_FRAME_PX);
});

describe('an answer', () => {
  test('is of type rich, version "1.0", with a frame of 480 × 84', () => {
    expect(oEmbed(PARTS)).toEqual({
      version: '1.0',
      type: 'rich',
      provider_name: 'conf-listener',
      provider_url: RELAY,
      title: 'All hands',
      width: 480,
      height: 84,
      cache_age: 86_400,
      html: `<iframe src="${RELAY}/embed/allhands" width="480" height="84" title="All hands, live audio" frameborder="0" allow="autoplay" loading="lazy"></iframe>`,
    });
  });

  test.each([
    // variant wanted, maxwidth, maxheight: width, height, variant of the frame
    [undefined, undefined, undefined, 480, 84, null],
    [undefined, 2000, 2000, 480, 84, null],
    [undefined, 320, undefined, 320, 84, null],
    [undefined, 320, 60, 320, 60, null],
    [undefined, undefined, 56, 480, 56, null],
    [undefined, undefined, 55, 480, 55, 'button'],
    [undefined, 30, 30, 30, 30, 'button'],
    ['bar', undefined, undefined, 480, 84, 'bar'],
    ['card', undefined, undefined, 480, 240, 'card'],
    ['card', undefined, 239, 480, 84, 'bar'],
    ['card', undefined, 50, 480, 50, 'button'],
    ['button', undefined, 900, 480, 56, 'button'],
  ] as const)(
    'for variant %s within %s × %s is %i × %i, variant %s',
    (variant, maxWidthPx, maxHeightPx, width, height, shown) => {
      const answer = oEmbed({ ...PARTS, options: { variant }, maxWidthPx, maxHeightPx });
      const src = new URL(/src="([^"]+)"/.exec(answer.html)?.[1] ?? '');
      expect([answer.width, answer.height, src.searchParams.get('variant')]).toEqual([width, height, shown]);
    },
  );

  test('carries theme, language and accent into the frame, escaped', () => {
    const { html } = oEmbed({ ...PARTS, options: { theme: 'dark', lang: 'de', accent: '0a7' } });
    expect(html).toContain(`src="${RELAY}/embed/allhands?theme=dark&#38;lang=de&#38;accent=0a7"`);
  });

  test('is well-formed in HTML and XML whatever the title: 300 tries', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(text, text, (title, providerName) => {
        const answer = oEmbed({ ...PARTS, title, providerName });
        expect(answer.html.match(/[<>"]/g)).toHaveLength(4 + 2 * 7);
        const fields = Object.fromEntries(parseXml(oEmbedXml(answer)));
        expect(fields).toMatchObject({ version: '1.0', width: '480', height: '84' });
        // eslint-disable-next-line no-control-regex
        const kept = title.replace(
          /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
          '\u{FFFD}',
        );
        expect(fields['title']).toBe(kept);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['1', 1],
    ['480', 480],
    ['0', undefined],
    ['-1', undefined],
    ['12.5', undefined],
    ['1e3', undefined],
    ['100000', undefined],
    ['', undefined],
    [null, undefined],
  ])('takes a size of %s as %s', (text, px) => {
    expect(sizeOf(text)).toBe(px);
  });
});

describe('WordPress, for an editor who may not paste HTML,', () => {
  test('keeps the frame, in a sandbox, with title and size, and drops what it may', () => {
    expect(shownByWordPress(oEmbed({ ...PARTS, options: { theme: 'dark', lang: 'de' } }))).toBe(
      `<iframe sandbox="allow-scripts" security="restricted" src="${RELAY}/embed/allhands?theme=dark&#38;lang=de#?secret=abcdefghij" data-secret="abcdefghij" width="480" height="84" title="All hands, live audio" frameborder="0"></iframe>`,
    );
  });

  test.each([
    ['a frame without an end tag', '<iframe src="https://a/" />'],
    ['a script', '<script src="https://a/"></script><conf-listener></conf-listener>'],
    ['nothing', ''],
  ])('refuses %s', (_, html) => {
    expect(shownByWordPress({ ...oEmbed(PARTS), html })).toBeUndefined();
  });

  test('would hide a frame behind a quote, and an answer that is not rich', () => {
    const { html, ...answer } = oEmbed(PARTS);
    const quoted = shownByWordPress({ ...answer, html: `<blockquote>All hands</blockquote>${html}` });
    expect(quoted).toContain('visibility: hidden');
    expect(shownByWordPress({ ...answer, html, type: 'link' })).toBeUndefined();
  });
});

describe('Drupal', () => {
  const JSON_TYPE = 'application/json; charset=utf-8';

  test('takes the answer as JSON and as XML alike', () => {
    const answer = oEmbed({ ...PARTS, title: 'Q&A <live> "now"' });
    const taken = { html: answer.html, width: 480, height: 84, providerName: 'conf-listener' };
    expect(fetchedByDrupal(JSON_TYPE, JSON.stringify(answer))).toEqual(taken);
    expect(fetchedByDrupal('text/xml; charset=utf-8', oEmbedXml(answer))).toEqual(taken);
  });

  test.each([
    ['a version that is a number', { version: 1 }, /version/],
    ['no width', { width: 0 }, /dimensions/],
    ['no HTML', { html: '' }, /HTML/],
    ['another type', { type: 'live' }, /type/],
  ])('refuses %s', (_, wrong, words) => {
    const text = JSON.stringify({ ...oEmbed(PARTS), ...wrong });
    expect(() => fetchedByDrupal(JSON_TYPE, text)).toThrow(words);
  });

  test('refuses it as text/html', () => {
    expect(() => fetchedByDrupal('text/html', JSON.stringify(oEmbed(PARTS)))).toThrow(/Content-Type/);
  });
});

test.each(['<oembed>', 'a & b', '<a>1</b>', '\u0001'])(
  'the XML reader of these tests refuses %j',
  (wrong) => {
    const xml = `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed><title>${wrong}</title></oembed>`;
    expect(() => parseXml(xml)).toThrow();
  },
);

describe('/oembed over HTTP', () => {
  const TITLE = 'Q&A <live> "now"';
  let house: House;
  let open: House;
  beforeAll(async () => {
    const rooms = [
      { id: 'allhands', title: TITLE },
      { id: 'press', title: 'Press', origins: ['https://intranet.example'] },
    ];
    const settings = { publicUrl: RELAY, providerName: 'Example Corp.' };
    open = await House.open({ settings: { ...settings, rooms } });
    const board = { id: 'board', title: 'Takeover', access: 'ticket' };
    house = await House.open({ settings: { ...settings, rooms: [...rooms, board] } });
  });
  afterAll(async () => {
    await house.close();
    await open.close();
  });

  function ask(query: Record<string, string>, of = house, init: RequestInit = {}): Promise<Response> {
    return fetch(`${of.url}/oembed?${new URLSearchParams(query).toString()}`, init);
  }

  test.each([
    ['/listen/allhands', 200, undefined],
    ['/listen/press', 200, undefined],
    ['/listen/board', 401, 'ticket-refused'],
    // Where a room is private, one that is not there looks like it.
    ['/listen/nowhere', 401, 'ticket-refused'],
    ['/listen/No', 400, 'bad-room-id'],
    ['/listen/', 404, 'not-found'],
    ['/', 404, 'not-found'],
    ['/listen/allhands/x', 404, 'not-found'],
  ])('of %s is %i %s, readable for any page', async (path, status, code) => {
    const response = await ask({ url: RELAY + path });
    const body: unknown = await response.json();
    expect([response.status, Object(body).code]).toEqual([status, code]);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(JSON.stringify(body)).not.toContain('Takeover');
  });

  test('of no room is 404 where no room is private', async () => {
    expect((await ask({ url: `${RELAY}/listen/nowhere` }, open)).status).toBe(404);
  });

  test.each([
    [{}, 400],
    [{ url: 'not an address' }, 400],
    [{ url: 'https://another.example/listen/allhands' }, 400],
    [{ url: `${RELAY}.evil.example/listen/allhands` }, 400],
    [{ url: `http://relay.example/listen/allhands` }, 400],
    [{ url: `${RELAY}/listen/allhands`, format: 'yaml' }, 501],
    [{ format: 'yaml' }, 501],
  ])('of %j is %i', async (query, status) => {
    expect((await ask(query)).status).toBe(status);
  });

  test('names the provider of the settings, and keeps to the sizes asked for', async () => {
    const response = await ask({ url: `${RELAY}/listen/allhands`, maxwidth: '300', maxheight: '50' });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toMatchObject({
      provider_name: 'Example Corp.',
      title: TITLE,
      width: 300,
      height: 50,
    });
  });

  test('carries the options of the pasted address into the frame, and nothing else of it', async () => {
    const url = `${RELAY}/listen/allhands?theme=dark&lang=de&accent=0A7&css=x&variant=huge#ticket=a.b.c`;
    const { html }: { html: string } = await (await ask({ url })).json();
    expect(html).toContain(`src="${RELAY}/embed/allhands?theme=dark&#38;lang=de&#38;accent=0a7"`);
  });

  test('is found by WordPress in the page that is pasted, with its options, asked for, and taken', async () => {
    const pasted = '/listen/allhands?theme=dark';
    const found = discoveredByWordPress(await (await fetch(house.url + pasted)).text()) ?? '';
    const asked = askedByWordPress(found, RELAY + pasted);
    expect([asked.origin, asked.pathname]).toEqual([RELAY, '/oembed']);
    // The address as it was found says it all already.
    for (const { search } of [asked, new URL(found)]) {
      const shown = shownByWordPress(await (await fetch(`${house.url}/oembed${search}`)).json());
      expect(shown).toContain(`src="${RELAY}/embed/allhands?theme=dark#?secret=`);
      expect(shown).toContain('title="Q&#38;A &#60;live&#62; &#34;now&#34;, live audio"');
    }
  });

  test('is found as XML too, which Drupal takes', async () => {
    const html = (await (await fetch(`${house.url}/listen/allhands`)).text()).replace(
      /<link[^>]*json[^>]*>/,
      '',
    );
    const found = discoveredByWordPress(html) ?? '';
    expect(found).toContain('format=xml');
    const response = await fetch(`${house.url}/oembed${new URL(found).search}`);
    const taken = fetchedByDrupal(response.headers.get('content-type') ?? '', await response.text());
    expect(taken).toMatchObject({ width: 480, height: 84, providerName: 'Example Corp.' });
  });

  test.each(['board', 'nowhere'])('is not to be found in the page of %s', async (room) => {
    const html = await (await fetch(`${house.url}/listen/${room}`)).text();
    expect([discoveredByWordPress(html), /og:|twitter:|Takeover/.exec(html)]).toEqual([undefined, null]);
  });
});
