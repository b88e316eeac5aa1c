/** Days of the week as a schedule names them, in the order of `Date.getDay`. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** One of {@link WEEKDAYS}. */
export type Weekday = (typeof WEEKDAYS)[number];

/** When a conference takes place, by the clocks of its time zone: on days of the week, or once. */
export interface PlannedSession {
  /** Or the one day, counted from 1 January 1970. */
  on: readonly Weekday[] | number;
  /** Minutes after midnight, 0 to 1439. */
  opensMin: number;
  /** Minutes after the same midnight: from 1440 on it closes the next day. At most 1440 after `opensMin`. */
  closesMin: number;
}

/** When a room is open. */
export interface Schedule {
  /** IANA, as `Europe/Berlin`; one that `Intl` knows. */
  timeZone: string;
  sessions: readonly PlannedSession[];
}

/**
 * Whether a room is open, and until when, Unix ms. Sessions that touch are one; of one without an end `closesAtMs` is
 * more than a week ahead. `opensAtMs` is null where nothing is planned for the next 370 days.
 */
export type Opening = { kind: 'open'; closesAtMs: number } | { kind: 'closed'; opensAtMs: number | null };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** So far ahead the next session is looked for, and the end of one that goes on. */
const NEXT_WITHIN_DAYS = 370;
const END_WITHIN_DAYS = 8;

/**
 * What the schedule says of the moment `wallMs`, Unix ms. A time that the clocks leave out when they are put forward
 * counts as far behind the leap as it would have been; of one that comes twice the first counts.
 */
export function scheduleAt({ timeZone, sessions }: Schedule, wallMs: number): Opening {
  const zone = zoneOf(timeZone);
  const today = Math.floor((wallMs + zone.offsetMs(wallMs)) / DAY_MS);
  let closesAtMs: number | undefined;
  // What began yesterday may go on.
  for (let day = today - 1; day <= today + NEXT_WITHIN_DAYS; day++) {
    let opensAtMs = Infinity;
    for (const { fromMs, toMs } of spansOf(sessions, day, zone)) {
      const openUntilMs = closesAtMs ?? wallMs;
      if (fromMs <= openUntilMs && openUntilMs < toMs) closesAtMs = toMs;
      else if (fromMs > wallMs) opensAtMs = Math.min(opensAtMs, fromMs);
    }
    if (closesAtMs === undefined) {
      if (opensAtMs < Infinity) return { kind: 'closed', opensAtMs };
    } else if (closesAtMs < day * DAY_MS || day === today + END_WITHIN_DAYS) {
      break;
    }
  }
  return closesAtMs === undefined ? { kind: 'closed', opensAtMs: null } : { kind: 'open', closesAtMs };
}

/** A time zone's offset from UTC at a moment, ms. */
interface Zone {
  offsetMs(utcMs: number): number;
}

interface Span {
  fromMs: number;
  toMs: number;
}

/** The sessions that begin on a day of the zone's calendar, in the order in which they open. */
function spansOf(sessions: readonly PlannedSession[], day: number, zone: Zone): Span[] {
  const weekday = WEEKDAYS[(day + 4) % 7];
  const found = sessions.filter(({ on }) =>
    typeof on === 'number' ? on === day : on.some((one) => one === weekday),
  );
  if (found.length === 0) return [];
  const beforeMs = zone.offsetMs((day - 1) * DAY_MS);
  const afterMs = zone.offsetMs((day + 3) * DAY_MS);
  const utcOf = (minutes: number): number => {
    const localMs = day * DAY_MS + minutes * MINUTE_MS;
    const [early, late] = [localMs - beforeMs, localMs - afterMs];
    // The clocks are put on or back within these days: whichever offset is true at its own moment.
    return early === late || zone.offsetMs(early) === beforeMs || zone.offsetMs(late) !== afterMs
      ? early
      : late;
  };
  const spans = found.map(({ opensMin, closesMin }) => {
    const fromMs = utcOf(opensMin);
    const toMs = utcOf(closesMin);
    return { fromMs, toMs: toMs > fromMs ? toMs : fromMs + (closesMin - opensMin) * MINUTE_MS };
  });
  return spans.toSorted((a, b) => a.fromMs - b.fromMs);
}

/** By name: making one takes a hundred times as long as asking it. As many as the configuration names. */
const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone: Zone = {
    offsetMs(utcMs) {
      const [month = 1, day = 1, year = 1970, ...time] = (format.format(utcMs).match(/\d+/g) ?? []).map(
        Number,
      );
      const [hour = 0, minute = 0, second = 0] = time;
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(utcMs / 1000) * 1000;
    },
  };
  zones.set(timeZone, zone);
  return zone;
}
