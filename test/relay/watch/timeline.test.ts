import { expect, test } from 'vitest';
import type { Happening } from '../../../relay/log.ts';
import { Timeline } from '../../../relay/watch/timeline.ts';
import { roomId } from '../../support/rooms.ts';

const A = roomId('a');
const B = roomId('b');

function stage() {
  const rooms = new Set([A, B]);
  const timeline = new Timeline(rooms);
  const happens = (
    event: string,
    fields: Happening['fields'],
    level: Happening['level'] = 'info',
    atMs = 0,
  ) => timeline.note({ atMs, level, event, fields });
  return { rooms, timeline, happens };
}

test('of 1,000 happenings in a room the last 200 are kept, newest last; another room has its own', () => {
  const { timeline, happens } = stage();
  for (let n = 0; n < 1000; n++) happens(`event.${n}`, { room: 'a' });
  happens('leg.opened', { room: 'b' });
  const events = timeline.ofRoom(A).map(({ event }) => event);
  expect([events.length, events[0], events.at(-1)]).toEqual([200, 'event.800', 'event.999']);
  expect(timeline.ofRoom(B)).toHaveLength(1);
});

test('what goes wrong in no room, or none that there is, is the relay’s: of 10,000 made-up rooms 5 problems are kept', () => {
  const { timeline, happens } = stage();
  for (let n = 0; n < 10_000; n++) happens('publisher.refused', { room: `x${n}` }, 'warn', n);
  happens('relay.listening', {});
  happens('relay.unsafe', { setting: 'insecure' }, 'warn', 10_000);
  happens('leg.refused', { room: '../etc', code: 'x' }, 'warn', 10_001);
  expect(timeline.relayProblems).toEqual([
    { atMs: 10_001, event: 'leg.refused', code: 'x' },
    { atMs: 10_000, event: 'relay.unsafe', code: 'insecure' },
    ...[9999, 9998, 9997].map((atMs) => ({ atMs, event: 'publisher.refused', code: null })),
  ]);
  expect(timeline.ofRoom(roomId('x1'))).toEqual([]);
});

test('a room’s last 5 problems, newest first, with the code or the reason they had', () => {
  const { timeline, happens } = stage();
  for (let n = 1; n <= 6; n++) happens('call.refused', { room: 'a', code: `http-50${n}` }, 'warn', n);
  happens('leg.opened', { room: 'a' });
  happens('leg.refused', { room: 'a', why: 'superseded' }, 'warn', 8);
  happens('leg.stalled', { room: 'a' }, 'error', 9);
  expect(timeline.problemsOf(A)).toEqual([
    { atMs: 9, event: 'leg.stalled', code: null },
    { atMs: 8, event: 'leg.refused', code: 'superseded' },
    { atMs: 6, event: 'call.refused', code: 'http-506' },
    { atMs: 5, event: 'call.refused', code: 'http-505' },
    { atMs: 4, event: 'call.refused', code: 'http-504' },
  ]);
  expect(timeline.problemsOf(B)).toEqual([]);
});

test('a room that is taken out is forgotten, and begins anew when it comes back', () => {
  const { rooms, timeline, happens } = stage();
  happens('leg.stalled', { room: 'a' }, 'warn');
  rooms.delete(A);
  expect([timeline.ofRoom(A), timeline.problemsOf(A)]).toEqual([[], []]);
  happens('leg.opened', { room: 'b' });
  rooms.add(A);
  expect(timeline.ofRoom(A)).toEqual([]);
});
