import { Counter, Gauge, type Registry } from 'prom-client';
import { ROOM_STATES } from '../../wire/messages.ts';
import type { LegSound, OperatedRoom, RelayStatus, SlowCounts } from '../relay-status.ts';

/** Totals since the start, which the relay's parts count themselves. */
export interface RelayCounts {
  ingest: { frames: number; bytes: number };
  sent: { chunks: number; bytes: number; leftOut: number };
  slow: SlowCounts;
  /** Happenings that the history could not keep. */
  historyDropped: number;
}

const SOUNDS: readonly LegSound[] = ['none', 'silence', 'quiet', 'speech', 'steady'];

/** Metrics that are read when somebody asks for them. */
export class Collected {
  readonly #gauges: ReturnType<typeof gaugesOf>;
  readonly #totals: ReturnType<typeof totalsOf>;
  readonly #ofRooms: ReturnType<typeof roomGaugesOf> | undefined;

  constructor(registry: Registry, perRoom: boolean) {
    this.#gauges = gaugesOf(registry);
    this.#totals = totalsOf(registry);
    this.#ofRooms = perRoom ? roomGaugesOf(registry) : undefined;
  }

  /** Takes the figures of this moment. */
  collect(status: RelayStatus, counts: RelayCounts): void {
    this.#collectRelay(status);
    this.#collectRooms(status.rooms);
    this.#collectTotals(counts);
    this.#collectEach(status.rooms);
  }

  #collectRelay({ listeners, hindrance, host, history, historyBytes }: RelayStatus): void {
    const gauges = this.#gauges;
    for (const [transport, count] of Object.entries(listeners.byTransport))
      gauges.listeners.set({ transport }, count);
    gauges.peak.set(listeners.peak);
    gauges.limit.set(listeners.limit);
    gauges.ready.set(hindrance === null ? 1 : 0);
    gauges.loopDelay.set({ stat: 'p50' }, host.eventLoopMs.p50 / 1000);
    gauges.loopDelay.set({ stat: 'p99' }, host.eventLoopMs.p99 / 1000);
    gauges.loopDelay.set({ stat: 'max' }, host.eventLoopMs.max / 1000);
    setOrLeaveOut(gauges.historyUp, history === 'off' ? null : Number(history === 'on'));
    setOrLeaveOut(gauges.historyBytes, historyBytes);
    const { egressCostPerHour: cost } = host;
    if (cost) gauges.cost.set({ currency: cost.currency }, cost.amount);
  }

  #collectRooms(rooms: readonly OperatedRoom[]): void {
    const gauges = this.#gauges;
    for (const state of ROOM_STATES)
      gauges.rooms.set({ state }, rooms.filter((room) => room.state === state).length);
    const legs = rooms.flatMap(({ leg }) => (leg ? [leg] : []));
    for (const sound of SOUNDS) gauges.legs.set({ sound }, legs.filter((leg) => leg.sound === sound).length);
    setOrLeaveOut(
      gauges.legAge,
      extreme(
        Math.max,
        legs.map(({ ageSec }) => ageSec),
      ),
    );
    const left = legs.flatMap(({ endsInSec }) => (endsInSec === null ? [] : [endsInSec]));
    setOrLeaveOut(gauges.legLeft, extreme(Math.min, left));
  }

  #collectTotals({ ingest, sent, slow, historyDropped }: RelayCounts): void {
    const totals = this.#totals;
    setTotal(totals.frames, ingest.frames);
    setTotal(totals.ingestBytes, ingest.bytes);
    setTotal(totals.chunks, sent.chunks);
    setTotal(totals.bytes, sent.bytes);
    setTotal(totals.skips, slow.skipped);
    setTotal(totals.historyDropped, historyDropped);
    totals.dropped.reset();
    totals.dropped.inc({ reason: 'behind' }, sent.leftOut);
    totals.disconnects.reset();
    totals.disconnects.inc({ reason: 'too-slow' }, slow.closed);
    totals.disconnects.inc({ reason: 'no-sign-of-life' }, slow.cut);
  }

  #collectEach(rooms: readonly OperatedRoom[]): void {
    const gauges = this.#ofRooms;
    if (!gauges) return;
    // Of rooms that are no more, and legs that are gone, nothing stays.
    for (const gauge of Object.values(gauges)) gauge.reset();
    for (const { room, state, listeners, leg, rttMs } of rooms) {
      gauges.listeners.set({ room }, listeners.now);
      gauges.state.set({ room, state }, 1);
      if (leg) gauges.legAge.set({ room }, leg.ageSec);
      if (leg && leg.endsInSec !== null) gauges.legLeft.set({ room }, leg.endsInSec);
      if (rttMs) gauges.rtt.set({ room }, rttMs.p95 / 1000);
    }
  }
}

function gaugesOf(registry: Registry) {
  const gauge = gaugeIn(registry);
  return {
    listeners: gauge('conf_listeners', 'Connected listeners, by what carries their sound.', 'transport'),
    peak: gauge('conf_listeners_peak', 'The most listeners at a time since the start.'),
    limit: gauge('conf_listeners_limit', 'Listeners that the relay admits at most.'),
    ready: gauge('conf_ready', '1 while a listener more could come; as /readyz says.'),
    rooms: gauge('conf_rooms', 'Rooms, by the state that their listeners are told.', 'state'),
    legs: gauge('conf_legs', 'Legs that are up, by what they sound like; `none`: no frames come.', 'sound'),
    legAge: gauge('conf_leg_age_seconds', 'Age of the oldest leg. Absent while there is none.'),
    legLeft: gauge(
      'conf_leg_seconds_left',
      'Until the platform ends a leg, of that with the least. Absent while none has a limit.',
    ),
    historyUp: gauge(
      'conf_history_up',
      '1 while the history is kept, 0 while it fails. Absent where it is off.',
    ),
    historyBytes: gauge('conf_history_bytes', 'Size of the file of the history. Absent where it is off.'),
    loopDelay: gauge(
      'conf_event_loop_delay_seconds',
      'How late the event loop was in the last 30 to 60 s: median, p99 and worst.',
      'stat',
    ),
    cost: gauge(
      'conf_egress_cost_per_hour',
      'What an hour of the present egress costs, in the currency. Absent where no price is set.',
      'currency',
    ),
  };
}

function roomGaugesOf(registry: Registry) {
  const gauge = gaugeIn(registry);
  return {
    listeners: gauge('conf_room_listeners', 'Connected listeners of a room.', 'room'),
    state: gauge('conf_room_state', '1 for the state that a room is in.', 'room', 'state'),
    legAge: gauge(
      'conf_room_leg_age_seconds',
      'Age of the leg of a room. Absent while there is none.',
      'room',
    ),
    legLeft: gauge('conf_room_leg_seconds_left', 'Until the platform ends the leg of a room.', 'room'),
    rtt: gauge(
      'conf_room_rtt_p95_seconds',
      '19 of 20 of the last 256 pings of WebSocket listeners of a room took no longer.',
      'room',
    ),
  };
}

function gaugeIn(registry: Registry) {
  return <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
}

function totalsOf(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  return {
    frames: counter('conf_ingest_frames_total', 'Frames of 20 ms that came from legs and publishers.'),
    ingestBytes: counter('conf_ingest_bytes_total', 'Bytes of PCM in those frames.'),
    chunks: counter('conf_chunks_sent_total', 'Chunks handed to connections: chunks times listeners.'),
    bytes: counter(
      'conf_bytes_sent_total',
      'Bytes of those chunks as WAV files. Framing, texts, TLS and IP come on top.',
    ),
    dropped: counter('conf_chunks_dropped_total', 'Chunks left out for a listener who is behind.', 'reason'),
    skips: counter('conf_listener_skips_total', 'Times that a slow listener was dropped to live.'),
    disconnects: counter(
      'conf_disconnects_total',
      'Listeners closed for having fallen behind twice in a minute, or cut without a sign of life.',
      'reason',
    ),
    historyDropped: counter('conf_history_dropped_total', 'Happenings that the history could not keep.'),
  };
}

function setTotal(counter: Counter, total: number): void {
  counter.reset();
  counter.inc(total);
}

function setOrLeaveOut(gauge: Gauge, value: number | null): void {
  if (value === null) gauge.remove();
  else gauge.set(value);
}

function extreme(pick: (...of: number[]) => number, values: readonly number[]): number | null {
  return values.length === 0 ? null : pick(...values);
}
