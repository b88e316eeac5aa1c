import { describe, expect, test } from 'vitest';
import { LegTickets } from '../../../relay/access/leg-tickets.ts';
import { roomId } from '../../support/rooms.ts';

const A = roomId('allhands');
const B = roomId('board');
const NOW_MS = 1234.5;
const EPOCH = 1_795_224_993_007;

describe('P5: a leg ticket', () => {
  const tickets = new LegTickets();
  const ticket = tickets.issue(A, EPOCH, NOW_MS);

  test('is right for its room once, and names its epoch', () => {
    const fresh = tickets.issue(A, EPOCH + 1, NOW_MS);
    expect(tickets.spend(A, fresh, NOW_MS)).toEqual({ kind: 'right', epoch: EPOCH + 1 });
    expect(tickets.spend(A, fresh, NOW_MS)).toEqual({ kind: 'spent' });
    expect(tickets.spend(A, `${fresh}==`, NOW_MS)).toEqual({ kind: 'spent' });
    expect(tickets.spend(A, fresh, NOW_MS + 60_000)).toEqual({ kind: 'spent' });
  });

  test('is good for 60 s, and too late 1 ms after', () => {
    const [first, second] = [tickets.issue(A, 1, 0), tickets.issue(A, 2, 0)];
    expect(tickets.spend(A, first, 60_000)).toEqual({ kind: 'right', epoch: 1 });
    expect(tickets.spend(A, second, 60_001)).toEqual({ kind: 'late' });
    expect(tickets.spend(A, first, 60_001)).toEqual({ kind: 'late' });
  });

  test('of an older call is right though a newer one was used, and of two rooms with one epoch each is its own', () => {
    const each = new LegTickets();
    const [older, newer, other] = [each.issue(A, 1, 0), each.issue(A, 2, 0), each.issue(B, 2, 0)];
    expect(each.spend(A, newer, 0)).toEqual({ kind: 'right', epoch: 2 });
    expect(each.spend(A, older, 0)).toEqual({ kind: 'right', epoch: 1 });
    expect(each.spend(B, other, 0)).toEqual({ kind: 'right', epoch: 2 });
  });

  test('is ours for as long as the process lives, and nobody else’s', () => {
    expect(tickets.isOurs(A, ticket)).toBe(true);
    expect(tickets.isOurs(B, ticket)).toBe(false);
    expect(new LegTickets().isOurs(A, ticket)).toBe(false);
  });

  test('is safe in a path', () => {
    expect(ticket).toMatch(/^[\w.-]+$/);
  });

  test('of another room or another process is wrong, and is not used up by that', () => {
    expect(tickets.spend(B, ticket, NOW_MS)).toEqual({ kind: 'wrong' });
    expect(new LegTickets().spend(A, ticket, NOW_MS)).toEqual({ kind: 'wrong' });
    expect(tickets.spend(A, ticket, NOW_MS)).toEqual({ kind: 'right', epoch: EPOCH });
  });

  const [epoch = '', expiry = '', mac = ''] = ticket.split('.');
  test.each([
    ['with another epoch', `${(EPOCH + 1).toString(36)}.${expiry}.${mac}`],
    ['with a later expiry', `${epoch}.${(999_999).toString(36)}.${mac}`],
    ['with another mac', `${epoch}.${expiry}.${mac.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`],
    ['without mac', `${epoch}.${expiry}.`],
    ['with a part more', `${ticket}.x`],
    ['that is empty', ''],
    ['that is garbage', '%00.__proto__.🦊'],
    ['of 8 kB', 'a'.repeat(8192)],
  ])('%s is wrong', (_, forged) => {
    expect(tickets.spend(A, forged, NOW_MS)).toEqual({ kind: 'wrong' });
  });
});
