import * as v from 'valibot';
import { WEEKDAYS, type PlannedSession, type Schedule, type Weekday } from '../schedule.ts';

const MAX_SESSIONS = 100;
const DAY_MS = 86_400_000;
const DAY_MIN = 1440;

const GROUPS: Readonly<Record<'daily' | 'weekdays', readonly Weekday[]>> = {
  daily: WEEKDAYS,
  weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
};

/** What is wrong with a field that is missing, unknown, or of another kind. */
const misfit =
  (whole: string, fields: string) =>
  ({ expected, received }: v.BaseIssue<unknown>): string => {
    if (expected === 'never') return `is not a field of ${whole}, which has ${fields}`;
    if (received === 'undefined') return 'is missing';
    return `is not ${whole} of ${fields}`;
  };

const TimeZone = v.pipe(
  v.string('is not a time zone such as "Europe/Berlin"'),
  v.check(
    isTimeZone,
    'is not a time zone of the IANA list; use one such as Europe/Berlin or America/New_York',
  ),
);

const CLOCK = 'is not a time of day such as "09:30" or "14:00"; midnight is "00:00"';
const TimeOfDay = v.pipe(v.string(CLOCK), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, CLOCK));

const CALENDAR = 'is not a date such as "2026-12-01"';
const CalendarDate = v.pipe(v.string(CALENDAR), v.check(isDate, CALENDAR));

const DAYS = `is not one or a list of ${WEEKDAYS.join(', ')}, nor "daily" or "weekdays"`;
const Day = v.picklist(WEEKDAYS, DAYS);
const Days = v.union(
  [
    Day,
    v.picklist(['daily', 'weekdays'], DAYS),
    v.pipe(v.array(Day, DAYS), v.minLength(1, 'is empty: name a day')),
  ],
  DAYS,
);

const Session = v.pipe(
  v.strictObject(
    { day: v.optional(Days), date: v.optional(CalendarDate), opens: TimeOfDay, closes: TimeOfDay },
    misfit('a session', 'day or date, opens and closes'),
  ),
  v.check(
    ({ day, date }) => (day === undefined) !== (date === undefined),
    'has neither day nor date, or both: give it one of them',
  ),
);

/** When a room is open, as it stands in its `schedule`. A session that closes when it opens, or before, does so the next day. */
export const ScheduleSettingsSchema = v.pipe(
  v.strictObject(
    {
      timeZone: TimeZone,
      sessions: v.pipe(
        v.array(Session, 'is not a list of sessions'),
        v.minLength(1, 'is empty: name a session, or leave the schedule out'),
        v.maxLength(
          MAX_SESSIONS,
          `has more than ${MAX_SESSIONS} sessions: say the days of the week instead of dates`,
        ),
      ),
    },
    misfit('a schedule', 'timeZone and sessions'),
  ),
  v.transform(({ timeZone, sessions }): Schedule => ({ timeZone, sessions: sessions.map(planned) })),
);

function planned({ day, date, opens, closes }: v.InferOutput<typeof Session>): PlannedSession {
  const opensMin = minutesOf(opens);
  const closesMin = minutesOf(closes);
  return {
    on: date === undefined ? daysOf(day ?? []) : Date.parse(date) / DAY_MS,
    opensMin,
    closesMin: closesMin > opensMin ? closesMin : closesMin + DAY_MIN,
  };
}

function daysOf(day: v.InferOutput<typeof Days>): readonly Weekday[] {
  if (typeof day === 'object') return day;
  return day === 'daily' || day === 'weekdays' ? GROUPS[day] : [day];
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return 60 * hours + minutes;
}

function isDate(text: string): boolean {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
  // 30 February would be read as 2 March.
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

function isTimeZone(name: string): boolean {
  // Some releases of Node take "+01:00", which knows no summer time.
  if (!/^[a-z]/i.test(name)) return false;
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
