import { describe, expect, test } from 'vitest';
import { callVerdict, hangUpVerdict } from '../../../relay/room/operation.ts';
import type { RoomEvent } from '../../../relay/room/room-life.ts';
import { toldState } from '../../../relay/room/room-life.ts';
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
  tick,
} from './told-room.ts';

const call = (epoch = 9): RoomEvent => ({ kind: 'call', epoch, redialMs: REDIAL_MS });
const end: RoomEvent = { kind: 'hang-up' };
const stateOf = ({ life, nowMs }: Told): string => toldState(life, nowMs, DIALLED);

describe('an operator calls a room', () => {
  test('to which nobody listens: dialled at once, hung up after the 30 s that a room lingers', () => {
    const room = new Told().tell(call());
    expect(room.actions).toEqual([placeCall(9)]);
    room.tell(placed(9), opened(9), frames);
    expect(room.after(29_999, tick()).actions).toEqual([]);
    expect(room.after(1, tick()).actions).toEqual([hangUp(9)]);
    expect(room.tell(hungUp(9), closed('ended', 9), tick()).kind).toBe('idle');
  });

  test('that has ended for its 3 listeners: dialled at once', () => {
    const room = live().tell(join(3), closed('ended'), call());
    expect(room.actions).toEqual([placeCall(9)]);
    expect(room.after(60_000, tick()).kind).not.toBe('idle');
  });

  test('that rests for 60 s: dialled at once', () => {
    expect(new Told().tell(join(), refused(60_000)).after(10, call()).actions).toEqual([placeCall(9)]);
  });

  test('that rests while the platform owes an answer: dialled when that has come, not before', () => {
    const room = new Told().tell(join(), opened(), closed('lost')).tell(call());
    expect(room.actions).toEqual([]);
    expect(room.after(10_000, tick()).actions).toEqual([]);
    expect(room.tell(placed(), tick(2)).actions).toEqual([hangUp(2)]);
    expect(room.tell(hungUp(2), tick(3)).actions).toEqual([placeCall(3)]);
  });

  test('that rests with a call that may live, and nobody listens: that is hung up first', () => {
    const room = live().tell(closed('lost'), leave()).tell(call());
    expect(room.actions).toEqual([hangUp(9)]);
    expect(room.tell(hungUp(9), tick(10)).actions).toEqual([placeCall(10)]);
  });

  test('that is being hung up: dialled after it', () => {
    const room = live().tell(leave()).after(30_000, tick()).tell(call());
    expect(room.actions).toEqual([]);
    expect(room.tell(hungUp(), closed('ended'), tick(10)).actions).toEqual([placeCall(10)]);
  });

  test('that is up, or called: nothing is dialled, and where nobody listens it lingers anew', () => {
    const room = live().tell(leave()).after(20_000, call());
    expect(room.actions).toEqual([]);
    expect(room.after(29_999, tick()).actions).toEqual([]);
    expect(room.after(1, tick()).actions).toEqual([hangUp()]);
    expect(new Told().tell(join()).tell(call()).actions).toEqual([]);
  });

  test('in vain, and nobody listens: it is not tried again', () => {
    const room = new Told().tell(call(), refused(null, 9)).after(REDIAL_MS, tick());
    expect([room.actions, room.kind]).toEqual([[], 'idle']);
  });

  test('that a publisher feeds: nothing happens', () => {
    const room = new Told(PUBLISHED).tell(call());
    expect([room.actions, room.kind]).toEqual([[], 'idle']);
  });
});

describe('an operator ends a room’s call', () => {
  test('that is up: hung up, and over for who listens until somebody new comes', () => {
    const room = live().tell(end);
    expect([room.actions, stateOf(room)]).toEqual([[hangUp()], 'ended']);
    room.tell(closed('ended'), hungUp(), tick());
    expect([room.actions, room.kind]).toEqual([[], 'ended']);
    expect(room.after(3_600_000, tick(), over('lost', LEG)).actions).toEqual([]);
    expect(room.tell(join(2, 5)).actions).toEqual([placeCall(5)]);
  });

  test('until an operator calls again', () => {
    const room = live().tell(end, hungUp(), closed('ended'), call());
    expect(room.actions).toEqual([hangUp(), placeCall(9)]);
    const during = live().tell(end, call(), hungUp(), closed('ended'), tick(10));
    expect(during.actions).toEqual([hangUp(), placeCall(10)]);
  });

  test('and somebody new comes while it is being hung up: dialled after it', () => {
    const room = live().tell(end, join(2, 5), hungUp(), closed('ended'), tick(6));
    expect(room.actions).toEqual([hangUp(), placeCall(6)]);
  });

  test('that rings with a name: hung up', () => {
    const room = new Told().tell(join(), placed()).tell(end);
    expect([room.actions, stateOf(room)]).toEqual([[hangUp()], 'ended']);
    expect(room.tell(hungUp()).kind).toBe('ended');
  });

  test('that has no name yet: hung up when it has, and its leg is not let in', () => {
    const room = new Told().tell(join()).tell(end);
    expect([room.actions, room.kind]).toEqual([[], 'ended']);
    expect(room.tell(opened(), placed()).actions).toEqual([hangUp()]);
    expect(room.tell(join(2, 5)).actions).toEqual([]);
    expect(room.tell(hungUp(), tick(6)).actions).toEqual([placeCall(6)]);
  });

  test('whose leg is up and has no name: its socket ends it', () => {
    const room = new Told().tell(join(), opened()).tell(end);
    expect([room.actions, room.kind]).toEqual([[closeLeg()], 'ended']);
  });

  test('that waits for its next try: that is not made, and what may still live is hung up', () => {
    expect(new Told().tell(join(), refused(), end).after(REDIAL_MS, tick()).kind).toBe('ended');
    const stale = live().tell(closed('lost'), end);
    expect(stale.actions).toEqual([hangUp(0)]);
    expect(stale.tell(hungUp(0), tick()).kind).toBe('ended');
  });

  test('that is being replaced: both are hung up', () => {
    const room = live().after(6_900_000, tick(2)).tell(placed(2, 'leg-2'), opened(2), end);
    expect(room.actions).toEqual([hangUp(), hangUp(2, 'leg-2')]);
  });

  test('to which nobody listens: idle afterwards', () => {
    expect(live().tell(leave(), end, hungUp(), closed('ended')).kind).toBe('idle');
  });
});

test.each([
  ['idle', new Told(), 'calling', 'no-call'],
  ['dialling', new Told().tell(join()), 'already', 'hanging-up'],
  ['up', live(), 'already', 'hanging-up'],
  ['resting', live().tell(closed('lost')), 'calling', 'hanging-up'],
  ['ending', live().tell(leave()).after(30_000, tick()), 'calling', 'hanging-up'],
  ['ending by an operator’s word', live().tell(end), 'calling', 'no-call'],
  ['ended', live().tell(closed('ended')), 'calling', 'no-call'],
])('of a room that is %s an operator is told what the word comes to', (_, { life }, called, ended) => {
  expect([callVerdict(life, DIALLED), hangUpVerdict(life, DIALLED)]).toEqual([called, ended]);
  expect([callVerdict(life, PUBLISHED), hangUpVerdict(life, PUBLISHED)]).toEqual([
    'not-dialled',
    'not-dialled',
  ]);
});
