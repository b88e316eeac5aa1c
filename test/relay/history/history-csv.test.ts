import { expect, test } from 'vitest';
import { csvOf } from '../../../relay/history/history-csv.ts';
import { NOON_MS } from './words.ts';

const CALL = {
  room: 'allhands',
  epoch: NOON_MS,
  dialledMs: NOON_MS,
  placedMs: NOON_MS + 120,
  openedMs: NOON_MS + 900,
  closedMs: null,
  hungUpMs: null,
  leg: 'a-1',
  end: null,
  code: null,
  attempt: 0,
  peakListeners: 12,
};

test('a call is a line under its header, with times in UTC and CRLF', () => {
  expect(csvOf('calls', [CALL], { header: true })).toBe(
    'room,epoch,dialled,placed,opened,closed,hung_up,leg,end,code,attempt,peak_listeners\r\n' +
      `allhands,${NOON_MS},2026-11-21T12:00:00.000Z,2026-11-21T12:00:00.120Z,2026-11-21T12:00:00.900Z,,,a-1,,,0,12\r\n`,
  );
});

test('a later page has no header, and no rows are no text', () => {
  expect(csvOf('calls', [], { header: false })).toBe('');
  expect(
    csvOf('audience', [{ atMs: NOON_MS, room: 'a', listeners: 3, peak: 4, rttP95Ms: null }], {
      header: false,
    }),
  ).toBe('2026-11-21T12:00:00.000Z,a,3,4,\r\n');
});

test('fields of an event are JSON, whose quotes are doubled', () => {
  const event = {
    atMs: NOON_MS,
    level: 'warn',
    event: 'leg.fault',
    room: 'a',
    epoch: 1,
    leg: null,
    fields: { code: 'x' },
  };
  expect(csvOf('events', [event], { header: false })).toBe(
    '2026-11-21T12:00:00.000Z,warn,leg.fault,a,1,,"{""code"":""x""}"\r\n',
  );
});

test.each([
  ['=1+1', "'=1+1"],
  ['+49', "'+49"],
  ['-cmd', "'-cmd"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
  ['a,b', '"a,b"'],
  ['a\nb', '"a\nb"'],
  ['a=b', 'a=b'],
])('the text %j is written %j: no spreadsheet takes it for a formula', (leg, written) => {
  const [, line] = csvOf('calls', [{ ...CALL, leg }], { header: true }).split(/(?<=peak_listeners\r\n)/);
  expect(line).toContain(`,,,${written},,,0,12\r\n`);
});

test('a time that no calendar has is left out', () => {
  expect(csvOf('calls', [{ ...CALL, dialledMs: 9e15 }], { header: false })).toContain(`${NOON_MS},,2026`);
});
