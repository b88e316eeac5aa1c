import { expect, test } from 'vitest';
import { VonageSignature } from '../../../relay/ingest/vonage-signature.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ACCOUNT, signed } from './signed.ts';

const BODY = '{"status":"answered","uuid":"aaaa"}';

function stage() {
  const clock = new FakeClock();
  return { clock, signature: new VonageSignature(ACCOUNT, clock), nowSec: clock.wallMs() / 1000 };
}

test('a webhook that the platform signed is right, once; the second time it is replayed', async () => {
  const { signature, nowSec } = stage();
  const authorization = signed({ iat: nowSec, body: BODY });
  expect(await signature.check(authorization, [BODY])).toEqual({ kind: 'right' });
  expect(await signature.check(authorization, [BODY])).toEqual({ kind: 'replayed' });
});

test('an upgrade, which has no body, is right without a hash', async () => {
  const { signature, nowSec } = stage();
  expect(await signature.check(signed({ iat: nowSec }), [])).toEqual({ kind: 'right' });
});

test('the hash may be of any of the payloads, in capitals too', async () => {
  const { signature, nowSec } = stage();
  expect(await signature.check(signed({ iat: nowSec, body: BODY }), [` ${BODY}`, BODY])).toEqual({
    kind: 'right',
  });
  const hash = Buffer.from(signed({ iat: nowSec, body: BODY }).split('.')[1] ?? '', 'base64url').toString();
  const capitals = /"payload_hash":"([^"]+)"/.exec(hash)?.[1]?.toUpperCase();
  const authorization = signed({ iat: nowSec, claims: { payload_hash: capitals } });
  expect(await signature.check(authorization, [BODY])).toEqual({ kind: 'right' });
});

test('300 s old and 60 s early are taken, 301 and 61 are not', async () => {
  const { signature, nowSec } = stage();
  for (const [age, kind] of [
    [300, 'right'],
    [301, 'wrong'],
    [-60, 'right'],
    [-61, 'wrong'],
  ] as const) {
    const verdict = await signature.check(signed({ iat: nowSec - age, body: BODY }), [BODY]);
    expect([age, verdict.kind]).toEqual([age, kind]);
  }
});

test.each([
  ['an altered body', { body: `${BODY} ` }, 'altered-body'],
  ['no hash', {}, 'altered-body'],
  ['a hash that is no text', { claims: { payload_hash: 7 } }, 'altered-body'],
  ['another api_key', { body: BODY, claims: { api_key: 'other' } }, 'wrong-claims'],
  ['another application', { body: BODY, claims: { application_id: 'other' } }, 'wrong-claims'],
  ['no jti', { body: BODY, claims: { jti: undefined } }, 'wrong-claims'],
  ['no iat', { body: BODY, claims: { iat: undefined } }, 'wrong-claims'],
  ['an iat that is no number', { body: BODY, claims: { iat: 'now' } }, 'not-a-token'],
  ['another issuer', { body: BODY, claims: { iss: 'Nexmo' } }, 'not-a-token'],
  ['alg none', { body: BODY, header: { alg: 'none' } }, 'not-a-token'],
  ['alg RS256', { body: BODY, header: { alg: 'RS256' } }, 'not-a-token'],
  ['another secret', { body: BODY, secret: 'guessed' }, 'not-a-token'],
  ['an exp in the past', { body: BODY, claims: { exp: 1 } }, 'not-a-token'],
])('%s is refused', async (_, forgery, code) => {
  const { signature, nowSec } = stage();
  const verdict = await signature.check(signed({ iat: nowSec, ...forgery }), [BODY]);
  expect(verdict).toEqual({ kind: 'wrong', code });
});

test('no header is missing, a header that is none is wrong', async () => {
  const { signature } = stage();
  expect(await signature.check(undefined, [])).toEqual({ kind: 'missing' });
  expect(await signature.check('Basic abc', [])).toEqual({ kind: 'wrong', code: 'not-a-token' });
});

test('a forged token is not remembered: the true one with its jti still counts', async () => {
  const { signature, nowSec } = stage();
  const claims = { jti: 'one' };
  await signature.check(signed({ iat: nowSec, body: BODY, claims, secret: 'guessed' }), [BODY]);
  expect((await signature.check(signed({ iat: nowSec, body: BODY, claims }), [BODY])).kind).toBe('right');
});
