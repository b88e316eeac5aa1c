import * as v from 'valibot';
import type { Sqlite } from './sqlite.ts';

/** `CONF`: marks a file as the relay's history. */
export const APPLICATION_ID = 0x434f_4e46;

/** Migration n takes a file from version n to n + 1; one that is out in the world is never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE calls (
     room TEXT NOT NULL,
     epoch INTEGER NOT NULL,
     dialled_ms INTEGER,
     placed_ms INTEGER,
     opened_ms INTEGER,
     closed_ms INTEGER,
     hung_up_ms INTEGER,
     leg TEXT,
     end TEXT,
     code TEXT,
     attempt INTEGER,
     peak_listeners INTEGER,
     PRIMARY KEY (room, epoch)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX calls_epoch ON calls (epoch);
   CREATE INDEX calls_closed ON calls (room, closed_ms);
   CREATE INDEX calls_leg ON calls (leg) WHERE leg IS NOT NULL;
   CREATE TABLE events (
     id INTEGER PRIMARY KEY,
     at_ms INTEGER NOT NULL,
     level TEXT NOT NULL,
     event TEXT NOT NULL,
     room TEXT,
     epoch INTEGER,
     leg TEXT,
     fields TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_at ON events (at_ms);
   CREATE INDEX events_room ON events (room, at_ms);
   CREATE TABLE audience (
     room TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     listeners INTEGER NOT NULL,
     peak INTEGER NOT NULL,
     rtt_p95_ms REAL,
     PRIMARY KEY (room, at_ms)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX audience_at ON audience (at_ms);`,
];
const TABLES = ['audience', 'calls', 'events'];

const Numbers = v.looseTuple([v.record(v.string(), v.number())]);
const Names = v.array(v.object({ name: v.string() }));

/** What is found in a file that SQLite can read. `foreign`: of another program, or with a table missing. */
export type SchemaVerdict = 'ours' | 'newer-file' | 'foreign';

/** Makes the tables, or brings those of an older relay up to date. Throws what {@link Sqlite} throws. */
export function migrate(sqlite: Sqlite): SchemaVerdict {
  const version = pragma(sqlite, 'user_version');
  const applicationId = pragma(sqlite, 'application_id');
  const isNew = version === 0 && applicationId === 0 && tableNames(sqlite).length === 0;
  if (!isNew && applicationId !== APPLICATION_ID) return 'foreign';
  if (version > MIGRATIONS.length) return 'newer-file';
  if (version < MIGRATIONS.length)
    sqlite.atOnce(() => {
      for (const migration of MIGRATIONS.slice(version)) sqlite.exec(migration);
      sqlite.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
    });
  const names = tableNames(sqlite);
  return TABLES.every((name) => names.includes(name)) ? 'ours' : 'foreign';
}

function pragma(sqlite: Sqlite, name: string): number {
  const [row] = v.parse(Numbers, sqlite.all(`PRAGMA ${name}`));
  return row[name] ?? 0;
}

function tableNames(sqlite: Sqlite): string[] {
  return v
    .parse(Names, sqlite.all(`SELECT name FROM sqlite_schema WHERE type = 'table'`))
    .map(({ name }) => name);
}
