import { describe, expect, test } from 'vitest';
import { DIALLED, PUBLISHED } from './lifecycle-settings.ts';
import {
  LEG,
  REDIAL_MS,
  Told,
  closeLeg,
  closed,
  frames,
  hangUp,
  hungUp,
  join,
  leave,
  live,
  opened,
  over,
  placeCall,
  placed,
  refused,
  tellStall,
  tick,
} from './told-room.ts';

describe('dialling', () => {
  test('the first listener makes one call, the next 99 make none', () => {
    const room = new Told().tell(join(1, 7));
    expect(room.actions).toEqual([placeCall(7)]);
    for (let listeners = 2; listeners <= 100; listeners++) {
      expect(room.tell(join(listeners, 8)).actions).toEqual([]);
    }
    expect(room.kind).toBe('dialling');
  });

  test('a room fed by a publisher never dials, and its leg needs no call', () => {
    const room = new Told(PUBLISHED).tell(join());
    expect(room.actions).toEqual([]);
    expect(room.tell(opened()).kind).toBe('up');
    expect(room.tell(closed('lost')).kind).toBe('idle');
    expect(room.after(3_600_000, tick()).actions).toEqual([]);
  });

  test('the leg may open before the platform has answered, and gets its name then', () => {
    const room = new Told().tell(join(), opened(), placed());
    expect(room.life.phase).toMatchObject({ kind: 'up', legId: LEG });
    expect(room.life.unanswered).toBeNull();
  });

  test('a leg of another epoch does not open the room', () => {
    expect(new Told().tell(join(), opened(5)).kind).toBe('dialling');
  });

  test('a refused call is tried again after the back-off with a new epoch', () => {
    const room = new Told().tell(join(), refused());
    expect(room.kind).toBe('resting');
    expect(room.after(REDIAL_MS - 1, tick()).actions).toEqual([]);
    expect(room.after(1, tick(2)).actions).toEqual([placeCall(2)]);
    expect(room.life.attempt).toBe(2);
  });

  test('429 with Retry-After 7 s waits 7 s, not the 0.5 s of the back-off', () => {
    const room = new Told().tell(join(), refused(7000));
    expect(room.after(6999, tick()).actions).toEqual([]);
    expect(room.after(1, tick()).actions).toEqual([placeCall(2)]);
  });

  test('a call that brings no leg in 45 s is hung up before the next is placed', () => {
    const room = new Told().tell(join(), placed()).after(45_000, tick());
    expect(room.actions).toEqual([]);
    expect(room.after(REDIAL_MS, tick(2)).actions).toEqual([hangUp(2)]);
    expect(room.tell(hungUp(2)).kind).toBe('resting');
    expect(room.tell(tick(3)).actions).toEqual([placeCall(3)]);
  });

  test('while the platform owes an answer, a leg that came and went is not dialled anew', () => {
    const room = new Told().tell(join(), opened(), closed('lost')).after(REDIAL_MS, tick());
    expect(room.actions).toEqual([]);
    expect(room.tell(placed(), tick(2)).actions).toEqual([hangUp(2)]);
    expect(room.tell(hungUp(2), tick(3)).actions).toEqual([placeCall(3)]);
  });

  test('nor does a new listener of an ended room make a second call while the first is unanswered', () => {
    const room = new Told().tell(join(), opened(), closed('ended')).tell(join(2, 5));
    expect([room.kind, room.actions]).toEqual(['resting', []]);
    expect(room.tell(placed(), tick(6)).actions).toEqual([hangUp(6)]);
  });

  test('an answer that never comes is given up after 45 s; the call it names late is hung up at once', () => {
    const room = new Told().tell(join()).after(45_000, tick()).after(REDIAL_MS, tick(2));
    expect(room.actions).toEqual([placeCall(2)]);
    expect(room.tell(placed(1, 'late')).actions).toEqual([hangUp(1, 'late')]);
    expect(room.tell(placed(2, 'new'), opened(2)).life.phase).toMatchObject({ kind: 'up', legId: 'new' });
  });

  test('a leg whose name got lost on the way is closed and dialled anew: nobody could hang it up', () => {
    const room = new Told().tell(join(), opened()).tell(refused());
    expect(room.actions).toEqual([closeLeg()]);
    expect(room.after(REDIAL_MS, tick(2)).actions).toEqual([placeCall(2)]);
  });
});

describe('the last listener leaves', () => {
  test('after 30 s the call is hung up, exactly once', () => {
    const room = live().tell(leave());
    expect(room.after(29_999, tick()).actions).toEqual([]);
    expect(room.after(1, tick()).actions).toEqual([hangUp()]);
    expect(room.after(1000, tick(), leave(), tick()).actions).toEqual([]);
    expect(room.tell(hungUp(), closed('lost')).actions).toEqual([]);
    expect(room.kind).toBe('idle');
  });

  test('leaving twice does not start the 30 s anew', () => {
    const room = live().tell(leave()).after(20_000, leave());
    expect(room.after(10_000, tick()).actions).toEqual([hangUp()]);
  });

  test('who comes back within the 30 s finds the leg as it was', () => {
    const room = live().tell(leave()).after(29_999, join());
    expect(room.after(60_000, tick()).actions).toEqual([]);
    expect(room.life.phase).toMatchObject({ kind: 'up', legId: LEG });
  });

  test('who comes while the call is being hung up gets a new call after it, not beside it', () => {
    const room = live().tell(leave()).after(30_000, tick(), join());
    expect(room.actions).toEqual([hangUp()]);
    expect(room.tell(hungUp(), closed('lost'), tick(5)).actions).toEqual([placeCall(5)]);
  });

  test('a call that gets its name after the 30 s is hung up at once', () => {
    const room = new Told().tell(join(), leave()).after(40_000, placed());
    expect(room.actions).toEqual([hangUp()]);
  });

  test('a socket still open 1 s after the hang-up is closed', () => {
    const room = live().tell(leave()).after(30_000, tick(), hungUp());
    expect(room.after(999, tick()).actions).toEqual([]);
    expect(room.after(1, tick()).actions).toEqual([closeLeg()]);
    expect(room.kind).toBe('idle');
  });

  test('nobody is dialled for when the back-off ends', () => {
    const room = new Told().tell(join(), refused(), leave()).after(REDIAL_MS, tick());
    expect([room.actions, room.kind, room.life.attempt]).toEqual([[], 'idle', 0]);
  });
});

describe('a leg ends', () => {
  test('a lost leg is hung up by name first, then dialled anew', () => {
    const room = live().tell(closed('lost'));
    expect(room.actions).toEqual([]);
    expect(room.after(REDIAL_MS, tick(2)).actions).toEqual([hangUp(2)]);
    expect(room.tell(hungUp(2), tick(3)).actions).toEqual([placeCall(3)]);
  });

  test('a lost leg whose call the platform reports over is dialled anew without a hang-up', () => {
    const room = live().tell(closed('lost'), over('lost'));
    expect(room.after(REDIAL_MS, tick(2)).actions).toEqual([placeCall(2)]);
  });

  test.each([
    ['socket, webhook', [closed('ended'), over('ended')]],
    ['webhook, socket', [over('ended'), closed('ended')]],
    ['webhook, socket, webhook again', [over('ended'), closed('lost'), over('ended')]],
  ])('a completed call ends the room in any order: %s', (_, events) => {
    const room = live().tell(...events);
    expect(room.kind).toBe('ended');
    expect(room.actions.filter(({ kind }) => kind === 'place-call')).toEqual([]);
  });

  test('`disconnected` after an orderly close is no end: redial', () => {
    const room = live().tell(closed('ended'), over('lost'));
    expect(room.after(REDIAL_MS, tick(2)).actions).toEqual([placeCall(2)]);
  });

  test('an ended room stays silent until somebody joins, and is idle once all have left', () => {
    const room = live().tell(closed('ended'));
    expect(room.after(3_600_000, tick()).actions).toEqual([]);
    expect(room.tell(join(2, 4)).actions).toEqual([placeCall(4)]);
    expect(live().tell(closed('ended'), leave()).kind).toBe('idle');
  });

  test('a call whose name comes after its orderly end is hung up, and the room stays ended', () => {
    const room = new Told().tell(join(), opened(), closed('ended')).tell(placed());
    expect([room.kind, room.actions]).toEqual(['ended', [hangUp()]]);
  });

  test.each([
    ['the socket closes first', [closed('ended')]],
    ['the webhook comes first', [over('ended'), closed('ended')]],
  ])('a leg that the length timer ends after 2 h is dialled anew: %s', (_, events) => {
    const room = live({ ...DIALLED, replaceAtMs: Infinity }).after(7_199_000, tick(), ...events);
    expect(room.kind).toBe('resting');
    room.after(REDIAL_MS, tick(2));
    if (room.kind === 'ending') room.tell(hungUp(2), tick(3));
    expect(room.kind).toBe('dialling');
  });

  test('a leg silent for 10 s after it was heard is hung up, then dialled anew', () => {
    const room = live();
    expect(room.silent(9999, tick()).actions).toEqual([tellStall()]);
    expect(room.silent(1, tick()).actions).toEqual([hangUp()]);
    expect(room.tell(closed('lost'), hungUp()).kind).toBe('resting');
    expect(room.after(REDIAL_MS, tick(2)).actions).toEqual([placeCall(2)]);
  });

  test('P4: a leg silent for 1 s is told to the log, once a stall; after a frame the next stall is another', () => {
    const room = live();
    expect(room.silent(999, tick()).actions).toEqual([]);
    expect(room.silent(1, tick()).actions).toEqual([tellStall()]);
    expect(room.silent(8999, tick()).actions).toEqual([]);
    expect(room.after(20).silent(1000, tick()).actions).toEqual([tellStall()]);
    expect(room.tell(frames).silent(1000, tick()).actions).toEqual([tellStall()]);
  });

  test('P4: a tick that comes 11 s late tells the stall and hangs up', () => {
    expect(live().silent(11_000, tick()).actions).toEqual([tellStall(), hangUp()]);
  });

  test('P4: a publisher that stalls is told to the log as well, and keeps its place: a PBX may stop in silence', () => {
    const room = new Told(PUBLISHED).tell(join(), opened(), frames);
    expect(room.silent(60_000, tick()).actions).toEqual([tellStall()]);
    expect(room.kind).toBe('up');
  });

  test('a leg that was never heard, or is held by the platform, may be silent for an hour', () => {
    const waiting = new Told().tell(join(), placed(), opened());
    expect(waiting.silent(3_600_000, tick()).actions).toEqual([]);
    const held = live().tell({ kind: 'frames', held: true });
    expect(held.silent(3_600_000, tick()).actions).toEqual([]);
  });

  test('a leg that lived 30 s starts the back-off over', () => {
    const room = new Told().tell(join(), refused()).after(REDIAL_MS, tick(2), placed(2), opened(2));
    expect(room.life.attempt).toBe(2);
    expect(room.after(30_000, tick()).life.attempt).toBe(0);
  });
});

test.each([
  ['idle', new Told()],
  ['dialling', new Told().tell(join(), placed())],
  ['up', live()],
  ['resting', live().tell(closed('lost'))],
  ['ended', live().tell(closed('ended'))],
  ['ending', live().tell(leave()).after(30_000, tick())],
])('a room that is %s ignores news of unknown calls, old legs and old hang-ups', (_, room) => {
  const before = room.life;
  room.tell(over('lost', 'unknown'), over('ended', 'unknown'), closed('lost', 77), hungUp(77), opened(77));
  expect(room.life).toEqual(before);
  expect(room.actions).toEqual([]);
});
