import { replaceFromMs } from './due-times.ts';
import type {
  Beside,
  LifecycleSettings,
  ReplacementFault,
  RoomAction,
  RoomEvent,
  RoomLife,
} from './room-life.ts';
import { answered, opened, withAction, type Step } from './transitions.ts';

/**
 * One step of the second call's life, from its placing to the end of whichever leg is hung up; null where the event is
 * no business of it. A leg is replaced by a call of its own epoch, hung up only when the other has taken over, and at
 * most two calls live at any time.
 */
export function besideStep(
  life: RoomLife,
  event: RoomEvent,
  nowMs: number,
  settings: LifecycleSettings,
): Step | null {
  const { beside } = life;
  if (!beside || beside.kind === 'resting') return null;
  switch (event.kind) {
    case 'call-placed':
      if (beside.kind === 'leaving' || beside.epoch !== event.epoch) return null;
      return [{ ...answered(life, event.epoch), beside: { ...beside, legId: event.legId } }, []];
    case 'call-refused': {
      if (beside.kind === 'leaving' || beside.epoch !== event.epoch) return null;
      const untilMs = nowMs + Math.max(event.redialMs, event.retryAfterMs ?? 0);
      return fail(answered(life, event.epoch), beside, 'call-refused', untilMs);
    }
    case 'leg-opened':
      if (beside.kind !== 'dialling' || beside.epoch !== event.epoch) return null;
      return [{ ...life, beside: hereSince(beside, nowMs) }, []];
    case 'replaced':
      if (beside.kind !== 'here' || beside.epoch !== event.epoch) return null;
      return takeOver(life, beside, nowMs);
    case 'leg-closed':
      if (beside.epoch !== event.epoch) return null;
      if (beside.kind === 'leaving') {
        if (beside.closeAtMs === null) return [{ ...life, beside: { ...beside, closed: true } }, []];
        return [{ ...life, beside: afterLeaving(beside, nowMs) }, []];
      }
      return fail(life, beside, 'leg-closed', nowMs + event.redialMs, true);
    case 'call-over':
      if (beside.kind === 'leaving' || beside.legId !== event.legId) return null;
      return fail(life, { ...beside, legId: null }, 'call-over', nowMs + event.redialMs);
    case 'hung-up':
      if (beside.kind !== 'leaving' || beside.epoch !== event.epoch) return null;
      if (beside.closed) return [{ ...life, beside: afterLeaving(beside, nowMs) }, []];
      return [{ ...life, beside: { ...beside, closeAtMs: nowMs + settings.closeGraceMs } }, []];
    case 'audience':
    case 'frames':
    case 'call':
    case 'hang-up':
    case 'tick':
      return null;
    default:
      return event satisfies never;
  }
}

/** What time does to the second call, and to a leg that is old enough for one. */
export function onTickBeside(
  life: RoomLife,
  event: Extract<RoomEvent, { kind: 'tick' }>,
  nowMs: number,
  settings: LifecycleSettings,
): Step {
  const { phase, beside } = life;
  const untilMs = nowMs + event.redialMs;
  if (phase.kind === 'up' && nowMs >= replaceFromMs(life, settings)) {
    const { epoch } = event;
    const tries = (beside?.tries ?? 0) + 1;
    const called: Beside = { kind: 'dialling', epoch, legId: null, sinceMs: nowMs, tries };
    return [
      { ...life, beside: called, unanswered: { epoch, sinceMs: nowMs } },
      [{ kind: 'place-successor', epoch, replaces: phase.epoch }],
    ];
  }
  switch (beside?.kind) {
    case undefined:
    case 'resting':
      return [life, []];
    case 'dialling':
      if (nowMs < beside.sinceMs + settings.dialTimeoutMs) return [life, []];
      return fail(life, beside, 'no-leg', untilMs, true);
    case 'here': {
      const isHeard = phase.kind === 'up' && phase.audible && nowMs - phase.heardMs < settings.quietMs;
      if (nowMs < beside.openedMs + settings.dialTimeoutMs || !isHeard) return [life, []];
      return fail(life, beside, 'no-sound', untilMs);
    }
    case 'leaving':
      if (beside.closeAtMs === null || nowMs < beside.closeAtMs) return [life, []];
      return [{ ...life, beside: afterLeaving(beside, nowMs) }, [{ kind: 'close-leg', epoch: beside.epoch }]];
    default:
      return beside satisfies never;
  }
}

/**
 * What becomes of the second call when the leg that it was to replace is up no more: it is the room's only one from now
 * on where somebody still wants one, and is hung up else. `before` is the life before that step.
 */
export function succeed(before: RoomLife, step: Step, nowMs: number): Step {
  const [life, actions] = step;
  const { phase, beside } = life;
  if (before.phase.kind !== 'up' || phase.kind === 'up' || !beside || beside.kind === 'leaving') return step;
  const isWanted = life.listeners > 0 && (phase.kind === 'resting' || isStalled(life));
  if (!isWanted) return after(actions, drop(life, beside));
  if (beside.kind === 'resting') {
    const attempt = Math.max(life.attempt, beside.tries);
    const untilMs = phase.kind === 'resting' ? Math.max(phase.untilMs, beside.untilMs) : beside.untilMs;
    const rested: RoomLife = { ...life, attempt, beside: null };
    if (phase.kind === 'resting') return [{ ...rested, phase: { ...phase, untilMs } }, actions];
    if (phase.kind === 'ending')
      return [
        { ...rested, phase: { ...phase, delayMs: Math.max(phase.delayMs ?? 0, untilMs - nowMs) } },
        actions,
      ];
    return [rested, actions];
  }
  const { epoch, legId, tries } = beside;
  const promoted: RoomLife = {
    ...life,
    attempt: tries,
    phase:
      beside.kind === 'here'
        ? opened(epoch, legId, beside.openedMs)
        : { kind: 'dialling', epoch, legId, sinceMs: beside.sinceMs },
    beside: null,
  };
  return after([...actions, { kind: 'promote', epoch }], sendOff(promoted, phase, before.phase.epoch));
}

/** The leg that was lost or has stalled is hung up beside its successor: its call may still live. */
function sendOff(life: RoomLife, phase: RoomLife['phase'], epoch: number): Step {
  if (phase.kind === 'ending') {
    const { legId, closed, closeAtMs } = phase;
    return [
      { ...life, beside: { kind: 'leaving', epoch, legId, closed, closeAtMs, untilMs: 0, tries: 0 } },
      [],
    ];
  }
  if (phase.kind !== 'resting' || !phase.staleLegId) return [life, []];
  const legId = phase.staleLegId;
  return hangUp(life, { kind: 'leaving', epoch, legId, closed: true, closeAtMs: null, untilMs: 0, tries: 0 });
}

function isStalled({ phase }: RoomLife): boolean {
  return phase.kind === 'ending' && phase.delayMs !== null && !phase.over;
}

function takeOver(life: RoomLife, beside: Extract<Beside, { kind: 'here' }>, nowMs: number): Step {
  const { phase } = life;
  if (phase.kind !== 'up' || !phase.legId) return [life, []];
  const { epoch, legId, openedMs, tries } = beside;
  const next: RoomLife = {
    ...life,
    attempt: tries,
    phase: { ...phase, epoch, legId, openedMs, audible: true, held: false, heardMs: nowMs, stallTold: false },
  };
  return hangUp(next, {
    kind: 'leaving',
    epoch: phase.epoch,
    legId: phase.legId,
    closed: false,
    closeAtMs: null,
    untilMs: 0,
    tries: 0,
  });
}

/** Another try not before `untilMs`, and this one's call and leg ended. `closed`: no leg of it is connected. */
function fail(
  life: RoomLife,
  beside: Exclude<Beside, { kind: 'resting' | 'leaving' }>,
  code: ReplacementFault,
  untilMs: number,
  closed = beside.kind === 'dialling',
): Step {
  const { epoch, legId, tries } = beside;
  const told: RoomAction = { kind: 'tell-replacement-failed', code };
  if (legId)
    return withAction(
      hangUp(life, { kind: 'leaving', epoch, legId, closed, closeAtMs: null, untilMs, tries }),
      told,
    );
  const failed: RoomLife = { ...life, beside: { kind: 'resting', untilMs, tries } };
  return [failed, closed ? [told] : [told, { kind: 'close-leg', epoch }]];
}

/** Ends the second call for good; one that has no name yet is hung up when it has. */
function drop(life: RoomLife, beside: Exclude<Beside, { kind: 'leaving' }>): Step {
  if (beside.kind === 'resting') return [{ ...life, beside: null }, []];
  const { kind, epoch, legId, tries } = beside;
  const closed = kind === 'dialling';
  if (legId)
    return hangUp(life, { kind: 'leaving', epoch, legId, closed, closeAtMs: null, untilMs: 0, tries });
  return [{ ...life, beside: null }, closed ? [] : [{ kind: 'close-leg', epoch }]];
}

function hangUp(life: RoomLife, leaving: Extract<Beside, { kind: 'leaving' }>): Step {
  const { epoch, legId } = leaving;
  return [{ ...life, beside: leaving }, [{ kind: 'hang-up', epoch, legId }]];
}

function hereSince({ epoch, legId, tries }: Extract<Beside, { kind: 'dialling' }>, nowMs: number): Beside {
  return { kind: 'here', epoch, legId, openedMs: nowMs, tries };
}

function afterLeaving(
  { untilMs, tries }: Extract<Beside, { kind: 'leaving' }>,
  nowMs: number,
): Beside | null {
  return untilMs > nowMs ? { kind: 'resting', untilMs, tries } : null;
}

function after(actions: readonly RoomAction[], [life, more]: Step): Step {
  return [life, [...actions, ...more]];
}
