import { restUntilMs } from './due-times.ts';
import { onCall, onHangUp } from './operation.ts';
import type { LifecycleSettings, Phase, RoomAction, RoomEvent, RoomLife } from './room-life.ts';
import { besideStep, onTickBeside, succeed } from './succession.ts';
import {
  afterEnding,
  answered,
  dial,
  end,
  hangUpStray,
  isWanted,
  opened,
  ranOut,
  rest,
  settle,
  withAction,
  type Step,
} from './transitions.ts';

/**
 * One step of a room's life. Single-flight by construction: a call is placed only from `idle`, `ended` or `resting`,
 * never while the placing of another is `unanswered`, and a leg that may still live on the platform is hung up
 * (`ending`) before the next is dialled. The one call that is placed while a leg is up is its successor (`beside`).
 */
export function step(life: RoomLife, event: RoomEvent, nowMs: number, settings: LifecycleSettings): Step {
  const ofBeside = besideStep(life, event, nowMs, settings);
  if (ofBeside) return ofBeside;
  const stepped = succeed(life, ofLeg(life, event, nowMs, settings), nowMs);
  if (event.kind !== 'tick') return stepped;
  const [next, actions] = stepped;
  const [last, more] = onTickBeside(next, event, nowMs, settings);
  return [last, [...actions, ...more]];
}

/** What an event does to the room's own leg. */
function ofLeg(life: RoomLife, event: RoomEvent, nowMs: number, settings: LifecycleSettings): Step {
  const { phase } = life;
  switch (event.kind) {
    case 'audience':
      return onAudience(life, event.listeners, event.epoch, nowMs, settings);
    case 'call-placed':
      return onCallPlaced(life, event.epoch, event.legId, nowMs);
    case 'call-refused':
      return onCallRefused(answered(life, event.epoch), event, nowMs);
    case 'leg-opened': {
      const expected = phase.kind === 'dialling' && phase.epoch === event.epoch;
      if (settings.dials && !expected) return [life, []];
      const legId = expected ? phase.legId : null;
      return settle({ ...life, phase: opened(event.epoch, legId, nowMs) }, nowMs);
    }
    case 'frames':
      if (phase.kind !== 'up') return [life, []];
      return [
        {
          ...life,
          phase: {
            ...phase,
            held: event.held,
            audible: phase.audible || !event.held,
            heardMs: nowMs,
            stallTold: false,
          },
        },
        [],
      ];
    case 'leg-closed':
      return onLegClosed(life, event, nowMs, settings);
    case 'call-over':
      return onCallOver(life, event, nowMs, settings);
    case 'hung-up':
      if (phase.kind !== 'ending' || phase.epoch !== event.epoch) return [life, []];
      if (phase.closed) return afterEnding(life, phase, nowMs);
      return [{ ...life, phase: { ...phase, closeAtMs: nowMs + settings.closeGraceMs } }, []];
    case 'replaced':
      return [life, []];
    case 'call': {
      const asked = onCall(life, nowMs, settings);
      return asked.phase.kind === 'resting' ? onTick(asked, event, nowMs, settings) : [asked, []];
    }
    case 'hang-up':
      return onHangUp(life);
    case 'tick':
      return onTick(life, event, nowMs, settings);
    default:
      return event satisfies never;
  }
}

function onAudience(
  life: RoomLife,
  listeners: number,
  epoch: number,
  nowMs: number,
  settings: LifecycleSettings,
): Step {
  const joined = listeners > life.listeners;
  const lingerUntilMs = listeners > 0 ? null : (life.lingerUntilMs ?? nowMs + settings.lingerMs);
  const phase: Phase = life.phase.kind === 'ended' && listeners === 0 ? { kind: 'idle' } : life.phase;
  const next = { ...life, phase, listeners, lingerUntilMs };
  if (!joined || !settings.dials) return [next, []];
  switch (phase.kind) {
    case 'idle':
    case 'ended':
      return dial(next, epoch, nowMs, settings);
    case 'ending':
      // Who comes now has not heard the end that an operator made.
      return [{ ...next, phase: { ...phase, over: false } }, []];
    case 'dialling':
    case 'up':
    case 'resting':
      return [next, []];
    default:
      return phase satisfies never;
  }
}

function onCallPlaced(before: RoomLife, epoch: number, legId: string, nowMs: number): Step {
  const awaited = before.unanswered?.epoch === epoch;
  const life = answered(before, epoch);
  const { phase } = life;
  switch (phase.kind) {
    case 'dialling':
    case 'up':
      if (phase.epoch === epoch) return settle({ ...life, phase: { ...phase, legId } }, nowMs);
      return hangUpStray(life, epoch, legId);
    case 'resting':
      // The leg came and went before the platform's answer: the call may still live there.
      if (awaited && !phase.staleLegId) return [{ ...life, phase: { ...phase, staleLegId: legId } }, []];
      return hangUpStray(life, epoch, legId);
    case 'idle':
      return end(life, epoch, legId, null, true);
    case 'ended':
      return hangUpStray({ ...life, phase: { kind: 'ended', legId } }, epoch, legId);
    case 'ending':
      return hangUpStray(life, epoch, legId);
    default:
      return phase satisfies never;
  }
}

function onCallRefused(
  life: RoomLife,
  event: Extract<RoomEvent, { kind: 'call-refused' }>,
  nowMs: number,
): Step {
  const { phase } = life;
  if (phase.kind === 'dialling' && phase.epoch === event.epoch)
    return [rest(life, null, true, Math.max(event.redialMs, event.retryAfterMs ?? 0), nowMs), []];
  // The answer was lost, the leg is here: nobody could ever hang it up by name, so its socket ends it.
  if (phase.kind === 'up' && phase.epoch === event.epoch)
    return [rest(life, null, false, event.redialMs, nowMs), [{ kind: 'close-leg', epoch: phase.epoch }]];
  return [life, []];
}

function onLegClosed(
  life: RoomLife,
  event: Extract<RoomEvent, { kind: 'leg-closed' }>,
  nowMs: number,
  settings: LifecycleSettings,
): Step {
  const { phase } = life;
  if (phase.kind === 'ending' && phase.epoch === event.epoch) {
    if (phase.closeAtMs === null) return [{ ...life, phase: { ...phase, closed: true } }, []];
    return afterEnding(life, phase, nowMs);
  }
  if (phase.kind !== 'up' || phase.epoch !== event.epoch) return [life, []];
  if (!settings.dials) return [{ ...life, phase: { kind: 'idle' }, attempt: 0 }, []];
  if (event.end === 'ended' && !ranOut(phase, nowMs, settings))
    return [{ ...life, phase: { kind: 'ended', legId: phase.legId }, attempt: 0 }, []];
  return [rest(life, phase.legId, false, event.redialMs, nowMs), []];
}

/** The platform says the call is over; its webhooks come in any order, early, late and twice. */
function onCallOver(
  life: RoomLife,
  event: Extract<RoomEvent, { kind: 'call-over' }>,
  nowMs: number,
  settings: LifecycleSettings,
): Step {
  const { phase } = life;
  switch (phase.kind) {
    case 'idle':
      return [life, []];
    case 'dialling':
      if (phase.legId !== event.legId) return [life, []];
      return [rest(life, null, true, event.redialMs, nowMs), []];
    case 'up':
      if (phase.legId !== event.legId) return [life, []];
      if (event.end === 'lost' || ranOut(phase, nowMs, settings)) {
        return [rest(life, null, false, event.redialMs, nowMs), [{ kind: 'close-leg', epoch: phase.epoch }]];
      }
      return [
        { ...life, phase: { kind: 'ended', legId: phase.legId }, attempt: 0 },
        [{ kind: 'close-leg', epoch: phase.epoch }],
      ];
    case 'resting':
      if (phase.staleLegId !== event.legId) return [life, []];
      return [{ ...life, phase: { ...phase, staleLegId: null } }, []];
    case 'ending':
      return [life, []];
    case 'ended':
      // `disconnected` after an orderly close: nobody meant it to end.
      if (phase.legId !== event.legId || event.end === 'ended') return [life, []];
      return [rest(life, null, false, event.redialMs, nowMs), []];
    default:
      return phase satisfies never;
  }
}

function onTick(
  life: RoomLife,
  event: Extract<RoomEvent, { kind: 'tick' | 'call' }>,
  nowMs: number,
  settings: LifecycleSettings,
): Step {
  const { phase } = life;
  switch (phase.kind) {
    case 'idle':
    case 'ended':
      return [life, []];
    case 'dialling':
      if (nowMs < phase.sinceMs + settings.dialTimeoutMs) return settle(life, nowMs);
      return [rest(life, phase.legId, true, event.redialMs, nowMs), []];
    case 'up': {
      const silentMs = phase.audible && !phase.held ? nowMs - phase.heardMs : 0;
      if (silentMs >= settings.stallToldMs && !phase.stallTold) {
        const told = { ...life, phase: { ...phase, stallTold: true } };
        const action: RoomAction = { kind: 'tell-stall', epoch: phase.epoch };
        return withAction(onTick(told, event, nowMs, settings), action);
      }
      if (silentMs >= settings.stalledMs && settings.dials) {
        if (phase.legId) return end(life, phase.epoch, phase.legId, event.redialMs);
        return [rest(life, null, false, event.redialMs, nowMs), [{ kind: 'close-leg', epoch: phase.epoch }]];
      }
      const attempt = nowMs - phase.openedMs >= settings.steadyMs ? 0 : life.attempt;
      return settle({ ...life, attempt }, nowMs);
    }
    case 'resting':
      if (nowMs < restUntilMs(phase.untilMs, life, settings)) return [life, []];
      if (phase.staleLegId) return end(life, event.epoch, phase.staleLegId, 0, true);
      if (!isWanted(life)) return [{ ...life, phase: { kind: 'idle' }, attempt: 0 }, []];
      return dial(life, event.epoch, nowMs, settings);
    case 'ending':
      if (phase.closeAtMs === null || nowMs < phase.closeAtMs) return [life, []];
      return withAction(afterEnding(life, phase, nowMs), { kind: 'close-leg', epoch: phase.epoch });
    default:
      return phase satisfies never;
  }
}
