import { describe, expect, test } from 'vitest';
import { readWish, readingText, ticketText } from '../../../relay/command/ticket-text.ts';

describe('what conf-relay token is asked for', () => {
  test.each([
    ['1s', 1],
    ['30s', 30],
    ['15m', 900],
    ['8h', 28_800],
    ['7d', 604_800],
    ['366d', 31_622_400],
  ])('--ttl %s is %i s', (ttl, ttlSec) => {
    expect(readWish('allhands', 'listen', ttl)).toEqual({
      kind: 'wish',
      wish: { room: 'allhands', scope: 'listen', ttlSec },
    });
  });

  test('without flags: to listen, for 8 hours', () => {
    const wish = { room: 'allhands', scope: 'listen', ttlSec: 28_800 };
    expect(readWish('allhands')).toEqual({ kind: 'wish', wish });
  });

  test.each(['', '0s', '367d', '8785h', '8', 'h', '8w', '8H', '-1h', '1.5h', '1e3s', '8h ', '99999999d'])(
    '--ttl "%s" is refused',
    (ttl) => {
      expect(readWish('allhands', 'listen', ttl)).toEqual({
        kind: 'fault',
        detail: '--ttl is 30s, 15m, 8h or 7d, at most 366d',
      });
    },
  );

  test.each([
    ['', 'listen'],
    ['All', 'listen'],
    ['a"><script>', 'listen'],
    ['a-*', 'admin'],
    ['*', 'listen'],
    ['*', 'publish'],
    ['a', 'page'],
    ['a', 'Listen'],
  ])('room "%s" with scope %s is refused', (room, scope) => {
    expect(readWish(room, scope)).toMatchObject({ kind: 'fault' });
  });
});

test('the end is told in whole seconds, as in the ticket', () => {
  const wish = { room: 'allhands', scope: 'listen', ttlSec: 60 } as const;
  const text = ticketText(wish, 'a.b.c', 'https://relay.example', Date.UTC(2026, 0, 1, 0, 0, 0, 999));
  expect(text).toContain('Good until 2026-01-01T00:01:00Z;');
});

test('what an identity provider put into a ticket is told in quotes, escaped, whatever its times', () => {
  const ticket = { scopes: ['listen', '\u001b[2J'], rooms: [], expiresAtMs: 1e300, issuedAtMs: undefined };
  expect(readingText({ kind: 'ticket', ticket })).toBe(
    String.raw`right: scope "listen", "\u001b[2J"; rooms none; until no day that has a date`,
  );
});
