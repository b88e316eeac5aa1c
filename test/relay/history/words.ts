import type { Happening, LogFields } from '../../../relay/log.ts';
import type { HistoryEntry } from '../../../relay/history/history-store.ts';

/** Start of the tests' time, Unix milliseconds. */
export const NOON_MS = Date.UTC(2026, 10, 21, 12);

/** A line of the log `atSec` after noon. */
export function line(atSec: number, event: string, fields: LogFields = {}): Happening {
  return { atMs: NOON_MS + atSec * 1000, level: 'info', event, fields };
}

/** The same, as it is written. */
export function entry(atSec: number, event: string, fields: LogFields = {}): HistoryEntry {
  return { kind: 'happening', happening: line(atSec, event, fields) };
}

/** Who listened `atSec` after noon, as it is written. */
export function sampled(atSec: number, room: string, peak: number): HistoryEntry {
  return {
    kind: 'sample',
    sample: { atMs: NOON_MS + atSec * 1000, room, listeners: peak, peak, rttP95Ms: 40 },
  };
}

/** A query for everything. */
export const ALL = { room: null, fromMs: 0, toMs: NOON_MS * 2, limit: 1000 };
