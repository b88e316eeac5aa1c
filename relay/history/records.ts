import type { HistoryFault } from './history-fault.ts';

/** Name of the history's file within its directory. */
export const HISTORY_FILE = 'history.db';

/** One call to the platform, or one leg that came by itself: `epoch` tells those of a room apart. Times are Unix ms. */
export interface CallRecord {
  room: string;
  epoch: number;
  dialledMs: number | null;
  placedMs: number | null;
  openedMs: number | null;
  /** When it was over; null while it is not. */
  closedMs: number | null;
  hungUpMs: number | null;
  /** The platform's name of the call. */
  leg: string | null;
  /**
   * Why it was over: an end of `leg.ts` or a status of the platform's, or `refused`, `replaced`, `hung-up`,
   * `hang-up-failed`, `gone`, `closed`, `relay-closed`, `relay-died`. `replaced` is known before it is over.
   */
  end: string | null;
  /** Why the platform refused it. */
  code: string | null;
  attempt: number | null;
  /** Most listeners at once while it lasted, to the minute. */
  peakListeners: number | null;
}

/** One kept line of the relay's log. */
export interface EventRecord {
  atMs: number;
  level: string;
  event: string;
  room: string | null;
  epoch: number | null;
  leg: string | null;
  fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** Who listened in a room in the minute up to `atMs`. */
export interface AudienceSample {
  atMs: number;
  room: string;
  listeners: number;
  /** Most at once within that minute. */
  peak: number;
  /** 95th percentile of the listeners' round trips; null where none was measured. */
  rttP95Ms: number | null;
}

/** What is kept, by its name. */
export interface HistoryTables {
  calls: CallRecord;
  events: EventRecord;
  audience: AudienceSample;
}

/** Name of one of {@link HistoryTables}. */
export type HistoryTable = keyof HistoryTables;

/** Most rows of one answer. */
export const MAX_ROWS = 1000;

/** Which rows are wanted: those in [`fromMs`, `toMs`), of calls those that lasted into it; newest first. */
export interface HistoryQuery {
  /** Null: of every room, and of none. */
  room: string | null;
  fromMs: number;
  toMs: number;
  /** At most this many; 1 to {@link MAX_ROWS}. */
  limit: number;
  /** So many of the newest are left out; default 0. New rows do not move the older ones while `toMs` stays. */
  offset?: number;
}

/** Rows, and whether there are older ones; or why there is no answer. */
export type HistoryAnswer<Row> =
  | { kind: 'rows'; rows: readonly Row[]; more: boolean }
  | { kind: 'unavailable'; code: HistoryFault };

/** Pages of CSV, the first with its header; or why there are none. Reading on throws where the file fails meanwhile. */
export type HistoryCsv =
  | { kind: 'csv'; pages: AsyncIterable<Uint8Array> }
  | { kind: 'unavailable'; code: HistoryFault };
