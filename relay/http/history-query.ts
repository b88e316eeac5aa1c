import type { RoomId } from '../../wire/room-id.ts';
import { ProblemError } from '../errors.ts';
import type { HistoryQuery, HistoryTable } from '../history/records.ts';

const KINDS: readonly HistoryTable[] = ['calls', 'audience', 'events'];
const DAY_MS = 86_400_000;
const DEFAULT_LIMIT = 500;
const MOST_RECORDS = 1000;
/** 8640000000000000 ms is the last moment that has a date (ECMAScript, "time value"). */
const LAST_MS = 8.64e15;

/** What of a room's history is wanted, and how. */
export interface HistoryRequest {
  kind: HistoryTable;
  format: 'json' | 'csv';
  query: HistoryQuery;
}

/**
 * The query of `/v1/rooms/{room}/history`. Without `from` and `to`: the last 24 h. Throws the problem, which names the
 * parameter, where one is not understood.
 */
export function historyRequestOf(query: URLSearchParams, room: RoomId, nowMs: number): HistoryRequest {
  const toMs = momentOf('to', query.get('to')) ?? nowMs;
  const fromMs = momentOf('from', query.get('from')) ?? toMs - DAY_MS;
  if (fromMs > toMs) throw refusal('from', 'it must not be later than "to"');
  return {
    kind: oneOf('kind', KINDS, query.get('kind') ?? 'calls'),
    query: { room, fromMs, toMs, limit: limitOf(query.get('limit')) },
    format: oneOf('format', ['json', 'csv'], query.get('format') ?? 'json'),
  };
}

function momentOf(name: string, text: string | null): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,16}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\d/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (ms <= LAST_MS) return ms;
  throw refusal(name, 'use Unix milliseconds or ISO 8601, as in 2026-11-21T14:00:00Z');
}

function limitOf(text: string | null): number {
  if (text === null) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_RECORDS) return limit;
  throw refusal('limit', `use a whole number from 1 to ${MOST_RECORDS}`);
}

function oneOf<Name extends string>(parameter: string, names: readonly Name[], text: string): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw refusal(parameter, `use one of ${names.join(', ')}`);
}

function refusal(parameter: string, advice: string): ProblemError {
  return new ProblemError('bad-request', `The parameter "${parameter}" is not understood: ${advice}.`);
}
