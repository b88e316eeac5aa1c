import { describe, expect, test } from 'vitest';
import { VonageSignature } from '../../../relay/ingest/vonage-signature.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ACCOUNT, signed } from './signed.ts';

const BODY = '{"status":"answered","uuid":"aaaa"}';

function stage() {
  const clock = new FakeClock();
  const signature = new VonageSignature(ACCOUNT, clock);
  const check = (authorization: string | undefined, payloads: readonly string[] = [BODY], use = 'event') =>
    signature.check(authorization, payloads, use);
  return { clock, check, nowSec: clock.wallMs() / 1000 };
}

describe('P23: what the platform signed', () => {
  test('is right, once; the second time it is replayed', async () => {
    const { check, nowSec } = stage();
    const authorization = signed({ iat: nowSec, body: BODY });
    expect(await check(authorization)).toEqual({ kind: 'right' });
    expect(await check(authorization)).toEqual({ kind: 'replayed' });
  });

  test('for one address is wrong for every other, and stays good for the first', async () => {
    const { check, nowSec } = stage();
    const authorization = signed({ iat: nowSec, body: BODY });
    expect(await check(authorization, [BODY], 'pin/allhands/1')).toEqual({ kind: 'right' });
    for (const use of ['pin/allhands/2', 'pin/board/1', 'answer', 'leg']) {
      expect(await check(authorization, [BODY], use)).toEqual({ kind: 'wrong', code: 'used-elsewhere' });
    }
    expect(await check(authorization, [BODY], 'pin/allhands/1')).toEqual({ kind: 'replayed' });
  });

  test('for an upgrade, which has no body, is right without a hash', async () => {
    const { check, nowSec } = stage();
    expect(await check(signed({ iat: nowSec }), [])).toEqual({ kind: 'right' });
  });

  test('may have the hash of any of the payloads, in capitals too', async () => {
    const { check, nowSec } = stage();
    expect(await check(signed({ iat: nowSec, body: BODY }), [` ${BODY}`, BODY])).toEqual({ kind: 'right' });
    const hash = Buffer.from(signed({ iat: nowSec, body: BODY }).split('.')[1] ?? '', 'base64url').toString();
    const capitals = /"payload_hash":"([^"]+)"/.exec(hash)?.[1]?.toUpperCase();
    expect(await check(signed({ iat: nowSec, claims: { payload_hash: capitals } }))).toEqual({
      kind: 'right',
    });
  });

  test.each([
    [300, 'right'],
    [301, 'wrong'],
    [-60, 'right'],
    [-61, 'wrong'],
  ])('%i s ago is %s', async (ageSec, kind) => {
    const { check, nowSec } = stage();
    expect((await check(signed({ iat: nowSec - ageSec, body: BODY }))).kind).toBe(kind);
  });

  test('with exp and nbf is taken up to 60 s past them: clocks differ', async () => {
    const { check, nowSec } = stage();
    const at = (exp: number, nbf: number) =>
      check(signed({ iat: nowSec, body: BODY, claims: { exp: nowSec + exp, nbf: nowSec + nbf } }));
    expect(await at(-59, 60)).toEqual({ kind: 'right' });
    expect(await at(-60, 0)).toEqual({ kind: 'wrong', code: 'not-a-token' });
    expect(await at(900, 61)).toEqual({ kind: 'wrong', code: 'not-a-token' });
  });

  test('is remembered for as long as it would be taken: after 359 s it is replayed, after 361 s too old', async () => {
    const { check, clock, nowSec } = stage();
    const early = signed({ iat: nowSec + 60, body: BODY });
    await check(early);
    clock.advance(359_000);
    expect(await check(early)).toEqual({ kind: 'replayed' });
    clock.advance(2000);
    expect(await check(early)).toEqual({ kind: 'wrong', code: 'too-old' });
  });
});

test.each([
  ['an altered body', { body: `${BODY} ` }, 'altered-body'],
  ['no hash', {}, 'altered-body'],
  ['a hash that is no text', { claims: { payload_hash: 7 } }, 'altered-body'],
  ['another api_key', { body: BODY, claims: { api_key: 'other' } }, 'wrong-claims'],
  ['another application_id', { body: BODY, claims: { application_id: 'other' } }, 'wrong-claims'],
  ['no jti', { body: BODY, claims: { jti: undefined } }, 'wrong-claims'],
  ['no iat', { body: BODY, claims: { iat: undefined } }, 'wrong-claims'],
  ['an iat that is no number', { body: BODY, claims: { iat: 'now' } }, 'not-a-token'],
  ['another iss', { body: BODY, claims: { iss: 'Nexmo' } }, 'not-a-token'],
  ['no iss', { body: BODY, claims: { iss: undefined } }, 'not-a-token'],
  ['alg none', { body: BODY, header: { alg: 'none' } }, 'not-a-token'],
  ['alg RS256, the secret as its key', { body: BODY, header: { alg: 'RS256' } }, 'not-a-token'],
  ['alg HS512, rightly signed', { body: BODY, header: { alg: 'HS512' }, hash: 'sha512' }, 'not-a-token'],
  ['HS512 under the name HS256', { body: BODY, hash: 'sha512' }, 'not-a-token'],
  ['another secret', { body: BODY, secret: 'guessed' }, 'not-a-token'],
  ['an exp in the past', { body: BODY, claims: { exp: 1 } }, 'not-a-token'],
] as const)('P23: %s is refused', async (_, forgery, code) => {
  const { check, nowSec } = stage();
  expect(await check(signed({ iat: nowSec, ...forgery }))).toEqual({ kind: 'wrong', code });
});

test('P23: alg none without a signature is refused', async () => {
  const { check, nowSec } = stage();
  const unsigned = signed({ iat: nowSec, body: BODY, header: { alg: 'none' } }).replace(/[^.]+$/, '');
  expect(await check(unsigned)).toEqual({ kind: 'wrong', code: 'not-a-token' });
});

test('no header is missing, a header that is none is wrong', async () => {
  const { check } = stage();
  expect(await check(undefined, [])).toEqual({ kind: 'missing' });
  expect(await check('Basic abc', [])).toEqual({ kind: 'wrong', code: 'not-a-token' });
});

test('a forged token is not remembered: the true one with its jti still counts', async () => {
  const { check, nowSec } = stage();
  const claims = { jti: 'one' };
  await check(signed({ iat: nowSec, body: BODY, claims, secret: 'guessed' }));
  expect((await check(signed({ iat: nowSec, body: BODY, claims }))).kind).toBe('right');
});
