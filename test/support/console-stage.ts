import { FailureLimit } from '../../relay/access/failure-limit.ts';
import { systemClock } from '../../relay/clock.ts';
import { openAdmin, type AdminParts } from '../../relay/http/admin.ts';
import type { AudienceSample, CallRecord, HistoryAnswer, HistoryQuery } from '../../relay/history/records.ts';
import { Assets } from '../../relay/http/assets.ts';
import type { HttpServer } from '../../relay/http/server.ts';
import type { ActionVerdict } from '../../relay/http/operator-action.ts';
import { PAGES_DIR } from '../../relay/installation.ts';
import type { Happening } from '../../relay/log.ts';
import type { OperatedRoom, RelayStatus } from '../../relay/relay-status.ts';
import { KeptLog } from './quiet-log.ts';
import { relayStatus } from './relay-status.ts';

export const CONSOLE_KEY = 'a key of more than 32 characters, ünd one';
const MINUTE_MS = 60_000;

/** An admin listener whose relay is as a test says, at every moment anew. */
export class ConsoleStage {
  readonly log = new KeptLog();
  /** What the operator did: the room, a space, and what. */
  readonly deeds: string[] = [];
  /** How often the status was asked for. */
  looks = 0;
  rooms: readonly OperatedRoom[];
  status: Partial<RelayStatus> = {};
  verdict: ActionVerdict = 'done';
  events: readonly Happening[] = [];
  samples: readonly AudienceSample[] = [];
  calls: readonly CallRecord[] = [];
  csv = 'room,dialled,ended\r\n';
  queries: HistoryQuery[] = [];
  readonly #given: Partial<AdminParts>;
  #admin: HttpServer | undefined;
  #port = 0;

  private constructor(rooms: readonly OperatedRoom[], given: Partial<AdminParts>) {
    this.rooms = rooms;
    this.#given = given;
  }

  static open(...rooms: OperatedRoom[]): Promise<ConsoleStage> {
    return ConsoleStage.openWith(rooms, {});
  }

  /** `given`: parts in place of ours. */
  static async openWith(rooms: readonly OperatedRoom[], given: Partial<AdminParts>): Promise<ConsoleStage> {
    const stage = new ConsoleStage(rooms, given);
    await stage.back();
    return stage;
  }

  /** The console's address. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/admin`;
  }

  /** The relay goes away, and its port is free. */
  async away(): Promise<void> {
    await this.#admin?.close();
    this.#admin = undefined;
  }

  /** The relay is there again, at the same address. */
  async back(): Promise<void> {
    this.#admin = await openAdmin({ host: '127.0.0.1', port: this.#port, key: CONSOLE_KEY }, this.#parts());
    this.#port = Number(new URL(this.#admin.url).port);
  }

  #parts(): AdminParts {
    return {
      pageFiles: Assets.in(PAGES_DIR),
      rooms: () => this.rooms,
      status: () => {
        this.looks++;
        return relayStatus({ ...this.status, rooms: this.rooms });
      },
      health: () => undefined,
      metrics: async () => ({ type: 'text/plain; version=0.0.4', text: 'conf_ready 1\n' }),
      timeline: () => this.events,
      history: {
        calls: async (query) => this.#rows(query, this.calls),
        events: async (query) => this.#rows(query, []),
        audience: async (query) =>
          this.#rows(
            query,
            this.samples.filter(({ atMs }) => atMs >= query.fromMs && atMs < query.toMs),
          ),
        csv: async (_, query) => {
          this.queries.push(query);
          return { kind: 'csv', pages: pagesOf(this.csv) };
        },
      },
      act: async (room, action) => {
        this.deeds.push(`${room} ${action.kind}${action.kind === 'announce' ? ` "${action.text}"` : ''}`);
        return this.verdict;
      },
      revoke: async (room) => void this.deeds.push(`${room} revoke`),
      adminRooms: async (authorization) =>
        authorization === 'Bearer for-board' ? (room) => room === 'board' : undefined,
      failures: new FailureLimit(20, systemClock),
      clock: systemClock,
      log: this.log,
      ...this.#given,
    };
  }

  #rows<Row>(query: HistoryQuery, all: readonly Row[]): HistoryAnswer<Row> {
    this.queries.push(query);
    return { kind: 'rows', rows: all.slice(-query.limit), more: all.length > query.limit };
  }
}

async function* pagesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A sample a minute over the last `hours`, with a pause in which the relay was away. */
export function audienceOver(hours: number, nowMs: number): AudienceSample[] {
  const minutes = Array.from({ length: hours * 60 }, (_, at) => at);
  return minutes
    .filter((at) => at % 400 < 380)
    .map((at) => {
      const listeners = Math.round(250 + 180 * Math.sin(at / 70) + 20 * Math.sin(at / 3));
      return {
        atMs: nowMs - (hours * 60 - at) * MINUTE_MS,
        room: 'allhands',
        listeners,
        peak: listeners + 4,
        rttP95Ms: at % 97 < 3 ? null : Math.round(80 + 30 * Math.sin(at / 11)),
      };
    });
}
