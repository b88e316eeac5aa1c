import type { LifecycleSettings } from '../../../relay/room/room-life.ts';

/** A dialled room with the relay's own defaults. */
export const DIALLED: LifecycleSettings = {
  dials: true,
  lingerMs: 30_000,
  dialTimeoutMs: 45_000,
  stallToldMs: 1000,
  quietMs: 2000,
  stalledMs: 10_000,
  steadyMs: 30_000,
  maxLegMs: 7_200_000,
  replaceAtMs: 6_900_000,
  closeGraceMs: 1000,
};

/** A room that a publisher feeds. */
export const PUBLISHED: LifecycleSettings = { ...DIALLED, dials: false };
