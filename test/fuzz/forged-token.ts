import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import * as v from 'valibot';
import { anyJson, anyText } from './campaign.ts';

/** A JWT as anybody may write one: any header and claims as JSON text, signed by somebody, then edited. */
export const Token = v.strictObject({
  header: v.string(),
  claims: v.string(),
  signedBy: v.picklist(['owner', 'stranger', 'nobody']),
  hash: v.picklist(['sha256', 'sha512']),
  edits: v.array(v.strictObject({ at: v.number(), removed: v.number(), put: v.string() })),
});

/** One of {@link Token}. */
export type Token = v.InferOutput<typeof Token>;

/** Claims by name, as JSON text. */
export type Claims = readonly (readonly [name: string, json: string])[];

/** Right tokens of these claims, and ones of which something is wrong, or only unusual. */
export function tokensOf(
  claims: fc.Arbitrary<Claims>,
  otherValues: fc.Arbitrary<string>,
): fc.Arbitrary<Token> {
  const value = fc.oneof(
    otherValues,
    anyJson.map((json) => json || '0'),
  );
  const change = fc.tuple(fc.nat(20), fc.constantFrom('replace', 'remove', 'double'), value);
  const changed = fc.tuple(claims, few(change, 2)).map(([good, changes]) => {
    let all = good.map(([name, json]) => [name, json]);
    for (const [which, how, json] of changes) {
      const at = which % Math.max(1, all.length);
      const name = all[at]?.[0] ?? 'exp';
      all = all.toSpliced(at, how === 'double' ? 0 : 1, ...(how === 'remove' ? [] : [[name, json]]));
    }
    return `{${all.map(([name, json]) => `"${name}":${json}`).join()}}`;
  });
  const edit = fc.record({
    at: fc.nat(600),
    removed: fc.nat(3),
    put: fc.oneof(fc.constantFrom('', '.', '=', '-', 'A', '\n', '..'), anyText),
  });
  return fc.record({
    header: mostly(
      '{"alg":"HS256"}',
      fc.oneof(
        fc
          .constantFrom('none', 'None', 'HS512', 'HS384', 'RS256', 'ES256', 'hs256', 'EdDSA', '')
          .map((alg) => `{"alg":"${alg}"}`),
        fc.constantFrom(
          '{"alg":"HS256","typ":"JWT"}',
          '{"alg":"HS256","b64":false,"crit":["b64"]}',
          '{"alg":"HS256","crit":["exp"],"exp":1}',
          '{"alg":"none","alg":"HS256"}',
          '{"alg":"HS256","kid":"../../secret","jwk":{"kty":"oct","k":"AA"}}',
        ),
        anyJson.map((json) => `{"alg":${json || '0'}}`),
        anyJson,
        anyText,
      ),
    ),
    claims: fc.oneof({ weight: 12, arbitrary: changed }, anyJson, anyText),
    signedBy: mostly('owner', fc.constantFrom('stranger', 'nobody')),
    hash: mostly('sha256', fc.constant('sha512')),
    edits: few(edit, 3),
  });
}

/** A list that is empty half of the time. */
export function few<Value>(value: fc.Arbitrary<Value>, maxLength: number): fc.Arbitrary<Value[]> {
  return fc.oneof(fc.array(value, { maxLength: 0 }), fc.array(value, { maxLength }));
}

/** The usual value, and now and then another. */
export function mostly<const Value>(usual: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, other);
}

/** The token on the wire, where `secret` is the owner's. */
export function textOf({ header, claims, signedBy, hash, edits }: Token, secret: string): string {
  const said = [header, claims].map((json) => Buffer.from(json).toString('base64url')).join('.');
  const key = signedBy === 'owner' ? secret : `${secret}!`;
  const mac = signedBy === 'nobody' ? '' : createHmac(hash, key).update(said).digest('base64url');
  let text = `${said}.${mac}`;
  for (const { at, removed, put } of edits) {
    const place = at % (text.length + 1);
    text = text.slice(0, place) + put + text.slice(place + removed);
  }
  return text;
}

/** The claims of a token that this secret has signed HS256; undefined for any other text. Written without a library. */
export function claimsIn(text: string, secret: string): ReadonlyMap<string, unknown> | undefined {
  const [head = '', body = '', mac = '', ...rest] = text.split('.');
  const right = createHmac('sha256', secret).update(`${head}.${body}`).digest();
  if (rest.length > 0 || bytesIn(mac)?.equals(right) !== true) return undefined;
  const header = objectIn(head);
  return header?.get('alg') === 'HS256' && !header.has('crit') ? objectIn(body) : undefined;
}

/** Whether a time that a claim gives, if it does, is a number that fits. */
export function isTime(claim: unknown, fits: (sec: number) => boolean): boolean {
  return claim === undefined || (typeof claim === 'number' && fits(claim));
}

/** Base64url as browsers read it: white space and padding do no harm, other characters do. */
function bytesIn(part: string): Buffer | undefined {
  try {
    return Buffer.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), 'latin1');
  } catch {
    return undefined; // another alphabet
  }
}

function objectIn(part: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytesIn(part)));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined;
  } catch {
    return undefined; // not JSON
  }
}
