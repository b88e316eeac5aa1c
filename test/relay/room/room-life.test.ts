import { expect, test } from 'vitest';
import type { RoomState } from '../../../wire/messages.ts';
import { tickDueMs } from '../../../relay/room/due-times.ts';
import {
  AT_REST,
  heard,
  toldState,
  type Beside,
  type Phase,
  type RoomLife,
} from '../../../relay/room/room-life.ts';
import { DIALLED, PUBLISHED } from './lifecycle-settings.ts';

const NOW_MS = 100_000;
const up: Extract<Phase, { kind: 'up' }> = {
  kind: 'up',
  epoch: 1,
  legId: 'leg-1',
  audible: true,
  held: false,
  openedMs: NOW_MS - 40_000,
  heardMs: NOW_MS,
  stallTold: false,
};
const resting: Phase = { kind: 'resting', untilMs: NOW_MS + 500, staleLegId: null, refused: false };
const ending: Extract<Phase, { kind: 'ending' }> = {
  kind: 'ending',
  epoch: 1,
  legId: 'l',
  closed: false,
  closeAtMs: null,
  delayMs: null,
  over: false,
};
const dialling: Phase = { kind: 'dialling', epoch: 1, legId: null, sinceMs: NOW_MS };

const leaving: Extract<Beside, { kind: 'leaving' }> = {
  kind: 'leaving',
  epoch: 1,
  legId: 'l',
  closed: false,
  closeAtMs: null,
  untilMs: 0,
  tries: 0,
};
const called: Beside = { kind: 'dialling', epoch: 2, legId: 'm', sinceMs: NOW_MS, tries: 1 };

function life(phase: Phase, rest: Partial<RoomLife> = {}): RoomLife {
  return { ...AT_REST, phase, listeners: 1, ...rest };
}

const TOLD: [string, RoomLife, RoomState][] = [
  ['nobody came', AT_REST, 'idle'],
  ['a call is being placed', life(dialling), 'connecting'],
  ['a leg is up and was never heard', life({ ...up, audible: false }), 'waiting'],
  ['a leg was heard 1999 ms ago', life({ ...up, heardMs: NOW_MS - 1999 }), 'live'],
  ['a leg was heard 2000 ms ago', life({ ...up, heardMs: NOW_MS - 2000 }), 'waiting'],
  ['a leg is held', life({ ...up, held: true }), 'waiting'],
  ['a leg was lost', life(resting, { attempt: 5 }), 'connecting'],
  ['the 1st call was refused', life({ ...resting, refused: true }, { attempt: 1 }), 'connecting'],
  ['the 2nd call was refused', life({ ...resting, refused: true }, { attempt: 2 }), 'unavailable'],
  ['the call is hung up for nobody', life(ending, { listeners: 0 }), 'idle'],
  ['the call is hung up and somebody is here', life(ending), 'connecting'],
  ['an operator is ending the call', life({ ...ending, over: true }), 'ended'],
  ['the conference is over', life({ kind: 'ended', legId: null }), 'ended'],
];

test.each(TOLD)('when %s, listeners are told their state', (_, before, state) => {
  expect(toldState(before, NOW_MS, DIALLED)).toBe(state);
});

test('a published room without publisher is "waiting" to a listener and "idle" to the world', () => {
  expect(toldState({ ...AT_REST, listeners: 1 }, NOW_MS, PUBLISHED)).toBe('waiting');
  expect(toldState(AT_REST, NOW_MS, PUBLISHED)).toBe('idle');
});

const DUE: [string, RoomLife, number | null][] = [
  ['idle', AT_REST, null],
  ['ended', life({ kind: 'ended', legId: null }), null],
  ['dialling: 45 s after the call', life(dialling), NOW_MS + 45_000],
  [
    'dialling with a name: the end of the linger time',
    life({ ...dialling, legId: 'l' }, { lingerUntilMs: NOW_MS + 9 }),
    NOW_MS + 9,
  ],
  ['up and heard: 1 s later', life(up), NOW_MS + 1000],
  [
    'up and stalled for 1 s: 2 s after the last frame',
    life({ ...up, heardMs: NOW_MS - 1000 }),
    NOW_MS + 1000,
  ],
  ['up and quiet for 3 s: 10 s after the last frame', life({ ...up, heardMs: NOW_MS - 3000 }), NOW_MS + 7000],
  [
    'up and quiet for an hour: when it is 6900 s old and is to be replaced',
    life({ ...up, audible: false, heardMs: NOW_MS - 3_600_000 }),
    NOW_MS - 40_000 + 6_900_000,
  ],
  [
    'up and quiet for an hour, its successor leaving',
    life({ ...up, heardMs: NOW_MS - 3_600_000 }, { beside: leaving }),
    null,
  ],
  [
    'up, its successor being hung up: the socket’s grace',
    life(up, { beside: { ...leaving, closeAtMs: NOW_MS + 9 } }),
    NOW_MS + 9,
  ],
  [
    'up, its successor called 1 s ago: when it is given up',
    life({ ...up, heardMs: NOW_MS - 20_000 }, { beside: { ...called, sinceMs: NOW_MS - 1000 } }),
    NOW_MS + 44_000,
  ],
  [
    'up and old, its successor refused: the back-off',
    life(
      { ...up, heardMs: NOW_MS - 20_000, openedMs: 0 },
      { beside: { kind: 'resting', untilMs: 7e6, tries: 1 } },
    ),
    7e6,
  ],
  [
    'up, quiet and young: when it counts as steady',
    life({ ...up, heardMs: NOW_MS - 20_000, openedMs: NOW_MS - 20_000 }, { attempt: 1 }),
    NOW_MS + 10_000,
  ],
  ['up, quiet and alone: the end of the linger time', life(up, { lingerUntilMs: NOW_MS + 9 }), NOW_MS + 9],
  ['resting: the back-off', life(resting), NOW_MS + 500],
  [
    'resting with a call unanswered for 1 s: when it is given up',
    life(resting, { unanswered: { epoch: 1, sinceMs: NOW_MS - 1000 } }),
    NOW_MS + 44_000,
  ],
  ['ending: nothing before the hang-up is done', life(ending), null],
  ['ending: the socket’s grace', life({ ...ending, closeAtMs: NOW_MS + 1000 }), NOW_MS + 1000],
];

test.each(DUE)('the next tick of a room that is %s', (_, before, dueMs) => {
  expect(tickDueMs(before, NOW_MS, DIALLED)).toBe(dueMs);
});

test('a leg is heard only forwards in time, and only while it is up', () => {
  expect(heard(life(up), NOW_MS + 5).phase).toMatchObject({ heardMs: NOW_MS + 5 });
  expect(heard(life(up), NOW_MS - 5).phase).toBe(up);
  expect(heard(life(resting), NOW_MS + 5).phase).toBe(resting);
});
