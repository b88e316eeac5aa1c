import type { RoomState } from '../wire/messages.ts';
import type { RoomId } from '../wire/room-id.ts';
import type { RoomConfig } from './config/room-config.ts';

/** What carries a listener's sound. */
export type TransportKind = 'websocket' | 'stream' | 'poll' | 'wav';

/** Listeners now, by what carries their sound, and the most there have been since the relay's start. */
export interface AudienceStatus {
  now: number;
  peak: number;
  byTransport: Readonly<Record<TransportKind, number>>;
}

/**
 * What a leg's sound is like. `none`: no frames come. `silence`: frames of nothing, as of a conversation where nobody
 * is, or all are muted. `quiet`: a line's own noise. `speech`: it comes and goes. `steady`: loud without a pause for
 * ten seconds, as hold music, a tone or applause: which of them, energy alone cannot tell.
 */
export type LegSound = 'none' | 'silence' | 'quiet' | 'speech' | 'steady';

/** A room's leg into the conference. */
export interface LegStatus {
  /** The platform's name of the call; null where it is not known, or a publisher feeds the room. */
  legId: string | null;
  /** Unix milliseconds of the beginning of its media clock. */
  epoch: number;
  ageSec: number;
  /** Until the platform ends it (`length_timer`); null where nothing does. */
  endsInSec: number | null;
  sound: LegSound;
  /** The loudest 20 ms of the last half second, dBFS; null where no frames came. */
  levelDbfs: number | null;
}

/** Something that went wrong: an event's name, and its code or what it names as the reason. */
export interface Trouble {
  /** Unix milliseconds. */
  atMs: number;
  event: string;
  code: string | null;
}

/** A room as its operator sees it. Never a PIN or a number. */
export interface OperatedRoom extends Pick<RoomConfig, 'title' | 'access' | 'source'> {
  room: RoomId;
  state: RoomState;
  listeners: AudienceStatus;
  /** Ping round trips of the room's WebSocket listeners; null where nobody has answered yet. */
  rttMs: { p50: number; p95: number } | null;
  /** Null while there is none. */
  leg: LegStatus | null;
  /** Unix milliseconds when its schedule opens it next; null where it is open, or has none. */
  opensAtMs: number | null;
  /** What went wrong last, newest first, 5 at most. */
  problems: readonly Trouble[];
}

/** The machine under the relay. */
export interface HostStatus {
  /** How late the event loop was in the last minute, ms. */
  eventLoopMs: { p50: number; p99: number; max: number };
  rssBytes: number;
  /** Of one core, 0…1, in the last seconds. */
  cpu: number;
  egressBitsPerSec: number;
  /** What an hour of that costs; null where no price is set. */
  egressCostPerHour: { amount: number; currency: string } | null;
}

/** Everything that `/admin` shows of a relay; `GET /v1/status`. */
export interface RelayStatus {
  version: string;
  startedAtMs: number;
  atMs: number;
  publicUrl: string;
  /** Why nobody more can listen now: a problem's code; null while somebody can. */
  hindrance: string | null;
  listeners: AudienceStatus & { limit: number };
  host: HostStatus;
  /** `failing`: what happens is not kept; the log says why. */
  history: 'on' | 'off' | 'failing';
  /** Of its file; null where none is kept. */
  historyBytes: number | null;
  /** What went wrong last in the relay itself, newest first, 5 at most. */
  problems: readonly Trouble[];
  rooms: readonly OperatedRoom[];
}

/** What slow listeners have suffered since the start. */
export interface SlowCounts {
  /** Dropped to live. */
  skipped: number;
  /** Closed with 4008, having fallen behind twice within a minute. */
  closed: number;
  /** Cut, having given no sign of life for two beats. */
  cut: number;
}
