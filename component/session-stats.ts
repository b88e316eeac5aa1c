import type { ConnectionCounters } from './connection.ts';
import type { PlayoutCounters } from './playout/playout.ts';

/** Figures of a session, for people who look after sound. Counts only grow; all but `startupMs` start anew on Listen. */
export interface SessionStats extends PlayoutCounters, ConnectionCounters {
  /** From Listen to the first sound, ms; undefined until then. */
  startupMs: number | undefined;
  /** Sound queued and not yet played, ms. */
  bufferedMs: number;
  /** Speech held back on purpose, ms. */
  targetMs: number;
}
