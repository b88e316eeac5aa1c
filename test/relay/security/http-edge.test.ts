import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { House, upgradeRequest } from '../house.ts';
import { vonageSettings } from './vonage-settings.ts';

let house: House;
let plain: House;
beforeAll(async () => {
  house = await House.open({ settings: vonageSettings() });
  plain = await House.open();
});
afterAll(async () => {
  await house.close();
  await plain.close();
});

/** Statuses of all answers to these bytes, and all that came, once the relay has closed the connection. */
function answersTo(bytes: string): Promise<{ statuses: number[]; heard: string }> {
  return new Promise((resolve) => {
    const socket = connect({ port: house.port, host: '127.0.0.1', allowHalfOpen: true });
    let heard = '';
    const done = (): void => {
      socket.destroy();
      const statuses = [...heard.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
      resolve({ statuses, heard });
    };
    socket.on('data', (part: Buffer) => (heard += part.toString('latin1')));
    socket.once('end', done);
    // A reset: what we sent had not all been read.
    socket.once('error', done);
    socket.write(bytes, 'latin1');
  });
}

const GET = 'GET /healthz HTTP/1.1\r\n';
const POST = 'POST /vonage/event HTTP/1.1\r\nHost: a\r\n';
const HOST = 'Host: a\r\n';
/** The last header of the last request. */
const CLOSE = 'Connection: close\r\n\r\n';

/** Node 24 counts the bytes between headers too, and refuses by itself. */
const MANY_HEADERS = Number(process.versions.node.split('.')[0]) < 24 ? 400 : 431;

describe.concurrent('P16: refused, and the connection closed', () => {
  test.each<[what: string, bytes: string, status: number]>([
    ['a header of 20 kB', `${GET}${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a path of 20 kB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
    ['101 headers', `${GET}${HOST}${'a: b\r\n'.repeat(100)}\r\n`, 400],
    ['3000 headers', `${GET}${HOST}${'a: b\r\n'.repeat(3000)}\r\n`, MANY_HEADERS],
    ['3000 headers before a Host', `${GET}${'a: b\r\n'.repeat(3000)}${HOST}\r\n`, MANY_HEADERS],
    [
      'both lengths of a body',
      `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`,
      400,
    ],
    [
      'both, the other way round',
      `${POST}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG`,
      400,
    ],
    ['two Content-Length', `${POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400],
    ['two that are alike', `${POST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`, 400],
    ['Content-Length: 3, 3', `${POST}Content-Length: 3, 3\r\n\r\nabc`, 400],
    ['Content-Length: +3', `${POST}Content-Length: +3\r\n\r\nabc`, 400],
    ['Content-Length: -3', `${POST}Content-Length: -3\r\n\r\nabc`, 400],
    ['a Content-Length of 23 digits', `${POST}Content-Length: 99999999999999999999999\r\n\r\nabc`, 400],
    ['two codings', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`, 400],
    ['xchunked', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ['gzip, chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunked, identity', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
    ['a space before the colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a vertical tab after it', `${POST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`, 400],
    ['chunks of HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a chunk of length 0x3', `${POST}Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`, 400],
    ['chunks that end in LF', `${POST}Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n`, 400],
    ['lines that end in LF', 'GET /healthz HTTP/1.1\nHost: a\n\n', 400],
    ['one line that ends in LF', `${GET}Host: a\nX: b\r\n\r\n`, 400],
    ['one line that ends in CR', `${GET}Host: a\rX: b\r\n\r\n`, 400],
    ['no Host', `${GET}\r\n`, 400],
    ['two Hosts', `${GET}${HOST}Host: b\r\n\r\n`, 400],
    ['a space in the path', `GET /health z HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['NUL in the path', `GET /health\0z HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['NUL in a header', `${GET}${HOST}X: a\0b\r\n\r\n`, 400],
    ['a byte above 127 in the path', `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['a folded header', `${GET}${HOST}X: a\r\n b\r\n\r\n`, 400],
    ['a header without a name', `${GET}${HOST}: b\r\n\r\n`, 400],
    ['an address in place of the path', `GET http://evil.example/healthz HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['# in the path', `GET /healthz#/../metrics HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['HTTP/0.9', 'GET /healthz\r\n\r\n', 400],
    ['HTTP/1.2', `GET /healthz HTTP/1.2\r\n${HOST}\r\n`, 400],
    ['HTTP/2.0', `GET /healthz HTTP/2.0\r\n${HOST}\r\n`, 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
    ['a method that there is not', `BREW / HTTP/1.1\r\n${HOST}\r\n`, 400],
    [
      'a second request after "Connection: close"',
      `${GET}${HOST}Connection: close\r\n\r\n${GET}${HOST}\r\n`,
      400,
    ],
    ['an upgrade to h2c', `${GET}${HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`, 404],
    [
      'an upgrade with 101 headers',
      upgradeRequest('/v1/rooms/allhands/listen', Array<string>(100).fill('a: b')),
      400,
    ],
    ['an upgrade of an address', upgradeRequest('http://evil.example/v1/rooms/allhands/listen'), 400],
  ])('%s', async (_, bytes, status) => {
    expect((await answersTo(bytes)).statuses).toEqual([status]);
  });

  test('CONNECT is not even answered', async () => {
    expect((await answersTo(`CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`)).heard).toBe('');
  });
});

describe.concurrent('P16: answered', () => {
  test('HTTP/1.0 without Host, as health checks send it, with 200', async () => {
    expect((await answersTo('GET /healthz HTTP/1.0\r\n\r\n')).statuses).toEqual([200]);
  });

  test('100 headers with 200', async () => {
    expect((await answersTo(`${GET}${HOST}${'a: b\r\n'.repeat(98)}${CLOSE}`)).statuses).toEqual([200]);
  });

  test('TRACE with 405, and nothing of the request comes back', async () => {
    const { statuses, heard } = await answersTo(
      `TRACE /healthz HTTP/1.1\r\n${HOST}X-Secret: swordfish\r\n${CLOSE}`,
    );
    expect(statuses).toEqual([405]);
    expect(heard).not.toContain('swordfish');
  });

  test('two requests behind one another with two answers, and the body of the first is no request', async () => {
    const inner = `GET /v1/rooms/allhands HTTP/1.1\r\n${HOST}${CLOSE}`;
    const outer = `${GET}${HOST}Content-Length: ${inner.length}\r\n\r\n${inner}`;
    const { statuses, heard } = await answersTo(outer + inner);
    expect(statuses).toEqual([200, 200]);
    expect(heard.match(/"room":"allhands"/g)).toHaveLength(1);
  });

  test('%0d%0a in a path with 404, and no header of it in the answer', async () => {
    const { statuses, heard } = await answersTo(`GET /a%0d%0aX-Injected:%20yes HTTP/1.1\r\n${HOST}${CLOSE}`);
    expect(statuses).toEqual([404]);
    expect(heard).not.toMatch(/injected/i);
  });

  test('a proxy’s X-Forwarded-For behind 2000 headers of the client’s is not lost, it is refused', async () => {
    const padded = `GET /v1/rooms/allhands/stream.wav HTTP/1.1\r\n${HOST}${'a:\r\n'.repeat(2000)}`;
    const { statuses } = await answersTo(`${padded}X-Forwarded-For: 192.0.2.1\r\n\r\n`);
    expect([statuses, house.relay.listeners()]).toEqual([[MANY_HEADERS], 0]);
  });
});

/** The answer to a path, from a relay whose own address is https or not; a stream is let go of. */
async function headersOf(path: string, { of = house, method = 'GET' } = {}): Promise<Headers> {
  const aborted = new AbortController();
  const { headers } = await fetch(of.url + path, { method, signal: aborted.signal, redirect: 'manual' });
  aborted.abort();
  return headers;
}

const RESOURCES = [
  '/healthz',
  '/v1/rooms/allhands',
  '/v1/rooms/allhands/stream',
  '/v1/rooms/allhands/stream.wav',
  '/v1/rooms/allhands/chunks?listener=a-listener-that-polls',
  '/conf-listener.js',
  '/v1/conf-listener.js',
  '/nothing',
  '/v1/rooms/..%2f',
  '/vonage/answer',
];
const PAGES = ['/listen/allhands', '/embed/allhands'];

describe('P24: headers', () => {
  test.each([...RESOURCES, ...PAGES])(
    '%s says nosniff, a referrer policy, https for a year, and not who serves it',
    async (path) => {
      const headers = await headersOf(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
      expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
    },
  );

  test.each(RESOURCES)(
    '%s runs and loads nothing but its own sound, and is for pages of any origin',
    async (path) => {
      const headers = await headersOf(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; media-src 'self'; frame-ancestors 'none'",
      );
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    },
  );

  test.each(PAGES)('%s is found by no search engine and has its own policy', async (path) => {
    const headers = await headersOf(path);
    expect(headers.get('x-robots-tag')).toBe('noindex');
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(headers.get('x-frame-options')).toBeNull();
  });

  test('a relay on plain http asks nobody for https', async () => {
    expect((await headersOf('/healthz', { of: plain })).get('strict-transport-security')).toBeNull();
  });

  test('a refused upgrade says nosniff and no-store', async () => {
    const answer = await house.raw(upgradeRequest('/ingest/allhands'));
    expect(answer).toContain('\r\nX-Content-Type-Options: nosniff\r\n');
    expect(answer).toContain('\r\nCache-Control: no-store\r\n');
  });

  test('a refusal is kept by no cache; one with 401 says which scheme', async () => {
    expect((await headersOf('/nothing')).get('cache-control')).toBe('no-store');
    const headers = await headersOf('/v1/rooms/board/stream');
    expect([headers.get('cache-control'), headers.get('www-authenticate')]).toEqual(['no-store', 'Bearer']);
  });
});

test.each([
  '//evil.example',
  '//evil.example/..',
  '/%2f%2fevil.example',
  '/\\evil.example',
  '/listen/allhands/',
  '/embed',
  '///',
])('P24: %s leads nowhere: no redirect', async (path) => {
  const { statuses, heard } = await answersTo(`GET ${path} HTTP/1.1\r\nHost: evil.example\r\n${CLOSE}`);
  expect(statuses).toEqual([404]);
  expect(heard).not.toMatch(/^location:/im);
});
