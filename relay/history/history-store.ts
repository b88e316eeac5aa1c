import * as v from 'valibot';
import type { Happening } from '../log.ts';
import { callChange, type CallChange } from './call-change.ts';
import { eventRow, isKept } from './event-row.ts';
import type { AudienceSample, HistoryQuery, HistoryTable, HistoryTables } from './records.ts';
import type { Sqlite, SqlValue } from './sqlite.ts';

/** What is written. */
export type HistoryEntry =
  | { kind: 'happening'; happening: Happening }
  | { kind: 'sample'; sample: AudienceSample };

/** Most rows of each table: what is older goes, whatever its age. */
export interface StoreLimits {
  calls: number;
  events: number;
  audience: number;
}

/** Some 600 MB at the very most, 100 MB of the usual rows. */
export const STORE_LIMITS: StoreLimits = { calls: 200_000, events: 500_000, audience: 2_000_000 };

/** A sample speaks of so long before it. */
const SAMPLE_MS = 60_000;
/** Rows deleted at once, so that the log beside the file stays small. */
const SLICE_ROWS = 10_000;

const Millis = v.nullable(v.number());
const Text = v.nullable(v.string());
const ROWS = {
  calls: v.object({
    room: v.string(),
    epoch: v.number(),
    dialledMs: Millis,
    placedMs: Millis,
    openedMs: Millis,
    closedMs: Millis,
    hungUpMs: Millis,
    leg: Text,
    end: Text,
    code: Text,
    attempt: v.nullable(v.number()),
    peakListeners: v.nullable(v.number()),
  }),
  events: v.object({
    atMs: v.number(),
    level: v.string(),
    event: v.string(),
    room: Text,
    epoch: v.nullable(v.number()),
    leg: Text,
    fields: v.pipe(
      v.string(),
      v.parseJson(),
      v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
    ),
  }),
  audience: v.object({
    atMs: v.number(),
    room: v.string(),
    listeners: v.number(),
    peak: v.number(),
    rttP95Ms: Millis,
  }),
} satisfies { [Table in HistoryTable]: v.GenericSchema<unknown, HistoryTables[Table]> };

const CALL_COLUMNS =
  'room, epoch, dialled_ms AS dialledMs, placed_ms AS placedMs, opened_ms AS openedMs, closed_ms AS closedMs, ' +
  'hung_up_ms AS hungUpMs, leg, end, code, attempt, peak_listeners AS peakListeners';
const EVENT_COLUMNS = 'at_ms AS atMs, level, event, room, epoch, leg, fields';
const SAMPLE_COLUMNS = 'at_ms AS atMs, room, listeners, peak, rtt_p95_ms AS rttP95Ms';

/** The columns of `CallFacts`, in the order of {@link factValues}. */
const FACTS = [
  'dialled_ms',
  'placed_ms',
  'opened_ms',
  'closed_ms',
  'hung_up_ms',
  'leg',
  'end',
  'code',
  'attempt',
];
/** Values 1 to 9 where nothing is known yet. Value 7 is the end: an end of ours says more than that there was one. */
const LEARN = FACTS.map((column, n) =>
  column === 'end'
    ? `end = iif(?7 = 'hung-up' AND calls.end IN ('ended', 'closed'), ?7, coalesce(calls.end, ?7))`
    : `${column} = coalesce(calls.${column}, ?${n + 1})`,
).join(', ');

/** The rows of the history. Every method throws what {@link Sqlite} throws, and has then changed nothing. */
export class HistoryStore {
  readonly #sqlite: Sqlite;
  readonly #limits: StoreLimits;

  constructor(sqlite: Sqlite, limits: StoreLimits = STORE_LIMITS) {
    this.#sqlite = sqlite;
    this.#limits = limits;
  }

  /** Writes all or nothing. */
  write(entries: readonly HistoryEntry[]): void {
    this.#sqlite.atOnce(() => {
      for (const entry of entries) {
        if (entry.kind === 'sample') this.#writeSample(entry.sample);
        else this.#writeHappening(entry.happening);
      }
    });
  }

  /** Calls that a relay left when it was killed end at the last moment it is known to have lived. How many there were. */
  endLeftCalls(): number {
    return this.#sqlite.run(
      `UPDATE calls SET end = coalesce(end, 'relay-died'), closed_ms = max(
         coalesce(opened_ms, placed_ms, dialled_ms, 0),
         coalesce((SELECT max(at_ms) FROM events), 0),
         coalesce((SELECT max(at_ms) FROM audience), 0))
       WHERE closed_ms IS NULL`,
    );
  }

  /** Rows of `table` that `query` asks for, and whether there are older ones. */
  read<Table extends HistoryTable>(
    table: Table,
    query: HistoryQuery,
  ): { rows: HistoryTables[Table][]; more: boolean };
  read(table: HistoryTable, query: HistoryQuery): { rows: unknown[]; more: boolean } {
    const { room, fromMs, toMs, limit, offset = 0 } = query;
    const values: SqlValue[] = [fromMs, toMs, limit + 1, offset, ...(room === null ? [] : [room])];
    const rows = this.#sqlite.all(selection(table, room === null ? '' : 'room = ?5 AND'), values);
    return { rows: v.parse(v.array(ROWS[table]), rows.slice(0, limit)), more: rows.length > limit };
  }

  /** Deletes what is older than `beforeMs` or over the limits, and gives the space back. */
  tidy(beforeMs: number): void {
    const { calls, events, audience } = this.#limits;
    this.#deleteAll('calls', 'epoch', `closed_ms < ?1 AND epoch < ?1`, beforeMs);
    this.#deleteAll('events', 'at_ms', 'at_ms < ?1', beforeMs);
    this.#deleteAll('audience', 'at_ms', 'at_ms < ?1', beforeMs);
    this.#deleteOver('calls', 'epoch', calls);
    this.#deleteOver('events', 'at_ms', events);
    this.#deleteOver('audience', 'at_ms', audience);
    this.#sqlite.exec('PRAGMA incremental_vacuum');
  }

  #writeHappening(happening: Happening): void {
    if (isKept(happening.event)) {
      const { atMs, level, event, room, epoch, leg, fields } = eventRow(happening);
      this.#sqlite.run(
        'INSERT INTO events (at_ms, level, event, room, epoch, leg, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)',
        [atMs, level, event, room, epoch, leg, fields],
      );
    }
    const change = callChange(happening);
    if (change) this.#change(change);
  }

  #change(change: CallChange): void {
    const values = factValues(change);
    switch (change.kind) {
      case 'of-epoch':
        this.#sqlite.run(
          `INSERT INTO calls (${FACTS.join(', ')}, room, epoch)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
           ON CONFLICT (room, epoch) DO UPDATE SET ${LEARN}`,
          [...values, change.room, change.epoch],
        );
        return;
      case 'of-leg':
        this.#sqlite.run(`UPDATE calls SET ${LEARN} WHERE leg = ?10 AND room = coalesce(?11, room)`, [
          ...values,
          change.leg,
          change.room,
        ]);
        return;
      case 'of-all':
        this.#sqlite.run(`UPDATE calls SET ${LEARN} WHERE closed_ms IS NULL`, values);
        return;
      default:
        change satisfies never;
    }
  }

  #writeSample({ atMs, room, listeners, peak, rttP95Ms }: AudienceSample): void {
    const at = Math.round(atMs);
    this.#sqlite.run(
      'INSERT OR REPLACE INTO audience (room, at_ms, listeners, peak, rtt_p95_ms) VALUES (?1, ?2, ?3, ?4, ?5)',
      [room, at, listeners, peak, rttP95Ms],
    );
    this.#sqlite.run(
      `UPDATE calls SET peak_listeners = max(coalesce(peak_listeners, 0), ?1)
       WHERE room = ?2 AND (closed_ms IS NULL OR closed_ms > ?3)`,
      [peak, room, at - SAMPLE_MS],
    );
  }

  #deleteAll(table: HistoryTable, order: string, old: string, beforeMs: number): void {
    const key = table === 'events' ? 'id' : 'room, ' + order;
    const slice = `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${old} LIMIT ${SLICE_ROWS})`;
    while (this.#sqlite.run(slice, [beforeMs]) === SLICE_ROWS);
  }

  #deleteOver(table: HistoryTable, order: string, most: number): void {
    const newest = `SELECT ${order} AS least FROM ${table} ORDER BY ${order} DESC LIMIT 1 OFFSET ${most}`;
    const [row] = v.parse(v.array(v.object({ least: v.number() })), this.#sqlite.all(newest));
    if (row) this.#deleteAll(table, order, `${order} <= ?1`, row.least);
  }
}

/** Values 1 to 9 of the statements about calls. */
function factValues({ facts }: CallChange): SqlValue[] {
  const { dialledMs, placedMs, openedMs, closedMs, hungUpMs, leg, end, code, attempt } = facts;
  return [dialledMs, placedMs, openedMs, closedMs, hungUpMs, leg, end, code, attempt].map((value) =>
    typeof value === 'number' ? Math.round(value) : (value ?? null),
  );
}

/** Values: 1 from, 2 to, 3 limit, 4 offset, 5 the room. */
function selection(table: HistoryTable, ofRoom: string): string {
  const page = 'LIMIT ?3 OFFSET ?4';
  switch (table) {
    case 'calls':
      return `SELECT ${CALL_COLUMNS} FROM calls
        WHERE ${ofRoom} epoch < ?2 AND (closed_ms IS NULL OR closed_ms >= ?1) ORDER BY epoch DESC, room ${page}`;
    case 'events':
      return `SELECT ${EVENT_COLUMNS} FROM events
        WHERE ${ofRoom} at_ms >= ?1 AND at_ms < ?2 ORDER BY at_ms DESC, id DESC ${page}`;
    case 'audience':
      return `SELECT ${SAMPLE_COLUMNS} FROM audience
        WHERE ${ofRoom} at_ms >= ?1 AND at_ms < ?2 ORDER BY at_ms DESC, room ${page}`;
    default:
      return table satisfies never;
  }
}
