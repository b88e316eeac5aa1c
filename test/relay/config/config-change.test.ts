import { expect, test } from 'vitest';
import { changesBetween } from '../../../relay/config/config-change.ts';
import { SECRET, config } from './given.ts';

const ROOM = { id: 'board', title: 'Board' };

function lines(before: object, after: object): string[] {
  return changesBetween(config({ file: before }), config({ file: after })).map(
    ({ name, when, from, to }) => `${name} ${from} > ${to} (${when})`,
  );
}

test('0 changes between a configuration and itself', () => {
  expect(lines({ rooms: [ROOM] }, { rooms: [ROOM] })).toEqual([]);
});

test('a room that came, one that went and one with 3 others of its settings are told apart', () => {
  const before = { rooms: [ROOM, { id: 'gone' }] };
  const after = {
    rooms: [{ ...ROOM, title: 'The board', maxListeners: 5, number: '442079460001' }, { id: 'new' }],
  };
  expect(lines(before, after)).toEqual([
    'rooms.gone there >  (at-rest)',
    'rooms.board.title "Board" > "The board" (at-rest)',
    'rooms.board.number  > … (now)',
    'rooms.board.maxListeners 15000 > 5 (now)',
    'rooms.new  > there (now)',
  ]);
});

test('secrets are changed at once and never told; a port waits for a restart', () => {
  const after = { ticketSecret: SECRET, port: 8081, 'admin.key': 'another key of thirty-two characters' };
  const changes = lines({}, after);
  expect(changes).toEqual([
    'port 8080 > 8081 (restart)',
    'publicUrl "http://127.0.0.1:8080" > "http://127.0.0.1:8081" (restart)',
    expect.stringMatching(/^tickets … > … \(now\)$/),
    'admin  > … (restart)',
  ]);
  expect(changes.join()).not.toContain(SECRET);
});
