import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ELEMENT_DIR, VERSION } from '../../../relay/installation.ts';
import { House } from '../house.ts';

const SESSION = 'conf-session-Ab3_-x9Z.js';
const FLOATING = 'public, max-age=300, stale-while-revalidate=86400';
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** What a build leaves; each with its two copies. */
const FILES: Readonly<Record<string, string>> = {
  'conf-listener.js': `export const player = '${'p'.repeat(500)}';\n`,
  'conf-listener.iife.js': `(() => '${'q'.repeat(500)}')();\n`,
  [SESSION]: `export const session = '${'s'.repeat(500)}';\n`,
  'lang/de.js': `export const strings = '${'d'.repeat(500)}';\n`,
  'integrity.json': '{}\n',
};

const assetsDir = mkdtempSync(join(tmpdir(), 'conf-assets-'));
let house: House;
beforeAll(async () => {
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(assetsDir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    writeFileSync(`${path}.br`, brotliCompressSync(text));
    writeFileSync(`${path}.gz`, gzipSync(text));
  }
  house = await House.open({ assetsDir, settings: { publicUrl: 'https://relay.example' } });
});
afterAll(async () => {
  await house.close();
  rmSync(assetsDir, { recursive: true });
});

interface Answer {
  status: number | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

/** The answer as it comes over the wire: `fetch` would unpack it. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  of = house,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: of.port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.once('error', reject).end();
  });
}

describe.each([
  ['/conf-listener.js', 'conf-listener.js', FLOATING],
  ['/conf-listener.iife.js', 'conf-listener.iife.js', FLOATING],
  [`/${SESSION}`, SESSION, FLOATING],
  ['/v1/conf-listener.js', 'conf-listener.js', FLOATING],
  ['/v1/conf-listener.iife.js', 'conf-listener.iife.js', FLOATING],
  [`/v1/${SESSION}`, SESSION, FLOATING],
  ['/v1/lang/de.js', 'lang/de.js', FLOATING],
  [`/v${VERSION}/conf-listener.js`, 'conf-listener.js', IMMUTABLE],
  [`/v${VERSION}/${SESSION}`, SESSION, IMMUTABLE],
  [`/v${VERSION}/lang/de.js`, 'lang/de.js', IMMUTABLE],
])('%s', (path, name, caching) => {
  test('is for pages of any origin, of its type and no other, and kept as long as its address says', async () => {
    const { status, headers, body } = await ask(path);
    expect([status, body.toString()]).toEqual([200, FILES[name]]);
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^(text|application)\/javascript; charset=utf-8$/),
      'content-length': String(FILES[name]?.length),
      'cache-control': caching,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'timing-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
    expect(headers).not.toHaveProperty('content-encoding');
  });

  test.each([
    ['br', 'gzip, deflate, br, zstd', brotliDecompressSync],
    ['gzip', 'gzip, deflate', gunzipSync],
    ['gzip', 'gzip;q=0.5, br;q=0', gunzipSync],
  ])('comes as %s to who takes "%s"', async (encoding, accepted, unpack) => {
    const { headers, body } = await ask(path, { 'Accept-Encoding': accepted });
    expect([headers['content-encoding'], unpack(body).toString()]).toEqual([encoding, FILES[name]]);
  });

  test('is not sent again to who has it, in the encoding that he has it in; a proxy may weaken the tag', async () => {
    const encodings = ['identity', 'gzip', 'br'];
    const tags: string[] = [];
    for (const encoding of encodings) {
      const accept = { 'Accept-Encoding': encoding };
      const { etag = '' } = (await ask(path, accept)).headers;
      tags.push(String(etag));
      for (const tag of [etag, `W/${String(etag)}`, `"another", ${String(etag)}`]) {
        const again = await ask(path, { ...accept, 'If-None-Match': String(tag) });
        expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag]);
        expect(again.headers['cache-control']).toBe(caching);
      }
    }
    expect(new Set(tags).size).toBe(3);
    expect((await ask(path, { 'If-None-Match': tags[1] ?? '' })).status).toBe(200);
  });

  test('HEAD says the same of it; a range of it is all of it', async () => {
    const { headers } = await ask(path);
    const head = await ask(path, {}, 'HEAD');
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
      200,
      0,
      headers['content-length'],
    ]);
    const part = await ask(path, { Range: 'bytes=5-2' });
    expect([part.status, part.body.toString()]).toEqual([200, FILES[name]]);
  });
});

describe('the second script of another build', () => {
  test.each(['/', '/v1/', `/v${VERSION}/`])(
    'is under %s the one that there is, which no cache keeps under that name',
    async (below) => {
      const { status, headers, body } = await ask(`${below}conf-session-00000000.js`);
      expect([status, body.toString(), headers['cache-control']]).toEqual([200, FILES[SESSION], 'no-store']);
    },
  );

  test('is 404 where the build has none', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'conf-assets-'));
    writeFileSync(join(dir, 'conf-listener.js'), '');
    const bare = await House.open({ assetsDir: dir });
    expect((await ask('/v1/conf-session-00000000.js', {}, 'GET', bare)).status).toBe(404);
    await bare.close();
    rmSync(dir, { recursive: true });
  });
});

test.each([
  '/v1/another.js',
  '/v1/conf-session-short.js',
  '/v1/lang/xx.js',
  '/v1/conf-listener.js.br',
  '/v1/lang%2fde.js',
  '/v1/..%2fconf-listener.js',
  '/v1/lang/..',
  '/lang/de.js',
  `/v${VERSION}/another.js`,
  '/v9.9.9/conf-listener.js',
  '/v2/conf-listener.js',
  `/v${VERSION}.0/conf-listener.js`,
])('%s is 404, as a problem that no cache keeps', async (path) => {
  const { status, headers, body } = await ask(path);
  expect([status, headers['content-type'], headers['cache-control']]).toEqual([
    404,
    'application/problem+json',
    'no-store',
  ]);
  expect(JSON.parse(body.toString())).toMatchObject({ code: 'not-found' });
});

test('/embed.json tells version, address, integrity and size on the way of all 4 scripts', async () => {
  const { headers, body } = await ask('/embed.json');
  expect(headers).toMatchObject({
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=300',
    'content-type': 'application/json; charset=utf-8',
  });
  const files = Object.keys(FILES)
    .filter((name) => name.endsWith('.js'))
    .map((name) => {
      const text = FILES[name] ?? '';
      return [
        name,
        {
          url: `https://relay.example/v${VERSION}/${name}`,
          integrity: `sha384-${createHash('sha384').update(text).digest('base64')}`,
          gzipBytes: gzipSync(text).length,
          brotliBytes: brotliCompressSync(text).length,
        },
      ];
    });
  expect(JSON.parse(body.toString())).toEqual({ version: VERSION, files: Object.fromEntries(files) });
});

test('of the element as it is built, /embed.json says of each file what the build wrote of it', async () => {
  const built = await House.open({ assetsDir: ELEMENT_DIR });
  const told: unknown = JSON.parse((await ask('/embed.json', {}, 'GET', built)).body.toString());
  const wrote: unknown = JSON.parse(readFileSync(join(ELEMENT_DIR, 'integrity.json'), 'utf8'));
  const values = Object.entries(Object(Object(told).files)).map(([name, file]) => [
    name,
    Object(file).integrity,
  ]);
  await built.close();
  expect(values.length).toBeGreaterThan(0);
  expect(Object.fromEntries(values)).toEqual(wrote);
});
