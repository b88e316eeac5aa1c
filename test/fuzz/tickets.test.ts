import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { SCOPES, Tickets } from '../../relay/access/tickets.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { roomId } from '../support/rooms.ts';
import { hunt, MOST_MS } from './campaign.ts';
import { claimsIn, isTime, textOf, Token, tokensOf } from './forged-token.ts';

const NOW_SEC = new FakeClock().wallMs() / 1000;
const SECRETS = {
  current: 'a secret of thirty-two characters',
  previous: 'and the one before that, of as many',
};
const ISSUER = 'https://login.example';
const tickets = new Tickets(
  {
    secret: SECRETS.current,
    previousSecret: SECRETS.previous,
    jwksUrl: undefined,
    issuer: ISSUER,
    audience: 'conf-listener',
  },
  new FakeClock(),
);

/** A ticket and what it is shown for; `owner` of the secret is whoever has `secret`. */
const Case = v.strictObject({
  token: Token,
  secret: v.picklist(['current', 'previous']),
  room: v.picklist(['allhands', 'board', 'board-2']),
  scope: v.picklist(SCOPES),
});

const rooms = fc.constantFrom<[string, string]>(
  ['room', '"allhands"'],
  ['room', '"board"'],
  ['rooms', '["board","allhands"]'],
  ['rooms', '["board*"]'],
  ['rooms', '["*"]'],
);
const token = tokensOf(
  fc
    .tuple(rooms, fc.constantFrom('listen', 'publish', 'admin', 'page', 'openid listen'))
    .map(([room, scope]) => [
      ['aud', '"conf-listener"'],
      ['iss', `"${ISSUER}"`],
      ['exp', String(NOW_SEC + 60)],
      ['iat', String(NOW_SEC)],
      ['nbf', String(NOW_SEC)],
      room,
      ['scope', `"${scope}"`],
    ]),
  fc.oneof(
    fc.integer({ min: -60, max: 60 }).map((off) => String(NOW_SEC + off)),
    fc.constantFrom(
      '"*"',
      '["*"]',
      '[["*"]]',
      '{"0":"*","length":1}',
      '["conf-listener"]',
      '["listen"]',
      '1e400',
      'null',
    ),
    fc.constantFrom(
      '"listen "',
      '""',
      '"allhands*"',
      '"ALLHANDS"',
      '"board\\u0000"',
      '[]',
      '"admin listen publish page"',
    ),
  ),
);
const madeUp: fc.Arbitrary<v.InferOutput<typeof Case>> = fc.record({
  token,
  secret: fc.constantFrom('current', 'previous'),
  room: fc.constantFrom('allhands', 'board', 'board-2'),
  scope: fc.constantFrom('listen', 'listen', ...SCOPES),
});

/** The claims of a ticket that is good now, by rules written again. */
function goodClaims(text: string): ReadonlyMap<string, unknown> | undefined {
  if (text.length > 4096) return undefined;
  const claims = claimsIn(text, SECRETS.current) ?? claimsIn(text, SECRETS.previous);
  if (!claims || claims.get('iss') !== ISSUER || claims.get('exp') === undefined) return undefined;
  const audience = claims.get('aud');
  const isForUs =
    audience === 'conf-listener' || (Array.isArray(audience) && audience.includes('conf-listener'));
  const isNow =
    isTime(claims.get('exp'), (sec) => sec > NOW_SEC - 30) &&
    isTime(claims.get('nbf'), (sec) => sec <= NOW_SEC + 30) &&
    isTime(claims.get('iat'), () => true);
  return isForUs && isNow ? claims : undefined;
}

function opens(claims: ReadonlyMap<string, unknown>, room: string, scope: string): boolean {
  const [one, several, scopes] = [claims.get('room'), claims.get('rooms'), claims.get('scope')];
  const ids: unknown[] = typeof one === 'string' ? [one] : Array.isArray(several) ? several : [];
  const isFor = ids.some(
    (id) =>
      typeof id === 'string' && (id === room || (id.at(-1) === '*' && room.startsWith(id.slice(0, -1)))),
  );
  return isFor && typeof scopes === 'string' && ` ${scopes} `.includes(` ${scope} `);
}

test(
  '10,000 tickets: only a right one opens its rooms, for its scopes and its time; of the others is said why',
  async () => {
    await hunt({ name: 'tickets', written: Case, madeUp }, async (each) => {
      const text = textOf(each.token, SECRETS[each.secret]);
      const verdict = await tickets.check(text, roomId(each.room), each.scope);
      const reading = await tickets.read(text);
      const claims = goodClaims(text);
      expect(reading.kind).toBe(claims ? 'ticket' : 'fault');
      expect(verdict.kind).toBe(claims && opens(claims, each.room, each.scope) ? 'right' : 'wrong');
      switch (verdict.kind) {
        case 'right':
          expect(verdict.untilMs).toBeGreaterThan(NOW_SEC * 1000);
          return;
        case 'wrong':
          expect(['missing', 'unsigned', 'expired', 'not-yet', 'wrong-room']).toContain(verdict.code);
          expect(verdict.code === 'wrong-room').toBe(claims !== undefined);
          expect(verdict.code === 'missing').toBe(text === '');
          return;
        default:
          verdict satisfies never;
      }
    });
  },
  MOST_MS,
);
