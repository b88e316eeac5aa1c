import type { RoomState } from '../../wire/messages.ts';
import type { Config } from '../config/config.ts';
import type { RoomConfig } from '../config/room-config.ts';
import type { VonageConfig } from '../config/vonage-config.ts';
import type { LegEnd } from '../leg.ts';

const DIAL_TIMEOUT_MS = 45_000;
const STALL_TOLD_MS = 1000;
const QUIET_MS = 2000;
const STEADY_MS = 30_000;
const CLOSE_GRACE_MS = 1000;
/** A leg that is replaced is gone over from so long before its end at the latest, in silence as well. */
const CUT_BEFORE_MS = 10_000;

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
  /** A leg of this age is replaced by a second call, while somebody listens; Infinity where none is dialled. */
  replaceAtMs: number;
  /** From a hang-up that was carried out to closing the leg's socket ourselves. */
  closeGraceMs: number;
}

type LegLimits = Pick<VonageConfig, 'lengthTimerSec' | 'replaceBeforeSec'>;

/** How the relay keeps the leg of a room that it dials, or that a publisher feeds. */
export function lifecycleOf(
  config: Pick<Config, 'stalledMs'> & { vonage: LegLimits | undefined },
  { source, lingerMs }: Pick<RoomConfig, 'source' | 'lingerMs'>,
): LifecycleSettings {
  return {
    dials: source === 'vonage',
    lingerMs,
    stalledMs: config.stalledMs,
    ...legAges(source === 'vonage' ? config.vonage : undefined),
    dialTimeoutMs: DIAL_TIMEOUT_MS,
    stallToldMs: STALL_TOLD_MS,
    quietMs: QUIET_MS,
    steadyMs: STEADY_MS,
    closeGraceMs: CLOSE_GRACE_MS,
  };
}

function legAges(vonage: LegLimits | undefined): Pick<LifecycleSettings, 'maxLegMs' | 'replaceAtMs'> {
  if (!vonage) return { maxLegMs: Infinity, replaceAtMs: Infinity };
  const { lengthTimerSec, replaceBeforeSec } = vonage;
  return { maxLegMs: lengthTimerSec * 1000, replaceAtMs: (lengthTimerSec - replaceBeforeSec) * 1000 };
}

/** By when a leg that connected at `openedMs` must have been replaced, whatever it sounds like; same clock. */
export function cutByMs(openedMs: number, { maxLegMs, replaceAtMs }: LifecycleSettings): number {
  return openedMs + maxLegMs - Math.min(CUT_BEFORE_MS, (maxLegMs - replaceAtMs) / 3);
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
      /** An operator has ended it: for who listens the conference is over. */
      over: boolean;
    }
  | { kind: 'ended'; legId: string | null };

/**
 * The second call of a room whose leg is being replaced; there is never a third. `here`: its leg is connected and being
 * lined up. `leaving`: it is hung up, be it the leg that was replaced or a successor in vain. `resting`: the next try
 * waits. `tries` counts the calls that were to replace one leg.
 */
export type Beside =
  | { kind: 'dialling'; epoch: number; legId: string | null; sinceMs: number; tries: number }
  | { kind: 'here'; epoch: number; legId: string | null; openedMs: number; tries: number }
  | {
      kind: 'leaving';
      epoch: number;
      legId: string;
      closed: boolean;
      closeAtMs: number | null;
      /** No other try before. */
      untilMs: number;
      tries: number;
    }
  | { kind: 'resting'; untilMs: number; tries: number };

/** Why a leg was not replaced this time; for the log. */
export type ReplacementFault = 'call-refused' | 'call-over' | 'leg-closed' | 'no-leg' | 'no-sound';

/** A room's whole state. */
export interface RoomLife {
  phase: Phase;
  beside: Beside | null;
  listeners: number;
  lingerUntilMs: number | null;
  /** Calls since a leg was last steady. */
  attempt: number;
  /** The call whose placing the platform has not answered yet: it may live, and nobody knows its name. */
  unanswered: { epoch: number; sinceMs: number } | null;
  /** An operator has asked for a call that has not been placed yet; it is, even when nobody listens. */
  asked: boolean;
}

/** What a room is told. `redialMs` is the back-off that would follow, drawn by the caller (chance is a parameter). */
export type RoomEvent =
  | { kind: 'audience'; listeners: number; epoch: number }
  | { kind: 'call-placed'; epoch: number; legId: string }
  | { kind: 'call-refused'; epoch: number; retryAfterMs: number | null; redialMs: number }
  | { kind: 'leg-opened'; epoch: number }
  /** The room's sound comes from the second leg from now on. */
  | { kind: 'replaced'; epoch: number }
  | { kind: 'frames'; held: boolean }
  | { kind: 'leg-closed'; epoch: number; end: LegEnd; redialMs: number }
  | { kind: 'call-over'; legId: string; end: LegEnd; redialMs: number }
  | { kind: 'hung-up'; epoch: number }
  /** An operator's word: call now; end the call. */
  | { kind: 'call'; epoch: number; redialMs: number }
  | { kind: 'hang-up' }
  | { kind: 'tick'; epoch: number; redialMs: number };

/**
 * What the caller does then. `place-successor` places a call as well, of which the log is told what it is for.
 * `promote`: the sound of the room's leg ends here, and that of the call `epoch` is the room's, now or when it comes.
 * `close-leg` closes the socket of that epoch, where there is one; the `tell-…` are log lines.
 */
export type RoomAction =
  | { kind: 'place-call'; epoch: number }
  | { kind: 'place-successor'; epoch: number; replaces: number }
  | { kind: 'promote'; epoch: number }
  | { kind: 'hang-up'; epoch: number; legId: string }
  | { kind: 'close-leg'; epoch: number }
  | { kind: 'tell-stall'; epoch: number }
  | { kind: 'tell-replacement-failed'; code: ReplacementFault };

/** A room nobody has come to. */
export const AT_REST: RoomLife = {
  phase: { kind: 'idle' },
  beside: null,
  listeners: 0,
  lingerUntilMs: null,
  attempt: 0,
  unanswered: null,
  asked: false,
};

/** The same life with its leg last heard at `heardMs` (monotonic). Frames are no events: there are 50 a second. */
export function heard(life: RoomLife, heardMs: number): RoomLife {
  const { phase } = life;
  if (phase.kind !== 'up' || heardMs <= phase.heardMs) return life;
  return { ...life, phase: { ...phase, heardMs, stallTold: false } };
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
      if (listeners === 0) return 'idle';
      return phase.over ? 'ended' : 'connecting';
    case 'ended':
      return 'ended';
    default:
      return phase satisfies never;
  }
}
