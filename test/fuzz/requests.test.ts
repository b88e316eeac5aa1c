import { connect } from 'node:net';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseRoomId } from '../../wire/room-id.ts';
import { Bystander } from './bystander.ts';
import { anyText, hunt, huntInBatches, MOST_MS } from './campaign.ts';
import { few, mostly } from './forged-token.ts';

const ROOM_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-'.split('');
const roomLike = fc.string({
  unit: fc.constantFrom(...ROOM_LETTERS, 'A', '_', '.', '%', '/', 'é', ' '),
  maxLength: 70,
});

test(
  '10,000 texts are a room id if they are 1 to 64 of its letters, the first no hyphen',
  async () => {
    const madeUp = fc.oneof(
      anyText,
      roomLike,
      fc.string({ unit: fc.constantFrom(...ROOM_LETTERS), maxLength: 66, size: 'max' }),
    );
    await hunt({ name: 'room-ids', written: v.string(), madeUp }, (text) => {
      const isLettersOnly = text.split('').every((letter) => ROOM_LETTERS.includes(letter));
      const isRight = isLettersOnly && text.length > 0 && text.length <= 64 && text[0] !== '-';
      expect([text, parseRoomId(text)]).toEqual([text, isRight ? text : undefined]);
    });
  },
  MOST_MS,
);

/** A request as bytes of latin1, sent as it is. */
const Case = v.strictObject({
  method: v.string(),
  target: v.string(),
  version: v.string(),
  headers: v.array(v.string()),
});

const bytes = fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)), maxLength: 30 });
const visible = fc.string({
  unit: fc.integer({ min: 33, max: 126 }).map((byte) => String.fromCharCode(byte)),
});
const escaped = fc.constantFrom(
  '%2e%2e%2f',
  '%2F',
  '%00',
  '%',
  '%zz',
  '%ff',
  '%0d%0a',
  '%E2%82',
  '..',
  '.',
  '//',
  '\\',
);
const room = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('allhands', 'board', 'nowhere') },
  fc.constantFrom('__proto__', 'constructor', 'a'.repeat(65), 'ALLHANDS', '*', '>', ':room', '(.*)'),
  escaped,
  visible,
  bytes,
);
const way = fc.constantFrom('', '/stream', '/stream.wav', '/chunks', '/listen', '/listen/', '/nothing');
const query = fc.oneof(
  fc.constantFrom(
    '?wait=0',
    '?wait=0&after=0.0',
    '?wait=0&listener=one',
    '?wait=0.01&after=1e9.1',
    '?wait=-1',
    '?wait=0&wait=9',
  ),
  fc.tuple(visible, visible).map(([name, value]) => `?wait=0&${name}=${value}`),
);
const path = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(room, way, query).map((parts) => `/v1/rooms/${parts.join('')}`) },
  fc
    .tuple(
      fc.constantFrom('/listen/', '/embed/', '/ingest/', '/vonage/leg/', '/vonage/pin/', '/'),
      room,
      fc.constantFrom('', '/', '/1'),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '/healthz',
    '/readyz',
    '/conf-listener.js',
    '/v1/conf-listener.js',
    '/oembed',
    '/metrics',
    '/admin',
    '*',
    '/',
  ),
  fc.tuple(fc.constantFrom('http://[', 'http://a/', '//', '/?'), visible).map((parts) => parts.join('')),
  visible,
  bytes,
);
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const headerName = fc.constantFrom(
  'Authorization',
  'Origin',
  'Host',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Extensions',
  'Upgrade',
  'Connection',
  'Content-Length',
  'Transfer-Encoding',
  'Range',
  'If-None-Match',
  'Accept-Encoding',
  'Cookie',
  'Expect',
  '__proto__',
);
const headerValue = fc.oneof(
  fc.constantFrom(
    'Bearer x.y.z',
    'conf.v1',
    'conf.v1, bearer.x.y.z',
    'conf.v1,conf.v1',
    'null',
    'https://intranet.example',
    '192.0.2.1, ::1, [fe80::1%eth0]:80',
    'chunked',
    '100-continue',
    'upgrade',
    'h2c',
    '0',
    '-1',
    'bytes=0-1,5-',
    'permessage-deflate; server_max_window_bits=99',
    'x'.repeat(17_000),
  ),
  visible,
  bytes,
);
const header = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(headerName, headerValue).map(([name, value]) => `${name}: ${value}`) },
  visible,
  bytes,
);
const madeUp: fc.Arbitrary<v.InferOutput<typeof Case>> = fc.record({
  method: mostly(
    'GET',
    fc.oneof(fc.constantFrom('HEAD', 'POST', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get'), visible),
  ),
  target: path,
  version: mostly('HTTP/1.1', fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.1 ', '')),
  headers: fc
    .tuple(fc.boolean(), few(header, 6))
    .map(([isUpgrade, others]) => [...(isUpgrade ? UPGRADE : []), ...others]),
});

/** What a relay may answer with; 503 only for what its problem says. Node itself answers some of them. */
const STATUSES = [100, 101, 200, 204, 304, 400, 401, 403, 404, 405, 408, 413, 417, 426, 429, 431, 503];
const BUSY = /"code":"(not-verified|keys-unavailable|too-many-joins|relay-full|shutting-down)"/;
const SILENT_MS = 4000;

let bystander: Bystander;
beforeAll(async () => (bystander = await Bystander.open()));
afterAll(() => bystander.close());

/** The answer's beginning, or what came instead: the connection is closed then. */
function ask({ method, target, version, headers }: v.InferOutput<typeof Case>): Promise<string> {
  const lines = [`${method} ${target} ${version}`, 'Host: relay.example', ...headers, '', ''];
  return new Promise((resolve) => {
    const socket = connect({ port: bystander.house.port, host: '127.0.0.1' });
    let answer = '';
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      answer = 'silent';
      end();
    }, SILENT_MS);
    socket.on('data', (part: Buffer) => {
      answer += part.toString('latin1');
      if (answer.includes('\r\n\r\n')) end();
    });
    socket.once('error', end);
    socket.once('close', end);
    socket.write(Buffer.from(lines.join('\r\n'), 'latin1'));
  });
}

test(
  '10,000 requests and upgrades of any bytes get a known status, and a listener of another room hears every chunk',
  async () => {
    await huntInBatches({ name: 'requests', written: Case, madeUp }, 50, async (requests) => {
      const answers = await Promise.all(requests.map(ask));
      for (const [n, answer] of answers.entries()) {
        const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
        // Node closes on CONNECT without a word, as on every method that wants the connection and has no handler.
        const isConnect = answer === '' && requests[n]?.method === 'CONNECT';
        const isKnown = isConnect || (STATUSES.includes(status) && (status !== 503 || BUSY.test(answer)));
        expect([requests[n], isKnown ? 'known' : answer]).toEqual([requests[n], 'known']);
      }
      await bystander.hears();
    });
  },
  MOST_MS,
);
