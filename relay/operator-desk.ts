import type { RoomId } from '../wire/room-id.ts';
import { repeat, type Cancel, type Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { RoomConfig } from './config/room-config.ts';
import type { Problem } from './errors.ts';
import { History } from './history/history.ts';
import { VERSION } from './installation.ts';
import { watched, type Happening, type Log } from './log.ts';
import type { AudienceStatus, OperatedRoom, RelayStatus, SlowCounts } from './relay-status.ts';
import { operatedRoom, type OperableRoom, type RoomAudience } from './room-directory.ts';
import { CallSpans } from './watch/call-spans.ts';
import { HostHealth } from './watch/host-health.ts';
import { IngestCount } from './watch/ingest-count.ts';
import { Liveness } from './watch/liveness.ts';
import { Metrics } from './watch/metrics.ts';
import { OpenFiles } from './watch/open-files.ts';
import { Readiness } from './watch/readiness.ts';
import { Timeline } from './watch/timeline.ts';

/** Who listens is kept this often. */
const SAMPLE_EVERY_MS = 60_000;

/** What is sent to whom, counted. */
export interface SentSound {
  readonly audience: AudienceStatus;
  readonly slow: SlowCounts;
  readonly sent: { chunks: number; bytes: number; leftOut: number };
  audienceOf(room: RoomId): RoomAudience;
}

/** The relay as its operator's desk sees it. What is a function is asked when it is needed, not before. */
export interface OperatorDeskParts {
  config: Config;
  clock: Clock;
  /** Where the log goes on to. */
  log: Log;
  /** As configured, in their order. */
  rooms: ReadonlyMap<RoomId, RoomConfig>;
  room: (id: RoomId) => OperableRoom | undefined;
  sound: () => SentSound;
  /** Why nobody can be admitted; undefined while somebody can. */
  admission: () => Problem | undefined;
  /** How the machine does. Default: this one, measured. */
  health?: HostHealth;
}

/**
 * What the operator sees of the relay and what is kept of it. It learns all that by reading the log's lines as they are
 * written ({@link log}), and by asking when it is asked.
 */
export class OperatorDesk {
  /** The relay's log: who writes to it tells the desk too. */
  readonly log: Log;
  readonly ingest = new IngestCount();
  readonly metrics: Metrics;
  readonly timeline: Timeline;
  readonly history: History | undefined;
  readonly readiness: Readiness;
  readonly liveness: Liveness;
  readonly #parts: OperatorDeskParts;
  #limits: Config['limits'];
  readonly #health: HostHealth;
  readonly #spans = new CallSpans(VERSION);
  /** The most listeners of each room since they were last kept. */
  readonly #peaks = new Map<RoomId, number>();
  readonly #startedAtMs: number;
  readonly #stopSampling: Cancel;

  constructor(parts: OperatorDeskParts) {
    const { config, clock } = parts;
    this.#parts = parts;
    this.#limits = config.limits;
    this.#startedAtMs = clock.wallMs();
    this.log = watched(
      parts.log,
      () => clock.wallMs(),
      (happening) => this.#note(happening),
    );
    const files = new OpenFiles(clock);
    this.readiness = new Readiness({ admission: parts.admission, files });
    this.liveness = new Liveness(clock);
    this.timeline = new Timeline(parts.rooms);
    this.history = config.history && new History({ ...config.history, clock, log: this.log });
    const bytesSent = (): number => parts.sound().sent.bytes;
    this.#health = parts.health ?? new HostHealth({ clock, bytesSent, price: config.egressPrice });
    this.metrics = new Metrics({
      version: VERSION,
      perRoom: config.metricsPerRoom,
      status: () => this.status(),
      counts: () => this.#counts(),
      files: () => files.count,
    });
    this.#stopSampling = repeat(clock, SAMPLE_EVERY_MS, () => this.#keepAudience());
  }

  /** All rooms, in the order of the configuration. */
  rooms(): OperatedRoom[] {
    const { rooms, room, sound, clock } = this.#parts;
    return [...rooms.values()].flatMap((config) => {
      const live = room(config.id);
      if (!live) return [];
      const problems = this.timeline.problemsOf(config.id);
      return [operatedRoom(config, live.describe(), sound().audienceOf(config.id), problems, clock.wallMs())];
    });
  }

  /** Everything that `/admin` shows. */
  status(): RelayStatus {
    const { config, clock, sound } = this.#parts;
    return {
      version: VERSION,
      startedAtMs: this.#startedAtMs,
      atMs: clock.wallMs(),
      publicUrl: config.publicUrl,
      hindrance: this.readiness.hindrance?.code ?? null,
      listeners: { ...sound().audience, limit: this.#limits.connections },
      host: this.#health.status(),
      history: this.history?.state ?? 'off',
      historyBytes: this.history?.fileBytes ?? null,
      problems: this.timeline.relayProblems,
      rooms: this.rooms(),
    };
  }

  /** Other settings have been taken over. */
  take({ limits }: Config): void {
    this.#limits = limits;
  }

  /** A room's listeners are so many now. */
  audience(room: RoomId, listeners: number): void {
    this.#peaks.set(room, Math.max(this.#peaks.get(room) ?? 0, listeners));
    this.#spans.audience(room, listeners, this.#parts.clock.wallMs());
  }

  /** Writes what is to be kept, and measures no more. */
  async close(): Promise<void> {
    this.#stopSampling();
    this.#keepAudience();
    this.liveness.close();
    this.#health.close();
    this.#spans.close(this.#parts.clock.wallMs());
    await this.history?.close();
  }

  #note(happening: Happening): void {
    this.metrics.note(happening);
    this.timeline.note(happening);
    this.history?.note(happening);
    this.#spans.note(happening);
  }

  #counts() {
    const { slow, sent } = this.#parts.sound();
    return { ingest: this.ingest, sent, slow, historyDropped: this.history?.dropped ?? 0 };
  }

  /** Of rooms where nobody was all the while nothing is kept. */
  #keepAudience(): void {
    const { rooms, sound, clock } = this.#parts;
    const atMs = clock.wallMs();
    const samples = [...this.#peaks].flatMap(([room, peak]) => {
      if (!rooms.has(room)) return [];
      const { listeners, rttMs } = sound().audienceOf(room);
      return [{ atMs, room, listeners: listeners.now, peak, rttP95Ms: rttMs?.p95 ?? null }];
    });
    this.history?.sample(samples);
    this.#peaks.clear();
    for (const { room, listeners } of samples) if (listeners > 0) this.#peaks.set(room, listeners);
  }
}
