import type { Clock } from '../clock.ts';
import { HISTORY_WORKER } from '../installation.ts';
import type { Happening, Log } from '../log.ts';
import { callChange } from './call-change.ts';
import { EventFlood } from './event-flood.ts';
import { isKept } from './event-row.ts';
import { HistoryWriter } from './history-writer.ts';
import type { ReadReport } from './opening.ts';
import {
  MAX_ROWS,
  type AudienceSample,
  type CallRecord,
  type EventRecord,
  type HistoryAnswer,
  type HistoryCsv,
  type HistoryQuery,
  type HistoryTable,
  type HistoryTables,
} from './records.ts';

/** What the history needs. */
export interface HistoryParts {
  /** Directory of the file; made where it is missing. */
  dir: string;
  /** What is older is forgotten. */
  days: number;
  clock: Clock;
  /** May be the one whose lines are noted. */
  log: Log;
  /** File that the thread runs; default: that of this installation. */
  worker?: string;
}

/**
 * Calls, events and audiences in `<dir>/history.db`, written by a thread of its own: a slow, full or broken disk delays
 * no sound and throws nothing.
 */
export class History {
  readonly #writer: HistoryWriter;
  readonly #flood = new EventFlood();
  readonly #clock: Clock;
  readonly #log: Log;
  #flooded = 0;

  /** Opens the file in the background, and makes it where it is missing. Never throws. */
  constructor({ worker = HISTORY_WORKER, ...parts }: HistoryParts) {
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#writer = new HistoryWriter({ ...parts, worker });
  }

  /** `failing`: nothing is written at the moment, and it is tried again. */
  get state(): 'on' | 'failing' {
    return this.#writer.fault ? 'failing' : 'on';
  }

  /** Lines and samples that will never be written, since the start. */
  get dropped(): number {
    return this.#writer.dropped + this.#flooded;
  }

  /** Bytes of the file and its log, as last known; 0 before. */
  get fileBytes(): number {
    return this.#writer.fileBytes;
  }

  /** Keeps a line of the log, if it is of a kind that is kept, and what it says of a call. */
  note(happening: Happening): void {
    const { event } = happening;
    const isOfCall = callChange(happening) !== null;
    if (!isOfCall && !isKept(event)) return;
    // Calls are made by us, not by whoever knocks; webhooks come from outside.
    const isOurs = isOfCall && event !== 'vonage.event';
    if (isOurs || this.#flood.admits(event, this.#clock.nowMs()))
      return this.#writer.add({ kind: 'happening', happening });
    if (this.#flooded++ === 0) this.#log.warn('history.dropped', { code: 'flood', of: event });
  }

  /** Keeps who listens; meant for once a minute and room. */
  sample(samples: readonly AudienceSample[]): void {
    for (const sample of samples) this.#writer.add({ kind: 'sample', sample });
  }

  /** Calls that lasted into the time asked for. */
  calls(query: HistoryQuery): Promise<HistoryAnswer<CallRecord>> {
    return this.#rows('calls', query);
  }

  /** Lines of the log. */
  events(query: HistoryQuery): Promise<HistoryAnswer<EventRecord>> {
    return this.#rows('events', query);
  }

  /** Samples of who listened. */
  audience(query: HistoryQuery): Promise<HistoryAnswer<AudienceSample>> {
    return this.#rows('audience', query);
  }

  /** All that `query` asks for, whatever its `limit`. The text is made by the thread, 1,000 rows at a time. */
  async csv(table: HistoryTable, query: HistoryQuery): Promise<HistoryCsv> {
    const page = (offset: number): Promise<ReadReport> =>
      this.#read('csv', table, { ...query, limit: MAX_ROWS, offset });
    const first = await page(0);
    if (first.kind === 'not-read') return { kind: 'unavailable', code: first.code };
    return { kind: 'csv', pages: pagesFrom(first, page) };
  }

  /** Writes what waits and closes the file; 2 s at most. Once is enough. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  #rows<Table extends HistoryTable>(
    table: Table,
    query: HistoryQuery,
  ): Promise<HistoryAnswer<HistoryTables[Table]>>;
  async #rows(table: HistoryTable, query: HistoryQuery): Promise<HistoryAnswer<unknown>> {
    const report = await this.#read('rows', table, query);
    switch (report.kind) {
      case 'rows':
        return { kind: 'rows', rows: report.rows, more: report.more };
      case 'not-read':
        return { kind: 'unavailable', code: report.code };
      case 'csv':
        throw new Error('rows were asked for');
      default:
        return report satisfies never;
    }
  }

  async #read(as: 'rows' | 'csv', table: HistoryTable, query: HistoryQuery): Promise<ReadReport> {
    const { source } = this.#writer;
    if (typeof source === 'string') return { kind: 'not-read', code: source };
    const limit = Math.min(Math.max(1, Math.floor(query.limit)), MAX_ROWS);
    return source.read(as, table, { ...query, limit });
  }
}

async function* pagesFrom(
  first: ReadReport,
  page: (offset: number) => Promise<ReadReport>,
): AsyncGenerator<Uint8Array> {
  let report = first;
  for (let offset = MAX_ROWS; ; offset += MAX_ROWS) {
    if (report.kind !== 'csv') throw new Error(`the history cannot be read on: ${report.kind}`);
    yield report.csv;
    if (!report.more) return;
    report = await page(offset);
  }
}
