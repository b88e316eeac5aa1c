/** Why nothing can be written or read. */
export type HistoryFault =
  | 'disk-full'
  | 'read-only'
  | 'io'
  /** Another relay holds the file. */
  | 'locked'
  | 'corrupt'
  /** A newer relay has written the file. */
  | 'newer-file'
  /** The disk does not answer in time. */
  | 'slow'
  /** SQLite does not run here, or the relay made a mistake. */
  | 'internal'
  | 'closed';

/** What an operator does about each. */
export const FIXES: Readonly<Record<HistoryFault, string>> = {
  'disk-full': 'free some space',
  'read-only': 'let the relay write to dataDir',
  io: 'look at the disk, and at what lies in the place of dataDir',
  locked: 'give each relay a dataDir of its own',
  corrupt: 'look at the disk; move the file away if this goes on',
  'newer-file': 'run the newer relay again, or move the file away',
  slow: 'look at the disk that dataDir lies on',
  internal: 'report this; "history": false silences it',
  closed: 'start the relay',
};
