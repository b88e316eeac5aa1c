import type { RoomState } from '../../wire/messages.ts';
import type { Config, RoomConfig } from '../config/config.ts';
import type { LegEnd } from '../leg.ts';

const DIAL_TIMEOUT_MS = 45_000;
const STALL_TOLD_MS = 1000;
const QUIET_MS = 2000;
const STEADY_MS = 30_000;
const CLOSE_GRACE_MS = 1000;

/** How long a room keeps, tries and watches its leg; milliseconds. */
export interface LifecycleSettings {
  /** Whether listeners make the relay dial. Rooms fed by a publisher (`l16`) never dial. */
  dials: boolean;
  /** From the last listener's leaving to the hang-up. */
  lingerMs: number;
  /** A call that brought no leg within this time has failed. */
  dialTimeoutMs: number;
  /** Without frames for this long, a leg that was audible stalls, and the log says so. */
  stallToldMs: number;
  /** Without frames for this long, listeners are told `waiting`. */
  quietMs: number;
  /** Without frames for this long, a leg that was audible is taken for dead and dialled anew. */
  stalledMs: number;
  /** A leg that has lived this long was a success: the next back-off starts over. */
  steadyMs: number;
  /** The platform ends a leg of this age by itself (`length_timer`); such an end is no end of the conference. */
  maxLegMs: number;
  /** From a hang-up that was carried out to closing the leg's socket ourselves. */
  closeGraceMs: number;
}

/** How the relay keeps the leg of a room that it dials, or that a publisher feeds. */
export function lifecycleOf(config: Config, { source, lingerMs }: RoomConfig): LifecycleSettings {
  return {
    dials: source === 'vonage',
    lingerMs,
    stalledMs: config.stalledMs,
    maxLegMs: (config.vonage?.lengthTimerSec ?? Infinity) * 1000,
    dialTimeoutMs: DIAL_TIMEOUT_MS,
    stallToldMs: STALL_TOLD_MS,
    quietMs: QUIET_MS,
    steadyMs: STEADY_MS,
    closeGraceMs: CLOSE_GRACE_MS,
  };
}

/** What happens with the room's leg. `legId` is the platform's name of the call; null while it is not known. */
export type Phase =
  | { kind: 'idle' }
  | { kind: 'dialling'; epoch: number; legId: string | null; sinceMs: number }
  | {
      kind: 'up';
      epoch: number;
      legId: string | null;
      audible: boolean;
      held: boolean;
      openedMs: number;
      heardMs: number;
      /** The log has been told that nothing is heard any more. */
      stallTold: boolean;
    }
  | { kind: 'resting'; untilMs: number; staleLegId: string | null; refused: boolean }
  | {
      kind: 'ending';
      epoch: number;
      legId: string;
      closed: boolean;
      closeAtMs: number | null;
      delayMs: number | null;
    }
  | { kind: 'ended'; legId: string | null };

/** A room's whole state. */
export interface RoomLife {
  phase: Phase;
  listeners: number;
  lingerUntilMs: number | null;
  /** Calls since a leg was last steady. */
  attempt: number;
  /** The call whose placing the platform has not answered yet: it may live, and nobody knows its name. */
  unanswered: { epoch: number; sinceMs: number } | null;
}

/** What a room is told. `redialMs` is the back-off that would follow, drawn by the caller (chance is a parameter). */
export type RoomEvent =
  | { kind: 'audience'; listeners: number; epoch: number }
  | { kind: 'call-placed'; epoch: number; legId: string }
  | { kind: 'call-refused'; epoch: number; retryAfterMs: number | null; redialMs: number }
  | { kind: 'leg-opened'; epoch: number }
  | { kind: 'frames'; held: boolean }
  | { kind: 'leg-closed'; epoch: number; end: LegEnd; redialMs: number }
  | { kind: 'call-over'; legId: string; end: LegEnd; redialMs: number }
  | { kind: 'hung-up'; epoch: number }
  | { kind: 'tick'; epoch: number; redialMs: number };

/** What the caller does then. `close-leg` closes the socket of that epoch, where there is one; `tell-stall` is a log line. */
export type RoomAction =
  | { kind: 'place-call'; epoch: number }
  | { kind: 'hang-up'; epoch: number; legId: string }
  | { kind: 'close-leg'; epoch: number }
  | { kind: 'tell-stall'; epoch: number };

/** A room nobody has come to. */
export const AT_REST: RoomLife = {
  phase: { kind: 'idle' },
  listeners: 0,
  lingerUntilMs: null,
  attempt: 0,
  unanswered: null,
};

/** The same life with its leg last heard at `heardMs` (monotonic). Frames are no events: there are 50 a second. */
export function heard(life: RoomLife, heardMs: number): RoomLife {
  const { phase } = life;
  if (phase.kind !== 'up' || heardMs <= phase.heardMs) return life;
  return { ...life, phase: { ...phase, heardMs, stallTold: false } };
}

/** From when on a resting room may dial: after the back-off, and once an unanswered call is answered or given up. */
export function restUntilMs(
  untilMs: number,
  { unanswered }: RoomLife,
  { dialTimeoutMs }: LifecycleSettings,
): number {
  return unanswered ? Math.max(untilMs, unanswered.sinceMs + dialTimeoutMs) : untilMs;
}

/** When the next `tick` is due, on the clock of `step`; null when nothing waits for time to pass. */
export function tickDueMs(life: RoomLife, nowMs: number, settings: LifecycleSettings): number | null {
  const { phase } = life;
  const lingerUntilMs = life.lingerUntilMs ?? Infinity;
  switch (phase.kind) {
    case 'idle':
    case 'ended':
      return null;
    case 'dialling':
      return Math.min(phase.sinceMs + settings.dialTimeoutMs, phase.legId ? lingerUntilMs : Infinity);
    case 'up': {
      const { stallToldMs, quietMs, stalledMs } = settings;
      const silencesMs = [stallToldMs, quietMs, stalledMs].map((ms) => phase.heardMs + ms);
      const dueMs = Math.min(
        ...silencesMs.filter((atMs) => atMs > nowMs),
        phase.legId ? lingerUntilMs : Infinity,
        life.attempt > 0 ? phase.openedMs + settings.steadyMs : Infinity,
      );
      return dueMs === Infinity ? null : dueMs;
    }
    case 'resting':
      return restUntilMs(phase.untilMs, life, settings);
    case 'ending':
      return phase.closeAtMs;
    default:
      return phase satisfies never;
  }
}

/** What listeners are told of the room at `nowMs`. */
export function toldState(life: RoomLife, nowMs: number, settings: LifecycleSettings): RoomState {
  const { phase, listeners } = life;
  switch (phase.kind) {
    case 'idle':
      return !settings.dials && listeners > 0 ? 'waiting' : 'idle';
    case 'dialling':
      return 'connecting';
    case 'up':
      return phase.audible && !phase.held && nowMs - phase.heardMs < settings.quietMs ? 'live' : 'waiting';
    case 'resting':
      return phase.refused && life.attempt > 1 ? 'unavailable' : 'connecting';
    case 'ending':
      return listeners > 0 ? 'connecting' : 'idle';
    case 'ended':
      return 'ended';
    default:
      return phase satisfies never;
  }
}
