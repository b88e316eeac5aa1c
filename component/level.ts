/** State of a level display, in dBFS; `peakAtMs` is when the held peak was reached, ms. */
export interface Level {
  barDb: number;
  peakDb: number;
  peakAtMs: number;
  atMs: number;
}

/** Least level shown, dBFS. */
const FLOOR_DB = -60;

/** Nothing has been shown yet. */
export const NO_LEVEL: Level = { barDb: FLOOR_DB, peakDb: FLOOR_DB, peakAtMs: -Infinity, atMs: -Infinity };

const RELEASE_DB_PER_MS = 20 / 1700;
const PEAK_HOLD_MS = 1000;

/**
 * The level shown at `nowMs` (ms, growing) when a frame of `rmsDb` and `peakDb` dBFS sounds: rises at once, falls
 * 20 dB in 1.7 s, peak held for 1 s. Pass −Infinity for silence. After IEC 60268-10 type I.
 */
export function nextLevel(level: Level, rmsDb: number, peakDb: number, nowMs: number): Level {
  const fallDb = Math.max(0, nowMs - level.atMs) * RELEASE_DB_PER_MS;
  const barDb = Math.max(FLOOR_DB, rmsDb, level.barDb - fallDb);
  const holds = peakDb < level.peakDb && nowMs - level.peakAtMs < PEAK_HOLD_MS;
  if (holds) return { ...level, barDb, atMs: nowMs };
  return { barDb, peakDb: Math.max(FLOOR_DB, peakDb), peakAtMs: nowMs, atMs: nowMs };
}

/** Share of the meter that a level fills, 0…1: linear in decibels from −60 to 0 dBFS. */
export function shareOf(levelDb: number): number {
  return Math.min(1, Math.max(0, 1 - levelDb / FLOOR_DB));
}
