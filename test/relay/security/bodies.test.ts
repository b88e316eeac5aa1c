import { Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';
import { signed } from '../ingest/signed.ts';
import { vonageSettings } from './vonage-settings.ts';

const WEBHOOKS = ['/vonage/event', '/vonage/answer'];
const KB64 = 64 * 1024;

let house: House;
beforeAll(async () => (house = await House.open({ settings: vonageSettings() })));
afterAll(() => house.close());

/** Status and code of the answer to a webhook that the platform has signed. */
async function post(path: string, body: string): Promise<[number, unknown]> {
  const authorization = signed({ iat: Math.floor(Date.now() / 1000), body });
  const response = await fetch(house.url + path, { method: 'POST', body, headers: { authorization } });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : undefined;
  return [response.status, code];
}

/** The first line of the answer to these bytes. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connect({ port: house.port, host: '127.0.0.1' });
  let heard = '';
  socket.on('data', (part: Buffer) => (heard += part.toString()));
  socket.on('error', () => {});
  socket.write(bytes);
  await until('an answer has come', () => heard.includes('\r\n\r\n'));
  socket.destroy();
  return heard.split('\r\n', 1)[0] ?? '';
}

function chunked(bytes: number, each: number): string {
  const chunk = `${each.toString(16)}\r\n${'x'.repeat(each)}\r\n`;
  return `${chunk.repeat(bytes / each)}0\r\n\r\n`;
}

describe('P22: a body of more than 64 kB is 413, whatever is said of its length', () => {
  const head = 'POST /vonage/event HTTP/1.1\r\nHost: a\r\n';
  test.each([
    ['64 kB and 1 byte', `${head}Content-Length: ${KB64 + 1}\r\n\r\n${'x'.repeat(KB64 + 1)}`],
    ['1 MB in chunks of 1 kB', `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(2 ** 20, 1024)}`],
    ['128 kB in one chunk', `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(2 * KB64, 2 * KB64)}`],
    ['1 TB, announced, of which 10 bytes come', `${head}Content-Length: ${2 ** 40}\r\n\r\n${'x'.repeat(10)}`],
  ])('%s', async (_, bytes) => {
    expect(await answerTo(bytes)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('of 100 kB under a Content-Length of 10 the rest is a request, and 400', async () => {
    expect(await house.raw(`${head}Content-Length: 10\r\n\r\n${'x'.repeat(100_000)}`)).toMatch(
      /(^|\n)HTTP\/1\.1 400 /,
    );
  });

  test.each(WEBHOOKS)('%s takes 64 kB', async (path) => {
    const body = `{"to":"1","status":"started","uuid":"u","pad":"${'x'.repeat(KB64 - 49)}"}`;
    expect(body).toHaveLength(KB64);
    expect([200, 204]).toContain((await post(path, body))[0]);
  });
});

const lists = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const own = (value: object): string[] => Object.getOwnPropertyNames(value).toSorted();
const errors = (): number => house.log.lines.filter(({ level }) => level === 'error').length;
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype];

describe('P22: JSON that means harm is refused or harmless, and no prototype changes', () => {
  test.each<[what: string, body: string]>([
    ['30,000 lists in lists', lists(30_000)],
    ['30,000 lists in a field', `{"to":"1","status":"started","x":${lists(30_000)}}`],
    ['10,000 objects in objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['__proto__ as a key', '{"to":"1","uuid":"u","__proto__":{"polluted":true,"status":"completed"}}'],
    ['constructor.prototype as keys', '{"to":"1","constructor":{"prototype":{"polluted":true}}}'],
    ['__proto__ as values', '{"to":"__proto__","status":"__proto__","uuid":"__proto__"}'],
    ['constructor as values', '{"to":"constructor","status":"constructor","uuid":"constructor"}'],
    ['objects for texts', '{"to":{},"status":{},"uuid":[]}'],
    ['null', 'null'],
    ['a number of 1000 digits', '9'.repeat(1000)],
    ['no JSON', '{"to":'],
    ['nothing', ''],
  ])('%s', async (_, body) => {
    const before = PROTOTYPES.map(own);
    const complaints = errors();
    for (const path of WEBHOOKS) expect([200, 204, 400]).toContain((await post(path, body))[0]);
    expect(PROTOTYPES.map(own)).toEqual(before);
    expect(errors()).toBe(complaints);
  });

  test('100,000 lists in lists are 200 kB: 413', async () => {
    for (const path of WEBHOOKS) expect(await post(path, lists(100_000))).toEqual([413, 'too-large']);
  });
});

test('P24: 8 bodies and headers full of addresses make the relay connect to nobody', async () => {
  const connects = vi.spyOn(Socket.prototype, 'connect');
  const before = connects.mock.calls.length;
  const trap = 'http://127.0.0.1:1/trap';
  const fields = ['url', 'event_url', 'answer_url', 'recording_url', 'callback', 'to', 'from', 'uuid'];
  const body = JSON.stringify({
    status: 'completed',
    ...Object.fromEntries(fields.map((name) => [name, trap])),
  });
  for (const path of WEBHOOKS) await post(path, body);
  const query = new URLSearchParams(fields.map((name) => [name, trap]));
  const headers = {
    'X-Forwarded-For': trap,
    Referer: trap,
    'X-Original-URL': trap,
    Forwarded: `host=${trap}`,
  };
  for (const path of [
    '/listen/allhands',
    '/embed/allhands',
    '/v1/rooms/allhands',
    '/vonage/answer',
    '/oembed',
  ])
    await (await fetch(`${house.url}${path}?${query}`, { headers, redirect: 'manual' })).text();
  const others = (): string[] =>
    connects.mock.calls
      .slice(before)
      .map((call) => JSON.stringify(call))
      .filter((target) => !target.includes(`"port":"${house.port}"`));
  expect(others()).toEqual([]);
  // We would have seen it.
  connect({ port: 1, host: '127.0.0.1' }).on('error', () => {});
  expect(others()).toHaveLength(1);
  connects.mockRestore();
});
