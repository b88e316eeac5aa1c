import { describe, expect, test } from 'vitest';
import type { RoomStatus } from '../../../relay/room-message.ts';
import { OpeningHours } from '../../../relay/room/opening-hours.ts';
import { WEEKDAYS, type Opening, type PlannedSession, type Schedule } from '../../../relay/schedule.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAILY: PlannedSession = { on: WEEKDAYS, opensMin: 14 * 60, closesMin: 15 * 60 };
const ENDED: PlannedSession = { on: 0, opensMin: 0, closesMin: 60 };
const IDLE: RoomStatus = { state: 'idle', epoch: null, sampleRate: null };
const LIVE: RoomStatus = { state: 'live', epoch: 1, sampleRate: 16_000 };

/** Month, day and time of day in UTC. */
function time(ms: number): string {
  return new Date(ms).toISOString().slice(5, 16);
}

/** A room's hours at a moment, by default of a room that is open from 14:00 to 15:00 in Berlin. */
function stage(
  at: string,
  schedule: Schedule | undefined = { timeZone: 'Europe/Berlin', sessions: [DAILY] },
) {
  const clock = new FakeClock();
  clock.jumpWall(Date.parse(at) - clock.wallMs());
  /** What was told, with the time at which it was. */
  const told: string[] = [];
  const onChange = (now: Opening): void => {
    told.push(`${time(clock.wallMs())} ${now.kind}`);
  };
  return { clock, told, hours: new OpeningHours({ schedule, clock, onChange }) };
}

describe('the hours of a room', () => {
  test('open and close it to the millisecond, day after day, with no timer but the next', () => {
    const { clock, told, hours } = stage('2026-11-21T08:00Z');
    expect(hours.now.kind).toBe('closed');
    clock.advance(5 * HOUR_MS - 1);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['11-21T13:00 open']);
    clock.advance(24 * HOUR_MS);
    expect(told).toEqual(['11-21T13:00 open', '11-21T14:00 closed', '11-22T13:00 open']);
    expect(clock.pending).toBe(1);
    hours.close();
    expect(clock.pending).toBe(0);
  });

  test('follow the clocks of their zone: 14:00 in Berlin is 12:00 UTC from 29 March on, 13:00 from 25 October on', () => {
    for (const [from, opens] of [
      ['2026-03-28T15:00Z', '03-29T12:00 open'],
      ['2026-10-24T15:00Z', '10-25T13:00 open'],
    ] as const) {
      const { clock, told } = stage(from);
      clock.advance(23 * HOUR_MS);
      expect(told[0]).toBe(opens);
    }
  });

  test('are noticed within an hour when the wall clock is put on by 5 h', () => {
    const { clock, told } = stage('2026-11-21T07:30Z');
    clock.advance(10 * MINUTE_MS);
    clock.jumpWall(5 * HOUR_MS + 10 * MINUTE_MS);
    clock.advance(49 * MINUTE_MS);
    expect(told).toEqual([]);
    clock.advance(MINUTE_MS);
    expect(told).toEqual(['11-21T13:40 open']);
  });

  test('are noticed at once when the wall clock is put on by 5 h and somebody comes', () => {
    const { clock, told, hours } = stage('2026-11-21T08:10Z');
    clock.jumpWall(5 * HOUR_MS);
    expect(hours.audience(1)).toBe(1);
    expect(told).toEqual(['11-21T13:10 open']);
  });

  test('put back by 2 h, close an open room again when somebody comes', () => {
    const { clock, told, hours } = stage('2026-11-21T13:30Z');
    expect(hours.audience(3)).toBe(3);
    clock.jumpWall(-2 * HOUR_MS);
    expect(hours.audience(4)).toBe(0);
    expect(told).toEqual(['11-21T11:30 closed']);
    clock.advance(90 * MINUTE_MS);
    expect(told).toEqual(['11-21T11:30 closed', '11-21T13:00 open']);
  });

  test('without a schedule are no hours: always open, no timer; another schedule counts at once, and each change is told', () => {
    const { clock, told, hours } = stage('2026-11-21T08:00Z');
    hours.reschedule(undefined);
    expect([hours.now.kind, hours.audience(2), clock.pending]).toEqual(['open', 2, 0]);
    hours.reschedule({ timeZone: 'UTC', sessions: [DAILY] });
    expect([hours.audience(2), clock.pending]).toEqual([0, 1]);
    hours.reschedule({ timeZone: 'Asia/Kathmandu', sessions: [DAILY] });
    expect(time(hours.status(IDLE).opensAtMs ?? NaN)).toBe('11-21T08:15');
    expect(told).toEqual(['11-21T08:00 open', '11-21T08:00 closed', '11-21T08:00 closed']);
  });
});

describe('while it is closed', () => {
  test('the room knows of none of 3 listeners, and they read that it opens at 14:00', () => {
    const { hours } = stage('2026-11-21T08:00Z');
    expect([hours.audience(3), hours.listeners]).toEqual([0, 3]);
    const { state, opensAtMs = NaN } = hours.status(IDLE);
    expect([state, time(opensAtMs)]).toEqual(['waiting', '11-21T13:00']);
  });

  test('whatever becomes of its leg is told as waiting; what a publisher sends before the time is live', () => {
    const { hours } = stage('2026-11-21T08:00Z');
    const states = (['idle', 'connecting', 'waiting', 'live', 'ended', 'unavailable'] as const).map(
      (state) => hours.status({ ...LIVE, state }).state,
    );
    expect(states).toEqual(['waiting', 'waiting', 'waiting', 'live', 'waiting', 'waiting']);
    expect(hours.status(LIVE)).toEqual(LIVE);
  });

  test('and nothing is planned any more, it has ended; a publisher who comes all the same is waited for', () => {
    const { hours, clock } = stage('2026-11-21T08:00Z', { timeZone: 'UTC', sessions: [ENDED] });
    expect(hours.status(IDLE)).toEqual({ ...IDLE, state: 'ended' });
    expect(hours.status({ ...LIVE, state: 'waiting' })).toEqual({ ...LIVE, state: 'waiting' });
    expect(clock.pending).toBe(1);
  });

  test('open, it is told as it is', () => {
    const { hours } = stage('2026-11-21T13:30Z');
    expect(hours.status(IDLE)).toEqual(IDLE);
  });
});

describe('the operator', () => {
  test('opens a room 2 h before its time: it stays open until the session is over', () => {
    const { clock, told, hours } = stage('2026-11-21T11:00Z');
    hours.override();
    hours.override();
    expect(hours.audience(5)).toBe(5);
    clock.advance(4 * HOUR_MS);
    expect(told).toEqual(['11-21T11:00 open', '11-21T14:00 closed']);
  });

  test('opens it for 12 h where its next session is later than that, and where there is none', () => {
    for (const sessions of [[{ ...DAILY, on: ['fri'] as const }], [ENDED]]) {
      const { clock, told, hours } = stage('2026-11-21T11:00Z', { timeZone: 'UTC', sessions });
      hours.override();
      clock.advance(24 * HOUR_MS);
      expect(told).toEqual(['11-21T11:00 open', '11-21T23:00 closed']);
    }
  });
});
