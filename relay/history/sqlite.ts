import Libsql from 'libsql';

/** What a column may hold here. */
export type SqlValue = string | number | null;

/** The part of an SQLite connection that the history uses. Every method throws what {@link resultCode} reads. */
export interface Sqlite {
  /** Runs statements that take no values. */
  exec(sql: string): void;
  /** Rows changed by one statement. */
  run(sql: string, values?: readonly SqlValue[]): number;
  /** Rows of one statement, as they came. */
  all(sql: string, values?: readonly SqlValue[]): unknown[];
  /** Runs `work` in a transaction that is undone when it throws. */
  atOnce(work: () => void): void;
}

/** SQLite's result codes that are told apart here: https://sqlite.org/rescode.html */
export const ResultCode = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/**
 * Opens `file`. It stays open, and locked, until its thread ends: libsql lets go of a file only when every statement
 * made for it has been collected.
 */
export function openSqlite(file: string): Sqlite {
  const database = new Libsql(file);
  const statements = new Map<string, Libsql.Statement>();
  const prepared = (sql: string): Libsql.Statement => {
    const known = statements.get(sql);
    if (known) return known;
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  const sqlite: Sqlite = {
    exec: (sql) => void database.exec(sql),
    // One array, for a single null would be taken for named values.
    run: (sql, values = []) => prepared(sql).run(values).changes,
    all: (sql, values = []) => prepared(sql).all(values),
    atOnce: (work) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        work();
        database.exec('COMMIT');
      } catch (error) {
        if (database.inTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
  return sqlite;
}

/** The primary result code of what an {@link Sqlite} threw; undefined when SQLite did not throw it. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff;
  // A file that cannot be opened is told in a text only.
  const [, code] = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(error.message) ?? [];
  return code === undefined ? undefined : Number(code) & 0xff;
}
