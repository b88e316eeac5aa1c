import { expect, test } from 'vitest';
import { EventFlood } from '../../../relay/history/event-flood.ts';
import { eventRow, isKept } from '../../../relay/history/event-row.ts';
import { line, NOON_MS } from './words.ts';

test.each([
  'room.state',
  'leg.opened',
  'vonage.call-failed',
  'relay.closed',
  'orphans.unknown',
  'operator.call',
])('%s is kept', (event) => expect(isKept(event)).toBe(true));

test.each([
  'http.refused',
  'listener.turned-away',
  'caption.refused',
  'vonage.event',
  'talker.pin',
  'room',
  '',
  '.',
])('%j is not kept', (event) => expect(isKept(event)).toBe(false));

test('room, epoch and leg have columns, and all else is kept as it is', () => {
  const fields = { room: 'allhands', epoch: 7, leg: 'a-1', code: 'x', times: 3, is: true, none: null };
  expect(eventRow(line(0, 'leg.fault', fields))).toEqual({
    atMs: NOON_MS,
    level: 'info',
    event: 'leg.fault',
    room: 'allhands',
    epoch: 7,
    leg: 'a-1',
    fields: '{"code":"x","times":3,"is":true,"none":null}',
  });
});

test('a room, epoch or leg that fits no column is kept among the fields', () => {
  const row = eventRow(line(0, 'leg.fault', { room: 3, epoch: 'seven', leg: 'l'.repeat(129) }));
  expect(row).toMatchObject({ room: null, epoch: null, leg: null });
  expect(JSON.parse(row.fields)).toEqual({ room: 3, epoch: 'seven', leg: 'l'.repeat(129) });
});

test('of fields of 5,000 characters 1,000 at most are kept: long texts are cut to 200, and it says so', () => {
  const fields = { code: 'io', message: 'm'.repeat(4000), ...Object.fromEntries(manyFields(100)) };
  const { fields: text } = eventRow(line(0, 'relay.failed', fields));
  expect(text.length).toBeLessThanOrEqual(1000);
  expect(text.length).toBeGreaterThan(950);
  expect(JSON.parse(text)).toMatchObject({ code: 'io', message: 'm'.repeat(200), field0: 0, cut: true });
});

test('of one event 600 lines a minute are kept, whatever comes of others', () => {
  const flood = new EventFlood();
  const admitted = (event: string, atMs: number): number =>
    Array.from({ length: 700 }, () => flood.admits(event, atMs)).filter(Boolean).length;
  expect(admitted('leg.refused', 0)).toBe(600);
  expect(admitted('leg.fault', 1000)).toBe(600);
  expect(admitted('leg.refused', 59_999)).toBe(0);
  expect(admitted('leg.refused', 60_000)).toBe(600);
});

function manyFields(count: number): [string, number][] {
  return Array.from({ length: count }, (_, n) => [`field${n}`, n]);
}
