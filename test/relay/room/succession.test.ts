import { describe, expect, test } from 'vitest';
import type {
  LifecycleSettings,
  ReplacementFault,
  RoomAction,
  RoomEvent,
} from '../../../relay/room/room-life.ts';
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

const NEXT = 'leg-2';
const REPLACE_AT_MS = 6_900_000;
const replaced = (epoch = 2): RoomEvent => ({ kind: 'replaced', epoch });
const placeSuccessor = (epoch = 2, replaces = 1): RoomAction => ({
  kind: 'place-successor',
  epoch,
  replaces,
});
const promote = (epoch = 2): RoomAction => ({ kind: 'promote', epoch });
const failed = (code: ReplacementFault): RoomAction => ({ kind: 'tell-replacement-failed', code });

/** A room with one listener, whose leg of 6900 s is being replaced by the call of epoch 2. */
function replacing(settings: LifecycleSettings = DIALLED): Told {
  return live(settings).after(REPLACE_AT_MS, tick(2));
}

/** The same, with the second leg up beside the first. */
function beside(): Told {
  return replacing().tell(placed(2, NEXT), opened(2));
}

/** The same, with the second leg in place of the first, which is being hung up. */
function takenOver(): Told {
  return beside().tell(replaced());
}

describe('a leg that grows old', () => {
  test('is replaced at 6900 s by one call, and by no second while that is pending', () => {
    const room = live();
    expect(room.after(REPLACE_AT_MS - 1, tick(2)).actions).toEqual([]);
    expect(room.after(1, tick(2)).actions).toEqual([placeSuccessor()]);
    expect(room.after(20_000, tick(3), join(2, 4), tick(5)).actions).toEqual([]);
    expect(room.tell(placed(2, NEXT), tick(6), opened(2), tick(7)).actions).toEqual([]);
  });

  test('is not replaced while nobody listens, and is as soon as somebody does', () => {
    const room = live().after(REPLACE_AT_MS - 1000, leave());
    expect(room.after(2000, tick(2)).actions).toEqual([]);
    expect(room.tell(join(), tick(3)).actions).toEqual([placeSuccessor(3)]);
  });

  test('is not replaced while a platform owes the answer to its own call, nor where a publisher feeds the room', () => {
    const nameless = new Told().tell(join(), opened(), frames);
    expect(nameless.after(REPLACE_AT_MS, tick(2)).actions).toEqual([]);
    const published = new Told({ ...PUBLISHED, replaceAtMs: Infinity }).tell(join(), opened(), frames);
    expect(published.after(REPLACE_AT_MS, tick(2)).actions).toEqual([]);
  });

  test('goes on until the other has taken over, and only then is hung up, by its name', () => {
    const room = beside();
    expect([room.actions, room.kind]).toEqual([[], 'up']);
    expect(room.life.phase).toMatchObject({ epoch: 1, legId: LEG });
    expect(room.tell(replaced()).actions).toEqual([hangUp(1, LEG)]);
    expect(room.life.phase).toMatchObject({ kind: 'up', epoch: 2, legId: NEXT, audible: true, held: false });
  });

  test('is closed by us when its socket is open 1 s after the hang-up, and then nothing is left of it', () => {
    const room = takenOver().tell(hungUp(1));
    expect(room.after(999, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(3)).actions).toEqual([closeLeg(1)]);
    expect(room.life.beside).toBeNull();
  });

  test.each([
    ['socket, answer', [closed('ended', 1), hungUp(1)]],
    ['answer, socket', [hungUp(1), closed('ended', 1)]],
    [
      'webhook, socket, answer, webhook',
      [over('ended', LEG), closed('lost', 1), hungUp(1), over('ended', LEG)],
    ],
  ])('may be told over in any order: %s', (_, events) => {
    const room = takenOver().tell(...events);
    expect([room.actions, room.life.beside]).toEqual([[], null]);
    expect(room.life.phase).toMatchObject({ kind: 'up', epoch: 2, legId: NEXT });
  });

  test('is replaced again, by a third call, when the second is 6900 s old', () => {
    const room = takenOver().tell(hungUp(1), closed('ended', 1));
    expect(room.after(REPLACE_AT_MS - 1, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(4)).actions).toEqual([placeSuccessor(4, 2)]);
  });

  test('is not replaced again while the one before is still being hung up', () => {
    const young = { ...DIALLED, replaceAtMs: 0 };
    const room = replacing(young).tell(placed(2, NEXT), opened(2), replaced());
    expect(room.after(3000, tick(3)).actions).toEqual([]);
    expect(room.tell(hungUp(1), closed('ended', 1), tick(4)).actions).toEqual([placeSuccessor(4, 2)]);
  });
});

describe('a successor in vain', () => {
  test('refused: the old leg goes on, and the next try is made after the back-off', () => {
    const room = replacing().tell(refused(null, 2));
    expect([room.actions, room.kind]).toEqual([[failed('call-refused')], 'up']);
    expect(room.after(REDIAL_MS - 1, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(3)).actions).toEqual([placeSuccessor(3)]);
    expect(room.life.beside).toMatchObject({ tries: 2 });
  });

  test('refused with Retry-After 7 s: waits 7 s', () => {
    const room = replacing().tell(refused(7000, 2));
    expect(room.after(6999, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(3)).actions).toEqual([placeSuccessor(3)]);
  });

  test('no leg within 45 s: hung up first, then tried again', () => {
    const room = replacing().tell(placed(2, NEXT));
    expect(room.after(44_999, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(3)).actions).toEqual([failed('no-leg'), hangUp(2, NEXT)]);
    expect(room.after(5000, tick(3)).actions).toEqual([]);
    expect(room.tell(hungUp(2), tick(3)).actions).toEqual([placeSuccessor(3)]);
  });

  test('not answered within 45 s: tried again; the call that it names late is hung up', () => {
    const room = replacing().after(45_000, tick(3));
    expect(room.actions).toEqual([failed('no-leg')]);
    expect(room.after(REDIAL_MS, tick(3)).actions).toEqual([placeSuccessor(3)]);
    expect(room.tell(placed(2, 'late')).actions).toEqual([hangUp(2, 'late')]);
    expect(room.tell(placed(3, NEXT), opened(3), replaced(3)).actions).toEqual([hangUp(1, LEG)]);
  });

  test('its leg closed early: its call is hung up by name, then tried again', () => {
    const room = beside().tell(closed('lost', 2));
    expect(room.actions).toEqual([failed('leg-closed'), hangUp(2, NEXT)]);
    expect(room.after(REDIAL_MS, tick(3)).actions).toEqual([]);
    expect(room.tell(hungUp(2), tick(3)).actions).toEqual([placeSuccessor(3)]);
  });

  test('its leg closed before it had a name: the call is hung up when it has, and no third is placed beside it', () => {
    const room = replacing().tell(opened(2), closed('lost', 2));
    expect(room.after(REDIAL_MS, tick(3)).actions).toEqual([]);
    expect(room.tell(placed(2, NEXT)).actions).toEqual([hangUp(2, NEXT)]);
    expect(room.after(10_000, tick(3)).actions).toEqual([]);
    expect(room.tell(hungUp(2), tick(4)).actions).toEqual([placeSuccessor(4)]);
  });

  test('its call over while it rang, or with its leg up: tried again without a hang-up', () => {
    const ringing = replacing().tell(placed(2, NEXT), over('lost', NEXT));
    expect(ringing.actions).toEqual([failed('call-over')]);
    expect(ringing.after(REDIAL_MS, tick(3)).actions).toEqual([placeSuccessor(3)]);
    const up = beside().tell(over('ended', NEXT), closed('ended', 2));
    expect(up.actions).toEqual([failed('call-over'), closeLeg(2)]);
    expect(up.after(REDIAL_MS, tick(3)).actions).toEqual([placeSuccessor(3)]);
  });

  test('a leg whose name got lost on the way is closed: nobody could hang it up', () => {
    const room = replacing().tell(opened(2), refused(null, 2));
    expect([room.actions, room.kind]).toEqual([[failed('call-refused'), closeLeg(2)], 'up']);
  });

  test('a leg that sends nothing for 45 s while the old one is heard: hung up, tried again', () => {
    const room = beside();
    expect(room.after(45_000, tick(3)).actions).toEqual([failed('no-sound'), hangUp(2, NEXT)]);
    expect(room.life.phase).toMatchObject({ kind: 'up', epoch: 1 });
  });

  test('a leg that sends nothing stays where the old one is silent too: the platform has nothing to send', () => {
    const room = beside().tell({ kind: 'frames', held: true });
    expect(room.silent(45_000, tick(3)).actions.filter(({ kind }) => kind === 'hang-up')).toEqual([]);
  });
});

describe('the old leg ends before the other has taken over', () => {
  test.each([
    ['lost', [closed('lost')]],
    ['ended by the length timer', [closed('ended')]],
  ])('%s: the successor that is up is the room’s, with a media clock of its own', (_, events) => {
    const room = beside().after(295_000, ...events);
    expect(room.actions).toEqual([promote(), hangUp(1, LEG)]);
    expect(room.life.phase).toMatchObject({ kind: 'up', epoch: 2, legId: NEXT });
    expect(room.tell(hungUp(1)).life.beside).toBeNull();
  });

  test('told over by webhook after 2 h: the same, and there is nothing to hang up', () => {
    const room = beside().after(295_000, over('ended'));
    expect(room.actions).toEqual([closeLeg(1), promote()]);
    expect(room.life).toMatchObject({ phase: { kind: 'up', epoch: 2, legId: NEXT }, beside: null });
  });

  test('while the successor is being called: that call is the room’s, and no other is placed', () => {
    const room = replacing().after(299_000, closed('ended'));
    expect(room.actions).toEqual([promote(), hangUp(1, LEG)]);
    expect(room.life.phase).toMatchObject({ kind: 'dialling', epoch: 2 });
    expect(room.tell(placed(2, NEXT), opened(2)).life.phase).toMatchObject({ kind: 'up', legId: NEXT });
  });

  test('stalled for 10 s: hung up, and the successor that is up is the room’s', () => {
    const room = beside().silent(10_000, tick(3));
    expect(room.actions).toEqual([tellStall(), hangUp(1, LEG), promote()]);
    expect(room.life.phase).toMatchObject({ kind: 'up', epoch: 2 });
    expect(room.tell(closed('lost', 1), hungUp(1)).life.beside).toBeNull();
  });

  test('while the successor’s next try waits for Retry-After 60 s: the room waits as long, and dials', () => {
    const room = replacing().tell(refused(60_000, 2), closed('lost'));
    expect(room.kind).toBe('resting');
    expect(room.after(59_999, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(3)).actions).toEqual([hangUp(3, LEG)]);
    expect(room.tell(hungUp(3), tick(4)).actions).toEqual([placeCall(4)]);
  });

  test('because the conference is over: the successor is hung up, and the room is ended', () => {
    const room = beside().tell(closed('ended'));
    expect([room.kind, room.actions]).toEqual(['ended', [hangUp(2, NEXT)]]);
    expect(room.tell(closed('ended', 2), hungUp(2), tick(3)).life.beside).toBeNull();
    expect(room.actions).toEqual([]);
  });

  test('because the conference is over, before the successor has a name: hung up when it has', () => {
    const room = replacing().tell(closed('ended'));
    expect([room.kind, room.actions]).toEqual(['ended', []]);
    expect(room.tell(placed(2, NEXT)).actions).toEqual([hangUp(2, NEXT)]);
    expect(room.kind).toBe('ended');
  });

  test('and the new one is lost while the old is being hung up: dialled when that is done, not before', () => {
    const room = takenOver().tell(closed('lost', 2));
    expect(room.after(REDIAL_MS, tick(3)).actions).toEqual([]);
    expect(room.tell(hungUp(1), closed('ended', 1), tick(4)).actions).toEqual([hangUp(4, NEXT)]);
    expect(room.tell(hungUp(4), tick(5)).actions).toEqual([placeCall(5)]);
  });
});

describe('the last listener leaves during it', () => {
  test.each([
    ['rings', replacing().tell(placed(2, NEXT))],
    ['is up', beside()],
  ])('while the successor %s: after 30 s both are hung up, each once', (_, room) => {
    expect(room.tell(leave()).after(29_999, tick(3)).actions).toEqual([]);
    expect(room.after(1, tick(3)).actions).toEqual([hangUp(1, LEG), hangUp(2, NEXT)]);
    room.after(1000, tick(4), hungUp(1), hungUp(2), closed('ended', 1), closed('ended', 2), tick(5));
    expect([room.actions, room.kind, room.life.beside]).toEqual([[], 'idle', null]);
  });

  test('while the platform owes the successor’s name: it is hung up when that comes', () => {
    const room = replacing().tell(leave()).after(30_000, tick(3));
    expect(room.actions).toEqual([hangUp(1, LEG)]);
    expect(room.tell(placed(2, NEXT)).actions).toEqual([hangUp(2, NEXT)]);
    room.tell(hungUp(1), closed('ended', 1), hungUp(2), tick(4));
    expect([room.kind, room.life.beside]).toEqual(['idle', null]);
  });

  test('while the old one is being hung up: the new one is hung up after 30 s', () => {
    const room = takenOver().tell(leave(), hungUp(1), closed('ended', 1));
    expect(room.after(30_000, tick(3)).actions).toEqual([hangUp(2, NEXT)]);
  });

  test('and somebody comes while both are being hung up: one new call, after both', () => {
    const room = beside().tell(leave()).after(30_000, tick(3));
    room.tell(join(1, 4), hungUp(1), closed('ended', 1), tick(5));
    expect(room.actions).toEqual([]);
    expect(room.tell(hungUp(2), closed('ended', 2), tick(6)).actions).toEqual([placeCall(6)]);
  });

  test('and the successor takes over meanwhile: the linger time runs on', () => {
    const room = beside().tell(leave()).after(20_000, replaced(), hungUp(1), closed('ended', 1));
    expect(room.after(10_000, tick(3)).actions).toEqual([hangUp(2, NEXT)]);
  });
});

test.each([
  ['being called', replacing()],
  ['up', beside()],
  ['leaving', takenOver()],
  ['resting', replacing().tell(refused(60_000, 2))],
])(
  'with its second call %s, a room ignores news of unknown calls, old legs, old hang-ups and handovers',
  (_, room) => {
    const before = room.life;
    room.tell(
      over('lost', 'unknown'),
      over('ended', 'unknown'),
      closed('lost', 77),
      hungUp(77),
      opened(77),
      replaced(77),
    );
    expect(room.life).toEqual(before);
    expect(room.actions).toEqual([]);
  },
);
