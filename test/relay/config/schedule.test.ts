import { describe, expect, test } from 'vitest';
import { scheduleAt } from '../../../relay/schedule.ts';
import { config, faults } from './given.ts';

const THURSDAYS = { day: 'thu', opens: '14:00', closes: '15:30' };

/** The settings of a relay whose room has a schedule. */
function room(schedule: unknown) {
  return { file: { rooms: [{ id: 'allhands', source: 'l16', schedule }] } };
}

function planned(sessions: unknown, timeZone: unknown = 'Europe/Berlin') {
  return room({ timeZone, sessions });
}

describe('a schedule', () => {
  test('has days, lists of days, groups of days and dates', () => {
    const sessions = [
      THURSDAYS,
      { day: ['mon', 'fri'], opens: '22:00', closes: '02:00' },
      { day: 'weekdays', opens: '09:00', closes: '09:15' },
      { day: 'daily', opens: '00:00', closes: '00:00' },
      { date: '2026-12-01', opens: '14:00', closes: '15:00' },
    ];
    expect(config(planned(sessions)).rooms[0]?.schedule).toEqual({
      timeZone: 'Europe/Berlin',
      sessions: [
        { on: ['thu'], opensMin: 840, closesMin: 930 },
        { on: ['mon', 'fri'], opensMin: 1320, closesMin: 1560 },
        { on: ['mon', 'tue', 'wed', 'thu', 'fri'], opensMin: 540, closesMin: 555 },
        { on: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], opensMin: 0, closesMin: 1440 },
        { on: 20_788, opensMin: 840, closesMin: 900 },
      ],
    });
  });

  test('says the moment that its words mean: 1 December 2026, 14:00 in Berlin', () => {
    const { schedule } =
      config(planned([{ date: '2026-12-01', opens: '14:00', closes: '15:00' }])).rooms[0] ?? {};
    expect(schedule && scheduleAt(schedule, Date.parse('2026-11-21T12:00Z'))).toEqual({
      kind: 'closed',
      opensAtMs: Date.parse('2026-12-01T13:00Z'),
    });
  });

  test('is none where a room has none', () => {
    expect(config(room(undefined)).rooms[0]).toHaveProperty('schedule', undefined);
  });
});

describe('a schedule that cannot be', () => {
  const AT = 'rooms.0.schedule';
  const FIRST = `${AT}.sessions.0`;
  const CLOCK = 'is not a time of day such as "09:30" or "14:00"; midnight is "00:00"';
  const ZONE = 'is not a time zone of the IANA list; use one such as Europe/Berlin or America/New_York';
  const DAYS = 'is not one or a list of sun, mon, tue, wed, thu, fri, sat, nor "daily" or "weekdays"';
  const EITHER = 'has neither day nor date, or both: give it one of them';

  test.each<[string, { file: unknown }, string]>([
    ['an unknown zone', planned([THURSDAYS], 'Europe/Berlinn'), `${AT}.timeZone "Europe/Berlinn" ${ZONE}`],
    ['an offset for a zone', planned([THURSDAYS], '+01:00'), `${AT}.timeZone "+01:00" ${ZONE}`],
    ['no zone', room({ sessions: [THURSDAYS] }), `${AT}.timeZone is missing`],
    ['25 o’clock', planned([{ ...THURSDAYS, opens: '25:00' }]), `${FIRST}.opens "25:00" ${CLOCK}`],
    ['24 o’clock', planned([{ ...THURSDAYS, closes: '24:00' }]), `${FIRST}.closes "24:00" ${CLOCK}`],
    [
      'an hour without its zero',
      planned([{ ...THURSDAYS, opens: '9:00' }]),
      `${FIRST}.opens "9:00" ${CLOCK}`,
    ],
    ['a time that is a number', planned([{ ...THURSDAYS, opens: 14 }]), `${FIRST}.opens 14 ${CLOCK}`],
    ['no closing time', planned([{ day: 'thu', opens: '14:00' }]), `${FIRST}.closes is missing`],
    ['an unknown day', planned([{ ...THURSDAYS, day: 'thursday' }]), `${FIRST}.day "thursday" ${DAYS}`],
    ['no day in a list', planned([{ ...THURSDAYS, day: [] }]), `${FIRST}.day is empty: name a day`],
    ['neither day nor date', planned([{ opens: '14:00', closes: '15:00' }]), `${FIRST} ${EITHER}`],
    ['day and date', planned([{ ...THURSDAYS, date: '2026-12-01' }]), `${FIRST} ${EITHER}`],
    [
      '30 February',
      planned([{ date: '2026-02-30', opens: '14:00', closes: '15:00' }]),
      `${FIRST}.date "2026-02-30" is not a date such as "2026-12-01"`,
    ],
    [
      'a slip of the pen',
      planned([{ ...THURSDAYS, open: '14:00' }]),
      `${FIRST}.open "open" is not a field of a session, which has day or date, opens and closes`,
    ],
    [
      'a field too many',
      room({ timeZone: 'UTC', sessions: [THURSDAYS], zone: 'UTC' }),
      `${AT}.zone "zone" is not a field of a schedule, which has timeZone and sessions`,
    ],
    ['no sessions', planned([]), `${AT}.sessions is empty: name a session, or leave the schedule out`],
    ['one session that is no list', planned(THURSDAYS), `${AT}.sessions is not a list of sessions`],
    [
      '101 sessions',
      planned(Array.from({ length: 101 }, () => THURSDAYS)),
      `${AT}.sessions has more than 100 sessions: say the days of the week instead of dates`,
    ],
    [
      'a word for a schedule',
      room('thu 14:00'),
      `${AT} "thu 14:00" is not a schedule of timeZone and sessions`,
    ],
    [
      'a word for a session',
      planned(['thu 14:00']),
      `${FIRST} "thu 14:00" is not a session of day or date, opens and closes`,
    ],
  ])('%s is refused with what to write', (_, given, fault) => {
    expect(faults(given)).toEqual([fault]);
  });
});
