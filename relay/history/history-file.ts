import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { HistoryFault } from './history-fault.ts';
import { HISTORY_FILE } from './records.ts';
import { migrate } from './schema.ts';
import { openSqlite, ResultCode, resultCode, type Sqlite } from './sqlite.ts';

/** Another relay that is just closing may hold the file so long. */
const BUSY_TIMEOUT_MS = 500;

/** Why the file could not be opened, read or written. */
export class HistoryFileError extends Error {
  readonly code: HistoryFault;

  constructor(code: HistoryFault, message: string) {
    super(message);
    this.name = 'HistoryFileError';
    this.code = code;
  }
}

/**
 * Opens the history in `dir`, which is made where it is missing, for this thread alone: another relay is told `locked`.
 * Throws {@link HistoryFileError}; then the thread must end before the file is opened again.
 */
export function openHistoryFile(dir: string): Sqlite {
  const file = join(dir, HISTORY_FILE);
  try {
    mkdirSync(dir, { recursive: true });
    const found = statSync(file, { throwIfNoEntry: false });
    if (found && !found.isFile()) throw new HistoryFileError('corrupt', 'not a file');
    const wasKilled = (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    const sqlite = openSqlite(file);
    sqlite.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // Exclusive: one writer, and no shared memory whose file another program might cut.
    sqlite.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; ' +
        'PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304',
    );
    // A log that was left behind may be of another file, and then spoils only the indices.
    const [first] = sqlite.all(wasKilled ? 'PRAGMA integrity_check(1)' : 'PRAGMA quick_check(1)');
    const verdict = v.parse(v.record(v.string(), v.unknown()), first);
    if (!Object.values(verdict).includes('ok'))
      throw new HistoryFileError('corrupt', `SQLite finds: ${Object.values(verdict).join()}`);
    const schema = migrate(sqlite);
    if (schema === 'newer-file') throw new HistoryFileError('newer-file', 'written by a newer relay');
    if (schema === 'foreign') throw new HistoryFileError('corrupt', 'not a history of this relay');
    // Takes the lock for writing, and finds out whether there is anything to write to.
    sqlite.atOnce(() => sqlite.run('DELETE FROM events WHERE id = -1'));
    return sqlite;
  } catch (error) {
    throw fileError(error, dir);
  }
}

/** Bytes of the history in `dir`, with its write-ahead log. */
export function historyBytes(dir: string): number {
  const size = (part: string): number =>
    statSync(join(dir, HISTORY_FILE + part), { throwIfNoEntry: false })?.size ?? 0;
  return size('') + size('-wal');
}

/** What was thrown, with its code. */
export function fileError(error: unknown, dir: string): HistoryFileError {
  if (error instanceof HistoryFileError) return error;
  const message = error instanceof Error ? error.message : typeof error;
  return new HistoryFileError(faultOf(error, dir), message);
}

function faultOf(error: unknown, dir: string): HistoryFault {
  switch (resultCode(error)) {
    case ResultCode.full:
      return 'disk-full';
    case ResultCode.readOnly:
      return 'read-only';
    case ResultCode.busy:
    case ResultCode.locked:
      return 'locked';
    case ResultCode.corrupt:
    case ResultCode.notADatabase:
      return 'corrupt';
    case ResultCode.cannotOpen:
      return isWritable(dir) ? 'io' : 'read-only';
    case ResultCode.ioError:
      return isWritable(dir) ? 'io' : 'read-only';
    case undefined:
      return systemFault(error);
    default:
      return 'internal';
  }
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the file system says without SQLite. */
function systemFault(error: unknown): HistoryFault {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'disk-full';
    case undefined:
      return 'internal';
    default:
      return 'io';
  }
}
