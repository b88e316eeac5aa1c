import { describe, expect, test } from 'vitest';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { ScheduledRoom } from '../../../relay/room/scheduled-room.ts';
import { WEEKDAYS, type Schedule } from '../../../relay/schedule.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { roomId } from '../../support/rooms.ts';
import { FakePlatform } from './fake-platform.ts';
import { DIALLED } from './lifecycle-settings.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BERLIN: Schedule = {
  timeZone: 'Europe/Berlin',
  sessions: [{ on: WEEKDAYS, opensMin: 14 * 60, closesMin: 15 * 60 }],
};

/** A dialled room with hours, from 14:00 to 15:00 in Berlin by default, at a moment of the wall clock. */
function stage(at: string, schedule: Schedule | undefined = BERLIN) {
  const clock = new FakeClock();
  clock.jumpWall(Date.parse(at) - clock.wallMs());
  const platform = new FakePlatform(clock);
  /** What listeners are told: state and, where it is known, the time of day in UTC when it opens. */
  const told: string[] = [];
  const out = (message: RoomMessage): void => {
    if (message.kind !== 'status') return;
    const { state, opensAtMs } = message.status;
    told.push(opensAtMs === undefined ? state : `${state} ${new Date(opensAtMs).toISOString().slice(8, 16)}`);
  };
  const room = new ScheduledRoom(
    {
      id: roomId('allhands'),
      chunkMs: 100,
      prerollMs: 0,
      suppressSilence: false,
      lifecycle: DIALLED,
      calls: platform,
      clock,
      random: () => 0,
      log: new KeptLog(),
      out,
    },
    schedule,
  );
  /** The platform answers, the leg connects and is heard. */
  const goLive = async (): Promise<void> => {
    platform.answer();
    await settled();
    platform.connect(room);
    for (let n = 0; n < 50; n++) {
      platform.speak();
      clock.advance(20);
    }
  };
  /** The leg is heard once a second until 1 ms before a moment. */
  const talkUntil = (moment: string): void => {
    for (let leftMs = Infinity; leftMs > 0;) {
      platform.speak();
      leftMs = Date.parse(moment) - 1 - clock.wallMs();
      clock.advance(Math.min(1000, leftMs));
    }
  };
  return { clock, platform, told, room, goLive, talkUntil };
}

describe('a room that is closed', () => {
  test('dials nobody for 3 listeners, and tells them and the public that it opens at 14:00', async () => {
    const { platform, told, room, clock } = stage('2026-11-21T12:50Z');
    room.audience(3);
    clock.advance(9 * MINUTE_MS);
    await settled();
    expect([platform.calls.length, told.at(-1)]).toEqual([0, 'waiting 21T13:00']);
    const opensAtMs = Date.parse('2026-11-21T13:00Z');
    expect(room.describe()).toMatchObject({ state: 'waiting', opensAtMs, listeners: 3, epoch: null });
  });

  test('dials once as it opens, for those who wait; one that nobody waits for dials nobody', async () => {
    for (const listeners of [3, 0]) {
      const { platform, told, room, clock } = stage('2026-11-21T12:50Z');
      room.audience(listeners);
      clock.advance(10 * MINUTE_MS - 1);
      expect(platform.calls).toHaveLength(0);
      clock.advance(1);
      await settled();
      expect(platform.calls).toHaveLength(listeners > 0 ? 1 : 0);
      expect(told.at(-1)).toBe(listeners > 0 ? 'connecting' : 'idle');
    }
  });

  test('tells those who come that it has ended, where nothing is planned', () => {
    const { room, told } = stage('2026-11-21T12:50Z', {
      timeZone: 'UTC',
      sessions: [{ on: 0, opensMin: 0, closesMin: 1 }],
    });
    room.audience(1);
    expect([told.at(-1), room.describe().state]).toEqual(['ended', 'ended']);
  });
});

describe('at its closing time', () => {
  test('the leg is hung up at once, not after the linger of 30 s, and 2 who still listen read when it opens again', async () => {
    const { platform, told, room, clock, goLive, talkUntil } = stage('2026-11-21T13:30Z');
    room.audience(2);
    await goLive();
    talkUntil('2026-11-21T14:00Z');
    expect([platform.hungUp, told.at(-1)]).toEqual([[], 'live']);
    clock.advance(1);
    expect([platform.hungUp, told.at(-1)]).toEqual([['leg-1'], 'waiting 22T13:00']);
    platform.carryOut();
    await settled();
    clock.advance(HOUR_MS);
    expect(room.describe()).toMatchObject({ state: 'waiting', listeners: 2, leg: null, epoch: null });
    expect([platform.calls.length, platform.hungUp.length]).toEqual([1, 1]);
    clock.advance(22 * HOUR_MS);
    await settled();
    expect([platform.calls.length, told.at(-1)]).toEqual([2, 'connecting']);
  });

  test('a call that the platform has not answered yet is hung up when it has, and not dialled anew', async () => {
    const { platform, told, room, clock } = stage('2026-11-21T13:59:50Z');
    room.audience(1);
    clock.advance(10_000);
    platform.answer();
    await settled();
    clock.advance(MINUTE_MS);
    platform.carryOut(0, false);
    await settled();
    clock.advance(HOUR_MS);
    await settled();
    expect([platform.calls.length, platform.hungUp, told.at(-1)]).toEqual([1, ['leg-1'], 'waiting 22T13:00']);
  });
});

describe('the operator', () => {
  test('calls a closed room: it opens, and is hung up when the session that follows is over', async () => {
    const { platform, told, room, clock, goLive, talkUntil } = stage('2026-11-21T12:30Z');
    room.audience(1);
    room.call();
    await goLive();
    expect([platform.calls.length, told.at(-1)]).toEqual([1, 'live']);
    talkUntil('2026-11-21T14:00Z');
    expect([platform.calls.length, platform.hungUp]).toEqual([1, []]);
    clock.advance(1);
    expect([platform.hungUp, told.at(-1)]).toEqual([['leg-1'], 'waiting 22T13:00']);
  });
});

test('another schedule counts at once, and none opens it for good', async () => {
  const { platform, told, room, clock } = stage('2026-11-21T12:00Z');
  room.audience(1);
  room.reschedule({ ...BERLIN, timeZone: 'Asia/Kathmandu' });
  expect(told.at(-1)).toBe('waiting 22T08:15');
  room.reschedule(undefined);
  await settled();
  expect([platform.calls.length, told.at(-1)]).toEqual([1, 'connecting']);
  clock.advance(1000);
});

test('a room that is closed down sets no timer any more, and tells nothing', async () => {
  const { room, told, clock } = stage('2026-11-21T12:00Z');
  room.audience(1);
  await room.close();
  const before = told.length;
  clock.advance(48 * HOUR_MS);
  expect([clock.pending, told.length]).toEqual([0, before]);
});

test('a closed room is at rest while nobody waits, and not while 1 does, whatever listeners are told', () => {
  const { room } = stage('2026-11-24T08:00:00+01:00');
  expect([room.describe().state, room.isAtRest]).toEqual(['waiting', true]);
  room.audience(1);
  expect(room.isAtRest).toBe(false);
  room.audience(0);
  expect(room.isAtRest).toBe(true);
});
