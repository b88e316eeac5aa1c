import type { HistoryEntry } from './history-store.ts';
import type { HistoryFault } from './history-fault.ts';
import type { HistoryQuery, HistoryTable } from './records.ts';

/** What the history's thread is started with; it opens the file once. */
export interface WorkerStart {
  dir: string;
  /** Unix milliseconds: stamps a file that is set aside. */
  atMs: number;
  /** The file that lies there is of no use: it is renamed first. */
  setAside: boolean;
  /** Nothing of this relay's own life can be in the file yet: calls that lie open in it were left by a dead one. */
  endLeftCalls: boolean;
}

/** What the thread is told. It does one after the other. */
export type WorkerOrder =
  | { kind: 'write'; entries: readonly HistoryEntry[] }
  /** Rows older than `keepFromMs`, Unix milliseconds, are deleted. */
  | { kind: 'tidy'; keepFromMs: number }
  /** `csv` begins with the header where nothing is left out. */
  | { kind: 'read'; id: number; as: 'rows' | 'csv'; table: HistoryTable; query: HistoryQuery }
  /** The thread ends, and the file is closed. */
  | { kind: 'close' };

/** What the thread answers. */
export type WorkerReport =
  | { kind: 'opened'; setAside: string | null; leftCalls: number; fileBytes: number }
  /** The write or the tidying is done. */
  | { kind: 'changed'; fileBytes: number }
  | { kind: 'rows'; id: number; rows: readonly unknown[]; more: boolean }
  | { kind: 'csv'; id: number; csv: Uint8Array; more: boolean }
  | { kind: 'not-read'; id: number; code: HistoryFault }
  /** The opening, the last write or tidying came to nothing. `over`: the thread ends. */
  | { kind: 'failed'; code: HistoryFault; message: string; over: boolean };
