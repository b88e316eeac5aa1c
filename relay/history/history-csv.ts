import type { CallRecord, EventRecord, AudienceSample, HistoryTable, HistoryTables } from './records.ts';

type Cell = string | number | null;
type Columns<Row> = readonly (readonly [header: string, cell: (row: Row) => Cell])[];

const CALLS: Columns<CallRecord> = [
  ['room', (call) => call.room],
  ['epoch', (call) => call.epoch],
  ['dialled', (call) => iso(call.dialledMs)],
  ['placed', (call) => iso(call.placedMs)],
  ['opened', (call) => iso(call.openedMs)],
  ['closed', (call) => iso(call.closedMs)],
  ['hung_up', (call) => iso(call.hungUpMs)],
  ['leg', (call) => call.leg],
  ['end', (call) => call.end],
  ['code', (call) => call.code],
  ['attempt', (call) => call.attempt],
  ['peak_listeners', (call) => call.peakListeners],
];

const EVENTS: Columns<EventRecord> = [
  ['time', (event) => iso(event.atMs)],
  ['level', (event) => event.level],
  ['event', (event) => event.event],
  ['room', (event) => event.room],
  ['epoch', (event) => event.epoch],
  ['leg', (event) => event.leg],
  ['fields', (event) => JSON.stringify(event.fields)],
];

const AUDIENCE: Columns<AudienceSample> = [
  ['time', (sample) => iso(sample.atMs)],
  ['room', (sample) => sample.room],
  ['listeners', (sample) => sample.listeners],
  ['peak', (sample) => sample.peak],
  ['rtt_p95_ms', (sample) => sample.rttP95Ms],
];

const TABLES: { [Table in HistoryTable]: Columns<HistoryTables[Table]> } = {
  calls: CALLS,
  events: EVENTS,
  audience: AUDIENCE,
};

/**
 * CSV after RFC 4180: lines end in CRLF, times are ISO 8601 in UTC. A text that a spreadsheet would take for a formula
 * has a `'` before it.
 */
export function csvOf<Table extends HistoryTable>(
  table: Table,
  rows: readonly HistoryTables[Table][],
  { header }: { header: boolean },
): string {
  const columns = TABLES[table];
  const lines = rows.map((row) => columns.map(([, cell]) => written(cell(row))).join(','));
  if (header) lines.unshift(columns.map(([name]) => name).join(','));
  return lines.map((line) => `${line}\r\n`).join('');
}

function iso(unixMs: number | null): string | null {
  if (unixMs === null) return null;
  // A clock may have been anywhere.
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function written(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
