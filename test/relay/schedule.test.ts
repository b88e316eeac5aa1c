import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scheduleAt, WEEKDAYS, type PlannedSession } from '../../relay/schedule.ts';

const minutes = (time: string): number => {
  const [hours = 0, min = 0] = time.split(':').map(Number);
  return 60 * hours + min;
};

/** A session as `thu 14:00-15:30`, `daily 22:00-02:00` or `2026-12-01 14:00-15:00`. */
function session(text: string): PlannedSession {
  const [on = '', hours = ''] = text.split(' ');
  const [opens = '', closes = ''] = hours.split('-');
  const [opensMin, closesMin] = [minutes(opens), minutes(closes)];
  const days = WEEKDAYS.filter((day) => on === 'daily' || on.split(',').includes(day));
  return {
    on: days.length > 0 ? days : Date.parse(on) / 86_400_000,
    opensMin,
    closesMin: closesMin > opensMin ? closesMin : closesMin + 1440,
  };
}

/** What a schedule says at a moment, as `open until …` or `closed until …`. */
function says(timeZone: string, sessions: string | string[], at: string): string {
  const opening = scheduleAt({ timeZone, sessions: [sessions].flat().map(session) }, Date.parse(at));
  const endMs = opening.kind === 'open' ? opening.closesAtMs : opening.opensAtMs;
  return `${opening.kind} until ${endMs === null ? 'further notice' : new Date(endMs).toISOString().replace(':00.000Z', 'Z')}`;
}

describe('a weekly session, Thursdays 14:00 to 15:30 in Berlin', () => {
  const weekly = 'thu 14:00-15:30';
  test.each([
    ['the day before', '2026-11-25T20:00Z', 'closed until 2026-11-26T13:00Z'],
    ['1 ms before it opens', '2026-11-26T12:59:59.999Z', 'closed until 2026-11-26T13:00Z'],
    ['as it opens', '2026-11-26T13:00Z', 'open until 2026-11-26T14:30Z'],
    ['1 ms before it closes', '2026-11-26T14:29:59.999Z', 'open until 2026-11-26T14:30Z'],
    ['as it closes', '2026-11-26T14:30Z', 'closed until 2026-12-03T13:00Z'],
    ['before summer time begins on 29 March', '2026-03-28T12:00Z', 'closed until 2026-04-02T12:00Z'],
    ['before it ends on 25 October', '2026-10-23T12:00Z', 'closed until 2026-10-29T13:00Z'],
  ])('%s', (_, at, expected) => {
    expect(says('Europe/Berlin', weekly, at)).toBe(expected);
  });
});

describe('the night of 29 March 2026 in Berlin, whose clocks leave out 2 to 3 o’clock', () => {
  test.each([
    [
      'a session that opens at 02:30 opens at 03:30',
      '2026-03-29 02:30-05:00',
      'closed until 2026-03-29T01:30Z',
    ],
    ['one until 02:30 closes at 03:30', '2026-03-29 00:00-02:30', 'open until 2026-03-29T01:30Z'],
    ['one from 02:15 to 02:45 keeps its 30 min', '2026-03-29 02:15-02:45', 'closed until 2026-03-29T01:15Z'],
    ['one from 22:00 to 06:00 closes at 06:00', '2026-03-28 22:00-06:00', 'open until 2026-03-29T04:00Z'],
  ])('%s', (_, planned, expected) => {
    expect(says('Europe/Berlin', planned, '2026-03-29T00:30Z')).toBe(expected);
  });

  test('one from 02:30 to 03:00 is not over before it begins: 03:30 to 04:00', () => {
    expect(says('Europe/Berlin', '2026-03-29 02:30-03:00', '2026-03-29T01:45Z')).toBe(
      'open until 2026-03-29T02:00Z',
    );
  });
});

describe('the night of 25 October 2026 in Berlin, whose clocks show 2 to 3 o’clock twice', () => {
  test.each([
    ['what opens at 02:30 opens the first time', '2026-10-25 02:30-04:00', 'closed until 2026-10-25T00:30Z'],
    ['what closes at 02:30 closes the first time', '2026-10-25 00:00-02:30', 'open until 2026-10-25T00:30Z'],
    ['what closes at 03:00 is an hour longer', '2026-10-25 00:00-03:00', 'open until 2026-10-25T02:00Z'],
  ])('%s', (_, planned, expected) => {
    expect(says('Europe/Berlin', planned, '2026-10-25T00:10Z')).toBe(expected);
  });
});

describe('other clocks', () => {
  test.each([
    [
      'New York, the Sunday its summer begins',
      'America/New_York',
      'sun 09:00-10:00',
      '2026-03-08T04:00Z',
      'closed until 2026-03-08T13:00Z',
    ],
    [
      'New York, the Sunday it ends',
      'America/New_York',
      'sun 09:00-10:00',
      '2026-11-01T04:00Z',
      'closed until 2026-11-01T14:00Z',
    ],
    [
      'Kathmandu, 5:45 ahead',
      'Asia/Kathmandu',
      'daily 09:00-10:00',
      '2026-11-21T00:00Z',
      'closed until 2026-11-21T03:15Z',
    ],
    [
      'Lord Howe before its half hour of summer',
      'Australia/Lord_Howe',
      'sat 09:00-10:00',
      '2026-10-02T00:00Z',
      'closed until 2026-10-02T22:30Z',
    ],
    [
      'Lord Howe in it',
      'Australia/Lord_Howe',
      'sun 09:00-10:00',
      '2026-10-03T00:00Z',
      'closed until 2026-10-03T22:00Z',
    ],
    [
      'Lord Howe’s 02:10, which is left out, is 02:40',
      'Australia/Lord_Howe',
      '2026-10-04 02:10-04:00',
      '2026-10-03T12:00Z',
      'closed until 2026-10-03T15:40Z',
    ],
    [
      'Kiritimati, where it is Sunday already',
      'Pacific/Kiritimati',
      'sun 08:00-09:00',
      '2026-11-21T12:00Z',
      'closed until 2026-11-21T18:00Z',
    ],
    [
      'Pago Pago, where it is Saturday still',
      'Pacific/Pago_Pago',
      'sat 20:00-21:00',
      '2026-11-22T02:00Z',
      'closed until 2026-11-22T07:00Z',
    ],
    [
      'Samoa, the week that had no Friday',
      'Pacific/Apia',
      'sat 10:00-11:00',
      '2011-12-29T20:00Z',
      'closed until 2011-12-30T20:00Z',
    ],
    ['UTC', 'UTC', 'daily 00:00-01:00', '2026-11-21T23:30Z', 'closed until 2026-11-22T00:00Z'],
  ])('%s', (_, timeZone, planned, at, expected) => {
    expect(says(timeZone, planned, at)).toBe(expected);
  });
});

describe('sessions together', () => {
  test('two that overlap or touch are one: 14 to 15, 14:30 to 16, 16 to 17 o’clock is open from 14 to 17', () => {
    const day = ['mon 16:00-17:00', 'mon 14:00-15:00', 'mon 14:30-16:00', 'mon 17:01-18:00'];
    expect(says('UTC', day, '2026-11-23T14:10Z')).toBe('open until 2026-11-23T17:00Z');
    expect(says('UTC', day, '2026-11-23T17:00Z')).toBe('closed until 2026-11-23T17:01Z');
  });

  test('one after midnight goes on from the day before: Fridays 22 to 2 o’clock, at 1 o’clock on Saturday', () => {
    expect(says('UTC', 'fri 22:00-02:00', '2026-11-21T01:00Z')).toBe('open until 2026-11-21T02:00Z');
    expect(says('UTC', 'fri 22:00-02:00', '2026-11-21T02:00Z')).toBe('closed until 2026-11-27T22:00Z');
  });

  test('the nearest of days and dates is the next, in whatever order they stand', () => {
    const mixed = [
      '2026-12-01 14:00-15:00',
      'thu 14:00-15:00',
      '2026-11-24 18:00-19:00',
      '2026-11-24 08:00-09:00',
    ];
    expect(says('UTC', mixed, '2026-11-21T12:00Z')).toBe('closed until 2026-11-24T08:00Z');
    expect(says('UTC', mixed, '2026-11-24T09:00Z')).toBe('closed until 2026-11-24T18:00Z');
  });

  test('a date 370 days ahead is told, one 371 days ahead and one that is over are not', () => {
    expect(says('UTC', '2027-11-26 14:00-15:00', '2026-11-21T12:00Z')).toBe('closed until 2027-11-26T14:00Z');
    expect(says('UTC', '2027-11-27 14:00-15:00', '2026-11-21T12:00Z')).toBe('closed until further notice');
    expect(says('UTC', '2025-01-01 14:00-15:00', '2026-11-21T12:00Z')).toBe('closed until further notice');
  });

  test('a day and night session is open, and said to be so for more than a week', () => {
    expect(says('Europe/Berlin', 'daily 00:00-00:00', '2026-03-28T12:00Z')).toBe(
      'open until 2026-04-05T22:00Z',
    );
  });
});

test('at 500 moments of 6 zones it is open just when the clocks there say so, but for the days they are changed', () => {
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'UTC',
  ];
  const yearMs = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-12-31') });
  const minute = fc.integer({ min: 0, max: 1439 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), yearMs, minute, minute, (timeZone, atMs, opensMin, endMin) => {
      const clocks = (ms: number): string =>
        new Date(ms).toLocaleString('sv-SE', { timeZone, timeZoneName: 'longOffset' });
      const offsets = [-1, 0, 1].map((days) => clocks(atMs + days * 86_400_000).slice(20));
      fc.pre(new Set(offsets).size === 1);
      const closesMin = endMin > opensMin ? endMin : endMin + 1440;
      const nowMin = minutes(clocks(atMs).slice(11, 16));
      const isOpen = [nowMin, nowMin + 1440].some((min) => opensMin <= min && min < closesMin);
      const opening = scheduleAt({ timeZone, sessions: [{ on: WEEKDAYS, opensMin, closesMin }] }, atMs);
      expect(opening.kind).toBe(isOpen ? 'open' : 'closed');
    }),
    { numRuns: 500 },
  );
});

test('100 sessions of every day, the costliest, take less than 0.2 ms to read; one that is open all day too', () => {
  const hours = Array.from(
    { length: 100 },
    (_, n) => `daily ${String(n % 24).padStart(2, '0')}:00-${String(n % 24).padStart(2, '0')}:30`,
  );
  for (const sessions of [hours, ['daily 00:00-00:00'], ['2027-11-01 10:00-11:00']]) {
    const schedule = { timeZone: 'Europe/Berlin', sessions: sessions.map(session) };
    const atMs = Date.parse('2026-11-21T12:45Z');
    const once = (): number => {
      const startMs = performance.now();
      for (let n = 0; n < 100; n++) scheduleAt(schedule, atMs + n);
      return (performance.now() - startMs) / 100;
    };
    once();
    expect(Math.min(once(), once(), once(), once(), once())).toBeLessThan(0.2);
  }
});
