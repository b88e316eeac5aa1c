import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { VonageDoor } from '../../relay/ingest/vonage-door.ts';
import { CALLER, setDoor } from '../relay/ingest/door-stage.ts';
import { ACCOUNT } from '../relay/ingest/signed.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { anyJson, anyText, hexBytes, hunt, MOST_MS } from './campaign.ts';
import { claimsIn, isTime, mostly, textOf, Token, tokensOf } from './forged-token.ts';

const NOW_SEC = new FakeClock().wallMs() / 1000;
const DIGITS = ['2468', '13579'];

/**
 * A webhook: `%bytes%` and `%compact%` in the claims stand for the hash of the body and of its JSON without spaces;
 * without a token it is not signed. `nesting`: the body lies in so many lists.
 */
const Case = v.strictObject({
  hook: v.picklist(['event', 'answer', 'pin']),
  path: v.tuple([v.string(), v.string()]),
  body: v.union([v.strictObject({ text: v.string() }), v.strictObject({ bytes: hexBytes })]),
  nesting: v.number(),
  token: v.nullable(Token),
  scheme: v.string(),
});
type Case = v.InferOutput<typeof Case>;

const token = tokensOf(
  fc.constantFrom('bytes', 'compact').map((of) => [
    ['iat', String(NOW_SEC)],
    ['jti', '"one"'],
    ['iss', '"Vonage"'],
    ['api_key', `"${ACCOUNT.apiKey}"`],
    ['application_id', `"${ACCOUNT.applicationId}"`],
    ['payload_hash', `"%${of}%"`],
    ['exp', String(NOW_SEC + 60)],
    ['nbf', String(NOW_SEC)],
  ]),
  fc.oneof(
    fc.integer({ min: -400, max: 400 }).map((off) => String(NOW_SEC + off)),
    fc.constantFrom('"Vonage"', '["Vonage"]', 'null', '1e400', '"%BYTES%"', '["%bytes%"]', '""'),
  ),
);

const status = fc.constantFrom(
  'completed',
  'answered',
  'disconnected',
  'constructor',
  '__proto__',
  'COMPLETED',
);
const field = fc.oneof(
  status.map((word) => `"status":"${word}"`),
  fc.constantFrom('"uuid":"u-1"', '"to":"442079460001"', '"to":"+442079460002"', `"from":"${CALLER}"`),
  fc.constantFrom(...DIGITS, '', '0').map((digits) => `"dtmf":{"digits":"${digits}"}`),
  fc
    .tuple(fc.constantFrom('uuid', 'status', 'to', 'from', 'dtmf', '__proto__'), anyJson)
    .map(([name, json]) => `"${name}":${json || '0'}`),
);
const body = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.array(field, { maxLength: 5 }), fc.constantFrom(',', ' , '))
      .map(([fields, comma]) => ({ text: `{${fields.join(comma)}}` })),
  },
  fc.oneof(anyJson, anyText).map((text) => ({ text })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ bytes: new Uint8Array(bytes) })),
);
const room = fc.constantFrom('board', 'board', 'allhands', 'nowhere', '__proto__', '..', '');

const madeUp: fc.Arbitrary<Case> = fc.record({
  hook: fc.constantFrom('event', 'answer', 'pin'),
  path: fc.tuple(
    fc.oneof({ weight: 5, arbitrary: room }, anyText),
    mostly('1', fc.oneof(anyText, fc.constantFrom('3', '4'))),
  ),
  body,
  nesting: mostly(0, fc.constantFrom(1, 100, 6000)),
  token: fc.option(token, { freq: 20 }),
  scheme: mostly('Bearer ', fc.oneof(anyText, fc.constantFrom('bearer  ', 'Basic '))),
});

function bytesOf({ body: given, nesting }: Case): string | Buffer {
  if ('bytes' in given) return Buffer.from(given.bytes);
  return '['.repeat(nesting) + given.text + ']'.repeat(nesting);
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hashes of the body as it is and written compactly; the same where it is no JSON, or deeper than anybody nests. */
function hashesOf(bytes: string | Buffer): { bytes: string; compact: string } {
  try {
    return { bytes: sha256(bytes), compact: sha256(JSON.stringify(JSON.parse(bytes.toString()))) };
  } catch {
    return { bytes: sha256(bytes), compact: sha256(bytes) };
  }
}

/** Whether the platform has signed this header for this body: every rule of its signatures, written again. */
function isSigned(authorization: string, hashes: readonly string[]): boolean {
  const text = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const claims =
    text !== undefined && /^[\w.~+/=-]+$/.test(text) ? claimsIn(text, ACCOUNT.signatureSecret) : undefined;
  if (!claims) return false;
  const hash = claims.get('payload_hash');
  return (
    claims.get('iss') === 'Vonage' &&
    claims.get('api_key') === ACCOUNT.apiKey &&
    claims.get('application_id') === ACCOUNT.applicationId &&
    typeof claims.get('jti') === 'string' &&
    claims.get('iat') !== undefined &&
    isTime(claims.get('iat'), (sec) => sec >= NOW_SEC - 300 && sec <= NOW_SEC + 60) &&
    isTime(claims.get('exp'), (sec) => sec > NOW_SEC - 60) &&
    isTime(claims.get('nbf'), (sec) => sec <= NOW_SEC + 60) &&
    typeof hash === 'string' &&
    hashes.includes(hash.toLowerCase())
  );
}

async function ask(
  door: VonageDoor,
  { hook, path }: Case,
  authorization: string | undefined,
  bytes: string | Buffer,
) {
  switch (hook) {
    case 'event':
      return door.event(authorization, bytes);
    case 'answer':
      return door.answer(authorization, bytes);
    case 'pin':
      return door.pin(authorization, bytes, ...path);
    default:
      return hook satisfies never;
  }
}

test(
  '10,000 webhooks: only what the platform has signed has an effect, everything else is 401 or 503; no PIN and no number is logged',
  async () => {
    await hunt({ name: 'webhooks', written: Case, madeUp }, async (each) => {
      const { door, log, news } = setDoor();
      const bytes = bytesOf(each);
      const hashes = hashesOf(bytes);
      let authorization: string | undefined;
      if (each.token) {
        const claims = each.token.claims
          .replace('%bytes%', hashes.bytes)
          .replace('%BYTES%', hashes.bytes.toUpperCase())
          .replace('%compact%', hashes.compact);
        authorization = each.scheme + textOf({ ...each.token, claims }, ACCOUNT.signatureSecret);
      }
      const answer = await ask(door, each, authorization, bytes);
      const right = authorization !== undefined && isSigned(authorization, Object.values(hashes));
      switch (answer.kind) {
        case 'done':
          expect([each.hook, right]).toEqual(['event', true]);
          break;
        case 'ncco':
          expect([each.hook === 'event', right]).toEqual([false, true]);
          if (JSON.stringify(answer.ncco).includes('"name":"board"'))
            expect([each.hook, bytes.toString()]).toEqual(['pin', expect.stringMatching(/"(2468|13579)"/)]);
          break;
        case 'refused':
          if (authorization === undefined) expect(answer.problem.code).toBe('not-verified');
          else if (!right) expect(answer.problem.code).toBe('ticket-refused');
          else
            expect(['bad-request', 'bad-room-id', 'not-found', 'room-not-found']).toContain(
              answer.problem.code,
            );
          break;
        default:
          answer satisfies never;
      }
      if (!right || each.hook !== 'event') expect(news).toEqual([]);
      const told = JSON.stringify([log.lines, answer]);
      for (const secret of [CALLER, ...DIGITS.map((digits) => `"${digits}"`)])
        expect(told).not.toContain(secret);
    });
  },
  MOST_MS,
);
