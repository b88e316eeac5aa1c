import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LeakSearch, type SecretKind } from './leak-search.ts';
import { ticketsBy } from './tickets.ts';

const WORDS = 'a secret of thirty-two characters';
const KEY = randomBytes(32).toString('base64url');
const TICKET = await ticketsBy(WORDS).issue(['board'], 'listen', 60);
const [, CLAIMS = '', SIGNATURE = ''] = TICKET.split('.');
const { privateKey: PEM } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

function searching(): LeakSearch {
  const search = new LeakSearch();
  for (const secret of [WORDS, KEY, PEM]) search.learn('secret', secret);
  search.learn('ticket', TICKET);
  for (const pin of ['2468', '864209', '1111#']) search.learn('code', pin);
  for (const number of ['442079460001', '+4915112345678']) search.learn('number', number);
  return search;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('a message with a secret in it is a leak', () => {
  test.each<[string, SecretKind, unknown]>([
    ['a key', 'secret', { message: `no ${KEY.slice(0, 20)}` }],
    ['15 characters of a key', 'secret', { key: KEY.slice(13, 28) }],
    ['a key in base64', 'secret', { message: `config=${base64(`{"key":"${KEY}"}`)}` }],
    ['a key in base64 in base64', 'secret', base64(base64(KEY))],
    ['words', 'secret', { message: `HMAC by "${WORDS}" failed` }],
    ['words, percent-encoded', 'secret', { url: `/x?secret=${encodeURIComponent(WORDS)}` }],
    ['a line of a PEM text', 'secret', { message: PEM.split('\n')[5]?.slice(0, 30) }],
    ['the signature of a ticket', 'ticket', { why: SIGNATURE.slice(0, 30) }],
    ['half the claims of a ticket', 'ticket', { why: `bad ${CLAIMS.slice(8, 40)}` }],
    ['a ticket in a list in an object', 'ticket', { a: { b: [1, SIGNATURE.slice(20)] } }],
    ['a ticket as a name', 'ticket', { tickets: { [SIGNATURE.slice(0, 30)]: 1 } }],
    ['a PIN', 'code', { keyed: '2468' }],
    ['a PIN as a number', 'code', { keyed: 2468 }],
    ['a PIN in JSON in a message', 'code', { message: 'bad body {"dtmf":{"digits":"2468"}}' }],
    ['a PIN in a query', 'code', { url: '/vonage/pin?digits=864209&uuid=1' }],
    ['a PIN after a colon', 'code', 'pin:2468'],
    ['what was keyed in', 'code', { message: 'wrong: 1111#' }],
    ['a number', 'number', { from: '442079460001' }],
    ['a number with a plus', 'number', { from: 'tel:+442079460001' }],
    ['a number as a number', 'number', { from: 4915112345678 }],
    ['a number within digits', 'number', { message: '00442079460001' }],
    ['a token nobody knew', 'shape', { message: 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.' }],
    [
      'a key nobody knew',
      'shape',
      { message: 'the key Zm9vYmFyQmF6MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1u is bad' },
    ],
    ['a header', 'shape', { message: 'Authorization: Bearer abcdefgh' }],
    ['PEM', 'shape', { message: '-----BEGIN PRIVATE KEY-----' }],
  ])('%s', (_name, kind, message) => {
    expect(
      searching()
        .leaksIn(message)
        .map((leak) => leak.kind),
    ).toEqual([kind]);
  });
});

describe('a message without one is none', () => {
  test.each<[string, unknown]>([
    ['a PIN within a longer number', { bytes: 12_468, message: 'in 24680 ms' }],
    ['a PIN within a uuid', { leg: '63f61863-2468-4b5e-b5a1-1111b0ff2468' }],
    ['a PIN within a time', { time: '2026-11-21T11:11:11.111Z', at: '10:2468' }],
    ['a PIN as a port', { url: 'http://127.0.0.1:2468' }],
    ['a PIN within a fraction', { message: '0.2468 s' }],
    ['a PIN within a word', { room: 'x2468y' }],
    ['the first and last words of a secret in words', { message: 'a secret of 12 characters' }],
    ['a long name of a room', { room: `${'all-hands-2026-'.repeat(4)}x` }],
    ['a phrase about a bearer', { message: 'Authorization: Bearer <key>' }],
  ])('%s', (_name, message) => {
    expect(searching().leaksIn(message)).toEqual([]);
  });
});

test('of 60,000 tickets the last 1,000 are known, and a key that was learnt before them', () => {
  const search = searching();
  const tickets = Array.from({ length: 60_000 }, (_, n) => `ticket-${n}-${n * 7919}-${n * 104_729}`);
  for (const ticket of tickets) search.learn('ticket', ticket);
  const found = tickets.slice(-1000).filter((ticket) => search.leaksIn(ticket).length === 1);
  expect([found.length, search.leaksIn(KEY).length]).toEqual([1000, 1]);
});

test('a secret is counted once; what is too short to be told from other text is not', () => {
  const search = searching();
  for (const secret of [KEY, KEY, 'wrong', '']) search.learn('ticket', secret);
  expect(search.learnt).toMatchObject({ ticket: 1, code: 3, number: 2, shape: 0 });
});
