import type { ReactiveControllerHost } from 'lit';
import type { Caption } from './caption-lines.ts';
import type { ConnectionCounters } from './connection-parts.ts';
import type { Sharing } from './exclusive.ts';
import type { Transport } from './line.ts';
import type { FrameLevel } from './playout/loudness.ts';
import type { PlayoutCounters } from './playout/playout-counters.ts';
import type { StatusEvent } from './status.ts';
import type { SystemControls } from './system-card.ts';
import type { TicketHost } from './ticket-source.ts';

export type { FrameLevel } from './playout/loudness.ts';

/** What a session reads of its element, anew each time. */
export interface SessionHost extends TicketHost, Sharing, SystemControls, ReactiveControllerHost {
  readonly label: string;
  /** Its relay's address; '' is where its script came from. */
  readonly relay: string;
  readonly volume: number;
  readonly muted: boolean;
  /** `low`, `balanced` or `smooth`. */
  readonly latency: string;
  /** Whether the level is told ten times a second. */
  readonly levelEvents: boolean;
}

/** What the relay has told of a room. */
export interface RoomMeta {
  /** '' before its first word. */
  title: string;
  /** How many listen; null where the room does not show it. */
  listeners: number | null;
  /** When the conference's sound began, Unix ms; null while there is none. */
  startedAt: number | null;
  /** When it starts, Unix ms; null where it has, or nobody knows. */
  opensAt: number | null;
  /** What its operator has to say to who listens, or ''. */
  notice: string;
}

/** Before the relay's first word. */
export const UNKNOWN: RoomMeta = { title: '', listeners: null, startedAt: null, opensAt: null, notice: '' };

/** What a listener should know of the sound besides the state. */
export interface Hearing {
  /** Somebody speaks right now. */
  speaking: boolean;
  /** So far behind what could be heard that it is worth telling, s; else 0. */
  behindSec: number;
}

/** Where a session's news go. */
export interface SessionOutlet {
  onEvent(event: StatusEvent): void;
  onMeta(meta: RoomMeta): void;
  /** Four times a second while there is sound. */
  onHearing(hearing: Hearing): void;
  /** Its sound is heard now. */
  onCaption(caption: Caption): void;
  /** Every 10 s. */
  onStats(stats: SessionStats): void;
  /** Ten times a second, where the host asks for it. */
  onLevel(level: FrameLevel): void;
}

/** Figures of a session, for people who look after sound. Counts only grow; all but `startupMs` start anew on Listen. */
export interface SessionStats extends PlayoutCounters, ConnectionCounters {
  /** What carries the sound, best first: `websocket`, `stream` or `poll`. */
  transport: Transport;
  /** From Listen to the first sound, ms; undefined until then. */
  startupMs: number | undefined;
  /** Sound queued and not yet played, ms. */
  bufferedMs: number;
  /** Speech held back on purpose, ms. */
  targetMs: number;
  /** What sounds lies so far behind the earliest it could have been heard, ms; the device's own delay comes on top. */
  behindMs: number;
}
