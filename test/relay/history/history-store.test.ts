import { expect, test } from 'vitest';
import { HistoryStore, type HistoryEntry } from '../../../relay/history/history-store.ts';
import { migrate } from '../../../relay/history/schema.ts';
import { openSqlite, resultCode } from '../../../relay/history/sqlite.ts';
import { ALL, entry, NOON_MS, sampled } from './words.ts';

const HOUR_SEC = 3600;

function storeOf(entries: readonly HistoryEntry[], limits = { calls: 100, events: 100, audience: 100 }) {
  const sqlite = openSqlite(':memory:');
  migrate(sqlite);
  const store = new HistoryStore(sqlite, limits);
  store.write(entries);
  return { sqlite, store };
}

/** A call from dialling to its hang-up `lengthSec` later. */
function wholeCall(atSec: number, leg: string, lengthSec = 60): HistoryEntry[] {
  const call = { room: 'allhands', epoch: NOON_MS + atSec * 1000 };
  return [
    entry(atSec, 'call.dialled', { ...call, attempt: 0 }),
    entry(atSec + 1, 'call.placed', { ...call, leg }),
    entry(atSec + 2, 'leg.opened', call),
    entry(atSec + lengthSec, 'call.hung-up', { room: 'allhands', leg }),
  ];
}

test('4 lines of a call are one row, with all that was told of it', () => {
  const { store } = storeOf(wholeCall(0, 'a-1'));
  expect(store.read('calls', ALL)).toEqual({
    rows: [
      {
        room: 'allhands',
        epoch: NOON_MS,
        dialledMs: NOON_MS,
        placedMs: NOON_MS + 1000,
        openedMs: NOON_MS + 2000,
        closedMs: NOON_MS + 60_000,
        hungUpMs: NOON_MS + 60_000,
        leg: 'a-1',
        end: 'hung-up',
        code: null,
        attempt: 0,
        peakListeners: null,
      },
    ],
    more: false,
  });
});

test('the first end that is told stays: a lost leg that is hung up afterwards was lost', () => {
  const call = { room: 'allhands', epoch: NOON_MS };
  const { store } = storeOf([
    entry(0, 'call.placed', { ...call, leg: 'a-1' }),
    entry(5, 'leg.closed', { ...call, end: 'lost' }),
    entry(7, 'call.hung-up', { room: 'allhands', leg: 'a-1' }),
  ]);
  expect(store.read('calls', ALL).rows).toMatchObject([
    { end: 'lost', closedMs: NOON_MS + 5000, hungUpMs: NOON_MS + 7000 },
  ]);
});

test('a leg that was replaced is over when it is hung up; one that ended and was hung up by us was hung up', () => {
  const [first, second] = [
    { room: 'allhands', epoch: NOON_MS },
    { room: 'allhands', epoch: NOON_MS + 1000 },
  ];
  const { store } = storeOf([
    entry(0, 'call.placed', { ...first, leg: 'a-1' }),
    entry(1, 'call.placed', { ...second, leg: 'a-2' }),
    entry(9, 'leg.replaced', { ...first, next: second.epoch, leg: 'a-2' }),
  ]);
  expect(store.read('calls', ALL).rows).toMatchObject([
    { leg: 'a-2', end: null },
    { leg: 'a-1', end: 'replaced', closedMs: null },
  ]);
  store.write([
    entry(11, 'call.hung-up', { room: 'allhands', leg: 'a-1' }),
    entry(12, 'leg.closed', { ...first, end: 'replaced' }),
    entry(20, 'leg.closed', { ...second, end: 'ended' }),
    entry(21, 'call.hung-up', { room: 'allhands', leg: 'a-2' }),
  ]);
  expect(store.read('calls', ALL).rows).toMatchObject([
    { leg: 'a-2', end: 'hung-up', closedMs: NOON_MS + 20_000, hungUpMs: NOON_MS + 21_000 },
    { leg: 'a-1', end: 'replaced', closedMs: NOON_MS + 11_000 },
  ]);
});

test('a webhook ends the call it names, of whichever room, and is no line of its own', () => {
  const { store } = storeOf([
    entry(0, 'call.placed', { room: 'allhands', epoch: NOON_MS, leg: 'a-1' }),
    entry(1, 'vonage.event', { leg: 'a-1', status: 'ringing' }),
    entry(2, 'vonage.event', { leg: 'a-1', status: 'busy' }),
    entry(3, 'vonage.event', { leg: 'talker', status: 'completed' }),
  ]);
  expect(store.read('calls', ALL).rows).toMatchObject([{ end: 'busy', closedMs: NOON_MS + 2000 }]);
  expect(store.read('events', ALL).rows).toHaveLength(1);
});

test('a leg that came by itself is a call that was never dialled; relay.closed ends it and no other', () => {
  const { store } = storeOf([
    ...wholeCall(0, 'a-1'),
    entry(100, 'leg.opened', { room: 'studio', epoch: NOON_MS + 100_000 }),
    entry(200, 'relay.closed'),
  ]);
  expect(store.read('calls', ALL).rows).toMatchObject([
    { room: 'studio', dialledMs: null, closedMs: NOON_MS + 200_000, end: 'relay-closed' },
    { room: 'allhands', closedMs: NOON_MS + 60_000, end: 'hung-up' },
  ]);
});

test('a call has the most listeners of the minutes it lasted into, and not those of other rooms or later', () => {
  const { store } = storeOf([
    ...wholeCall(0, 'a-1', 150),
    sampled(60, 'allhands', 4),
    sampled(60, 'studio', 90),
    sampled(120, 'allhands', 9),
    sampled(180, 'allhands', 7),
    sampled(240, 'allhands', 50),
  ]);
  expect(store.read('calls', ALL).rows).toMatchObject([{ peakListeners: 9 }]);
  expect(store.read('audience', { ...ALL, room: 'allhands' }).rows.map(({ peak }) => peak)).toEqual([
    50, 7, 9, 4,
  ]);
});

test('calls that a killed relay left end at its last line or sample, and those that were over stay as they are', () => {
  const { store } = storeOf([
    ...wholeCall(0, 'a-1'),
    ...wholeCall(100, 'a-2', 99_999).slice(0, 3),
    entry(130, 'leg.fault', { room: 'studio', code: 'x' }),
    sampled(160, 'allhands', 3),
  ]);
  expect(store.endLeftCalls()).toBe(1);
  expect(store.read('calls', ALL).rows).toMatchObject([
    { leg: 'a-2', end: 'relay-died', closedMs: NOON_MS + 160_000, hungUpMs: null },
    { leg: 'a-1', end: 'hung-up', closedMs: NOON_MS + 60_000 },
  ]);
  expect(store.endLeftCalls()).toBe(0);
});

test('25 events are read in 3 pages of 10, newest first, the last of which says there are no more', () => {
  const { store } = storeOf(Array.from({ length: 25 }, (_, n) => entry(0, 'room.state', { n })));
  const pages = [0, 10, 20].map((offset) => store.read('events', { ...ALL, limit: 10, offset }));
  expect(pages.map(({ more }) => more)).toEqual([true, true, false]);
  expect(pages.flatMap(({ rows }) => rows.map(({ fields }) => fields['n']))).toEqual(
    Array.from({ length: 25 }, (_, n) => 24 - n),
  );
});

test('of calls those that lasted into the time are read, of events those within it, and of a room its own', () => {
  const { store } = storeOf([
    ...wholeCall(0, 'a-1', 100),
    ...wholeCall(1000, 'a-2', 100),
    entry(50, 'leg.opened', { room: 'studio', epoch: NOON_MS + 50_000 }),
  ]);
  const between = { ...ALL, fromMs: NOON_MS + 90_000, toMs: NOON_MS + 100_001 };
  expect(store.read('calls', between).rows.map(({ room }) => room)).toEqual(['studio', 'allhands']);
  expect(store.read('calls', { ...between, room: 'allhands' }).rows).toMatchObject([{ leg: 'a-1' }]);
  expect(store.read('events', between).rows.map(({ event }) => event)).toEqual(['call.hung-up']);
  expect(store.read('events', { ...between, toMs: NOON_MS + 100_000 }).rows).toEqual([]);
});

test('what is older than asked for is deleted, but a call that is not over stays', () => {
  const { store } = storeOf([
    ...wholeCall(0, 'a-1'),
    ...wholeCall(10, 'a-2').slice(0, 3),
    sampled(60, 'allhands', 1),
    ...wholeCall(HOUR_SEC, 'a-3'),
  ]);
  store.tidy(NOON_MS + HOUR_SEC * 1000);
  expect(store.read('calls', ALL).rows.map(({ leg }) => leg)).toEqual(['a-3', 'a-2']);
  expect(store.read('events', ALL).rows).toHaveLength(4);
  expect(store.read('audience', ALL).rows).toEqual([]);
});

test('of 300 events the newest 100 stay, of 30 samples 5 and of 3 calls 2, whatever their age', () => {
  const { store } = storeOf(
    [
      ...[-300, -200, -100].flatMap((atSec) => wholeCall(atSec, `a${atSec}`)),
      ...Array.from({ length: 300 }, (_, n) => entry(n, 'room.state', { n })),
      ...Array.from({ length: 30 }, (_, n) => sampled(60 * n, 'allhands', n)),
    ],
    { calls: 2, events: 100, audience: 5 },
  );
  store.tidy(0);
  const { rows } = store.read('events', ALL);
  expect([rows.length, rows[0]?.fields['n'], rows.at(-1)?.fields['n']]).toEqual([100, 299, 200]);
  expect(store.read('audience', ALL).rows.map(({ peak }) => peak)).toEqual([29, 28, 27, 26, 25]);
  expect(store.read('calls', ALL).rows.map(({ leg }) => leg)).toEqual(['a-100', 'a-200']);
});

test('of 3 entries the last of which SQLite refuses none is written, and writing goes on', () => {
  const { store } = storeOf([]);
  const bad = sampled(60, 'allhands', NaN);
  expect(() => store.write([entry(0, 'room.state'), entry(1, 'room.state'), bad])).toThrow(/NOT NULL/);
  expect(store.read('events', ALL).rows).toEqual([]);
  store.write([entry(2, 'room.state')]);
  expect(store.read('events', ALL).rows).toHaveLength(1);
});

test('a file that may grow no further is told by the code of a full disk, undoes 2,000 lines and takes 50', () => {
  const { sqlite, store } = storeOf([entry(0, 'room.state')]);
  sqlite.all('PRAGMA max_page_count = 40');
  const many = Array.from({ length: 2000 }, (_, n) => entry(n, 'room.state', { text: 'x'.repeat(150) }));
  let code: number | undefined;
  try {
    store.write(many);
  } catch (error) {
    code = resultCode(error);
  }
  expect(code).toBe(13);
  store.write(many.slice(0, 50));
  expect(store.read('events', ALL).rows).toHaveLength(51);
});

test('tables are made once; those of a newer relay and of other programs are left alone', () => {
  const sqlite = openSqlite(':memory:');
  expect([migrate(sqlite), migrate(sqlite)]).toEqual(['ours', 'ours']);
  sqlite.exec('PRAGMA user_version = 99');
  expect(migrate(sqlite)).toBe('newer-file');
  sqlite.exec('PRAGMA user_version = 1; DROP TABLE audience');
  expect(migrate(sqlite)).toBe('foreign');
  const other = openSqlite(':memory:');
  other.exec('CREATE TABLE contacts (name TEXT)');
  expect(migrate(other)).toBe('foreign');
  expect(other.all('SELECT name FROM sqlite_schema')).toEqual([{ name: 'contacts' }]);
});
