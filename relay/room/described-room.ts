import type { ConnectedLeg } from '../room-directory.ts';
import type { RoomStatus } from '../room-message.ts';
import { toldState, type LifecycleSettings, type RoomLife } from './room-life.ts';
import type { RoomLegs } from './room-legs.ts';

/** What a room knows of itself. `mediaMs` is its media clock; `leg` is null while none is connected. */
export interface DescribedRoom extends RoomStatus {
  mediaMs: number | null;
  listeners: number;
  leg: ConnectedLeg | null;
}

type HeardLegs = Pick<RoomLegs, 'sound' | 'openedWallMs'>;

/** What listeners are told of a room at `nowMs` (monotonic). */
export function statusOf(
  life: RoomLife,
  { sound }: HeardLegs,
  nowMs: number,
  settings: LifecycleSettings,
): RoomStatus {
  const sampleRate = sound?.sampleRate ?? null;
  return {
    state: toldState(life, nowMs, settings),
    epoch: sampleRate === null ? null : (sound?.epoch ?? null),
    sampleRate,
  };
}

/** All that a room knows of itself at `nowMs` (monotonic). */
export function describeRoom(
  life: RoomLife,
  legs: HeardLegs,
  nowMs: number,
  settings: LifecycleSettings,
): DescribedRoom {
  return {
    ...statusOf(life, legs, nowMs, settings),
    mediaMs: legs.sound?.mediaMs() ?? null,
    listeners: life.listeners,
    leg: describeLeg(life, legs, nowMs, settings),
  };
}

/** The leg that is heard; null while there is none. */
function describeLeg(
  { phase }: RoomLife,
  { sound, openedWallMs }: HeardLegs,
  nowMs: number,
  { maxLegMs }: LifecycleSettings,
): ConnectedLeg | null {
  if (!sound || openedWallMs === undefined) return null;
  const isUp = phase.kind === 'up';
  return {
    legId: isUp ? phase.legId : null,
    epoch: sound.epoch,
    openedAtMs: openedWallMs,
    endsInMs: isUp && maxLegMs !== Infinity ? phase.openedMs + maxLegMs - nowMs : null,
    ...sound.listen(),
  };
}
