import { describe, expect, test } from 'vitest';
import { statusOf } from '../../../relay/pages/console-answers.ts';
import { curveOf, HEIGHT, niceTop, thinned, timeMarks, WIDTH } from '../../../relay/pages/console-chart.ts';
import { pauseMs } from '../../../relay/pages/console-poll.ts';
import { callsOf, eventsOf, samplesOf, type AudienceSample } from '../../../relay/pages/console-records.ts';
import {
  delayWords,
  levelWords,
  momentWords,
  moneyWords,
  rateWords,
  spanWords,
  urgencyOf,
} from '../../../relay/pages/console-words.ts';
import { idleRoom, liveRoom, relayStatus } from '../../support/relay-status.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const STATUS = relayStatus({
  hindrance: 'relay-full',
  host: { ...relayStatus().host, eventLoopMs: { p50: 1, p99: 2, max: 3 } },
  history: 'failing',
  problems: [{ atMs: 9, event: 'history.failed', code: 'disk-full' }],
  rooms: [liveRoom('allhands'), idleRoom('side', { opensAtMs: 9, source: 'l16', access: 'ticket' })],
});

/** As it comes over the wire. */
function told(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('a status', () => {
  test('is read whole, as the relay tells it today', () => {
    const view = statusOf(told(STATUS));
    const { host, listeners, rooms, version, hindrance, history, historyBytes, problems } = STATUS;
    expect(view).toMatchObject({ version, hindrance, history, historyBytes, problems, listeners });
    expect(view?.host).toEqual({ ...host, eventLoopMs: { p50: 1, p99: 2, max: 3 } });
    for (const [at, one] of rooms.entries()) {
      const { room, title, state, rttMs, leg, opensAtMs } = one;
      expect(view?.rooms[at]).toMatchObject({ room, title, state, rttMs, opensAtMs });
      expect(view?.rooms[at]?.problems).toEqual(one.problems);
      expect(view?.rooms[at]?.leg?.legId).toBe(leg?.legId);
      expect(view?.rooms[at]?.listeners).toEqual(one.listeners);
    }
    expect(view?.rooms.map(({ isDialled, needsTicket }) => [isDialled, needsTicket])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('of a relay to come, with fields and words that this page has not, is read as far as it goes', () => {
    const leg = { ...STATUS.rooms[0]?.leg, sound: 'whale song', mood: 'good' };
    const rooms = [{ ...STATUS.rooms[0], leg, state: 'dreaming', dreams: [] }, { room: 'NOT AN ID' }, null];
    const view = statusOf(
      told({ ...STATUS, rooms, host: undefined, weather: 'fine', publicUrl: 'javascript:1' }),
    );
    expect(view?.rooms).toHaveLength(1);
    expect(view?.rooms[0]).toMatchObject({ state: 'idle', leg: { sound: 'unknown' } });
    expect(view?.host).toEqual({
      eventLoopMs: null,
      rssBytes: null,
      cpu: null,
      egressBitsPerSec: null,
      egressCostPerHour: null,
    });
    expect(view?.publicUrl).toBeUndefined();
  });

  test.each([[undefined], [null], ['text'], [[]], [{ rooms: [] }], [{ atMs: 1, startedAtMs: 1 }]])(
    'is not what %j is',
    (answer) => {
      expect(statusOf(answer)).toBeUndefined();
    },
  );
});

test('events come newest first, without what they all have; what is no event is left out', () => {
  const fields = { room: 'allhands', epoch: 7, end: 'lost', code: null };
  const events = [
    { atMs: 1, level: 'warn', event: 'leg.closed', fields },
    { atMs: 2, event: 'x' },
    { atMs: 3 },
  ];
  expect(eventsOf({ events })).toEqual([
    { atMs: 2, level: 'info', event: 'x', details: [] },
    { atMs: 1, level: 'warn', event: 'leg.closed', details: ['end lost'] },
  ]);
});

test('calls begin when they were dialled, or else came; samples come oldest first', () => {
  const records = [
    { epoch: 3, dialledMs: 4, closedMs: 9, end: 'ended', code: null, peakListeners: 2 },
    { epoch: 3, dialledMs: null, openedMs: 5, closedMs: null },
    { room: 'allhands' },
  ];
  expect(callsOf({ records })).toEqual([
    { fromMs: 4, toMs: 9, end: 'ended', code: null, peakListeners: 2 },
    { fromMs: 5, toMs: null, end: null, code: null, peakListeners: null },
  ]);
  const samples = [{ atMs: 2, listeners: 1, peak: 3, rttP95Ms: 9 }, { atMs: 1, listeners: 1 }, {}];
  expect(samplesOf({ records: samples })).toEqual([
    { atMs: 1, listeners: 1, peak: 1, rttP95Ms: null },
    { atMs: 2, listeners: 1, peak: 3, rttP95Ms: 9 },
  ]);
});

test('the next question comes after 1 s, and after 2, 4 and 5 s where there was no answer', () => {
  expect([0, 1, 2, 3, 100].map(pauseMs)).toEqual([1000, 2000, 4000, 5000, 5000]);
});

describe('words', () => {
  test.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59.6, '1 min'],
    [3599, '59 min 59 s'],
    [3600, '1 h'],
    [4680, '1 h 18 min'],
    [90_000, '1 d 1 h'],
    [86_460, '1 d'],
    [-5, '0 s'],
  ])('%d s is %s', (sec, words) => {
    expect(spanWords(sec)).toBe(words);
  });

  test('of figures: rates, delays, levels and money', () => {
    expect([rateWords(0), rateWords(2_345_678), rateWords(106_200_000)]).toEqual([
      '0 Mbit/s',
      '2.35 Mbit/s',
      '106.2 Mbit/s',
    ]);
    expect([delayWords(0.43), delayWords(24.4), delayWords(1340)]).toEqual(['0.4 ms', '24 ms', '1.3 s']);
    expect(levelWords(-18.4)).toBe('−18 dBFS');
    expect(moneyWords({ amount: 3.821, currency: 'EUR' })).toBe('€3.82');
    expect(moneyWords({ amount: 0.0124, currency: 'USD' })).toBe('$0.012');
    expect(moneyWords({ amount: 3, currency: 'beads' })).toBe('3 beads');
  });

  test('of a moment have the date where it is another day', () => {
    const now = new Date(2026, 10, 21, 18, 0);
    expect(momentWords(new Date(2026, 10, 21, 14, 3, 5).getTime(), now.getTime())).toBe('14:03');
    expect(momentWords(new Date(2026, 10, 20, 14, 3, 5).getTime(), now.getTime(), true)).toBe(
      'Fri 20 Nov, 14:03:05',
    );
  });

  test('a limit is near from 299 s on, and very near from 59 s on', () => {
    const view = statusOf(told(STATUS))?.rooms[0];
    const urgencies = [300, 299, 60, 59, null].map(
      (endsInSec) => view && urgencyOf({ ...view, leg: view.leg && { ...view.leg, endsInSec } }),
    );
    expect(urgencies).toEqual(['none', 'soon', 'soon', 'now', 'none']);
  });
});

const sampleAt = (minute: number, peak: number, rttP95Ms: number | null = 50): AudienceSample => ({
  atMs: minute * MINUTE_MS,
  listeners: peak,
  peak,
  rttP95Ms,
});
const peakOf = ({ peak }: AudienceSample): number => peak;

describe('a chart', () => {
  test('of an hour runs from edge to edge, its top the next of 1, 2, 5', () => {
    const samples = [sampleAt(0, 0), sampleAt(1, 30), sampleAt(60, 40)];
    const { path, most, top } = curveOf(samples.slice(0, 2), 0, HOUR_MS, peakOf);
    expect({ path, most, top }).toEqual({ path: `M0 ${HEIGHT}L10 36`, most: 30, top: 50 });
    expect([0, 1, 3, 21, 50, 51, 5000].map(niceTop)).toEqual([1, 1, 5, 50, 50, 100, 5000]);
  });

  test('breaks off where a sample is missing for 3 minutes or has no value; one alone is still seen', () => {
    const samples = [sampleAt(0, 1), sampleAt(2, 1), sampleAt(5, 1), sampleAt(6, 1, null)];
    expect(curveOf(samples, 0, HOUR_MS, peakOf).path).toBe('M0 0L20 0M50 0L60 0');
    const { path } = curveOf(samples, 0, HOUR_MS, ({ rttP95Ms }) => rttP95Ms);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).toMatch(/h1$/);
    expect(curveOf([], 0, HOUR_MS, peakOf)).toEqual({ path: '', area: '', most: null, top: 1 });
  });

  test('of 1,440 samples has at most 151 points and loses no peak', () => {
    const samples = Array.from({ length: 1440 }, (_, minute) =>
      sampleAt(minute, minute === 771 ? 999 : 5, null),
    );
    const shown = thinned(samples, 0, 24 * HOUR_MS);
    expect(shown.length).toBeLessThanOrEqual(151);
    expect(Math.max(...shown.map(peakOf))).toBe(999);
    expect(shown.map(({ rttP95Ms }) => rttP95Ms)).not.toContain(50);
  });

  test.each([1, 6, 24])('of %d h has 4 to 6 marks at full local times, none at the edge', (hours) => {
    const fromMs = new Date(2026, 10, 21, 14, 3).getTime();
    const marks = timeMarks(fromMs, fromMs + hours * HOUR_MS);
    expect(marks.length).toBeGreaterThanOrEqual(4);
    expect(marks.length).toBeLessThanOrEqual(6);
    expect(marks.filter(({ atMs }) => new Date(atMs).getMinutes() % 10 !== 0)).toEqual([]);
    expect(marks.filter(({ x }) => x < WIDTH * 0.06 || x > WIDTH * 0.94)).toEqual([]);
  });
});
