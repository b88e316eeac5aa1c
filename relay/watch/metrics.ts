import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Problem, ProblemCode } from '../errors.ts';
import type { Happening } from '../log.ts';
import type { RelayStatus } from '../relay-status.ts';
import { Collected, type RelayCounts } from './collected.ts';
import { EventCounters } from './event-counters.ts';
import type { FileCount } from './open-files.ts';
import type { MetricEntry } from './metrics-table.ts';
import { ProcessMetrics } from './process-metrics.ts';

/** What the metrics are made of. */
export interface MetricsParts {
  version: string;
  /** Whether each room has its own series. */
  perRoom: boolean;
  status: () => RelayStatus;
  counts: () => RelayCounts;
  files: () => FileCount | undefined;
}

/** What became of somebody who wanted to listen. */
export type JoinOutcome = { kind: 'admitted' } | { kind: 'not-now' | 'refused'; refusal: Problem };

/** Why listeners are turned away; anything else becomes `other`. */
const REASONS: readonly ProblemCode[] = [
  'bad-room-id',
  'room-not-found',
  'ticket-refused',
  'ticket-expired',
  'ticket-revoked',
  'origin-refused',
  'too-many-failures',
  'keys-unavailable',
  'room-full',
  'address-full',
  'too-many-joins',
  'relay-full',
  'shutting-down',
];

/** What a delivery may take: 5,000 listeners at once take some 35 ms. */
const DELIVERY_SEC = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
/** From the next room to a listener who is about to be cut. */
const RTT_SEC = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8];

/**
 * What Prometheus is told. Each relay has a registry of its own. Labels say what is on a closed list only; rooms stand
 * apart only where `perRoom` says so.
 */
export class Metrics {
  readonly #parts: MetricsParts;
  readonly #registry = new Registry();
  readonly #events: EventCounters;
  readonly #collected: Collected;
  readonly #process: ProcessMetrics;
  readonly #joins: Counter;
  readonly #rejected: Counter<'reason'>;
  readonly #delivery: Histogram;
  readonly #rtt: Histogram;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    const registers = [this.#registry];
    this.#joins = new Counter({ name: 'conf_joins_total', help: 'Listeners let in.', registers });
    this.#rejected = new Counter({
      name: 'conf_joins_rejected_total',
      help: 'Listeners turned away, each one counted, by the code they are told.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of [...REASONS, 'other']) this.#rejected.inc({ reason }, 0);
    this.#delivery = new Histogram({
      name: 'conf_delivery_seconds',
      help: 'From the last frame of a chunk to its last socket write, for each group of listeners: up to 500, and more in rooms beyond 5,000.',
      buckets: DELIVERY_SEC,
      registers,
    });
    this.#rtt = new Histogram({
      name: 'conf_listener_rtt_seconds',
      help: 'Ping round trips of WebSocket listeners, one each 5 s; one that waits behind queued sound takes longer.',
      buckets: RTT_SEC,
      registers,
    });
    this.#events = new EventCounters(this.#registry);
    this.#collected = new Collected(this.#registry, parts.perRoom);
    this.#process = new ProcessMetrics(this.#registry, parts.files);
    new Gauge({
      name: 'conf_build_info',
      help: '1, with the versions of the relay and of Node.',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version: parts.version, node: process.versions.node }, 1);
  }

  /** Of what {@link text} gives. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics of this moment, as Prometheus reads them. */
  text(): Promise<string> {
    this.#collected.collect(this.#parts.status(), this.#parts.counts());
    this.#process.collect();
    return this.#registry.metrics();
  }

  /** Counts a line of the log. */
  note(happening: Happening): void {
    this.#events.note(happening);
  }

  /** Counts what becomes of somebody who wants to listen, and passes it on. */
  async ofJoin<Outcome extends JoinOutcome>(outcome: Promise<Outcome>): Promise<Outcome> {
    const welcome = await outcome;
    if (welcome.kind === 'admitted') this.#joins.inc();
    else {
      const known = REASONS.includes(welcome.refusal.code);
      this.#rejected.inc({ reason: known ? welcome.refusal.code : 'other' });
    }
    return welcome;
  }

  /** A chunk has been handed to a group of listeners, so long after its last frame came in, ms. */
  delivered(tookMs: number): void {
    this.#delivery.observe(tookMs / 1000);
  }

  /** A WebSocket listener answered a ping in so many ms. */
  answered(tookMs: number): void {
    this.#rtt.observe(tookMs / 1000);
  }

  /** What there is, in order of their names: for tables and tests. */
  catalogue(): MetricEntry[] {
    return this.#registry
      .getMetricsAsArray()
      .map((metric) => ({
        name: metric.name,
        type: String(metric.type),
        // The types of prom-client leave them out.
        labels:
          'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [],
        help: metric.help,
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}
