import type { LifecycleSettings, Phase, RoomAction, RoomEvent, RoomLife } from './room-life.ts';

/** The result of a step: the next state and the actions it asks for, in order. */
export type Step = readonly [RoomLife, readonly RoomAction[]];

/**
 * One step of a room's life. Single-flight by construction: a call is placed only from `idle`, `ended` or `resting`,
 * and a leg that may still live on the platform is hung up (`ending`) before the next is dialled.
 */
export function step(life: RoomLife, event: RoomEvent, nowMs: number, settings: LifecycleSettings): Step {
  const { phase } = life;
  switch (event.kind) {
    case 'audience':
      return onAudience(life, event.listeners, event.epoch, nowMs, settings);
    case 'call-placed':
      return onCallPlaced(life, event.epoch, event.legId, nowMs);
    case 'call-refused':
      if (phase.kind !== 'dialling' || phase.epoch !== event.epoch) return [life, []];
      return [rest(life, null, true, Math.max(event.redialMs, event.retryAfterMs ?? 0), nowMs), []];
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
          phase: { ...phase, held: event.held, audible: phase.audible || !event.held, heardMs: nowMs },
        },
        [],
      ];
    case 'leg-closed':
      return onLegClosed(life, event, nowMs, settings);
    case 'call-over':
      return onCallOver(life, event, nowMs, settings);
    case 'hung-up':
      if (phase.kind !== 'ending' || phase.epoch !== event.epoch) return [life, []];
      if (phase.closed) return afterEnding(life, phase.delayMs, nowMs);
      return [{ ...life, phase: { ...phase, closeAtMs: nowMs + settings.closeGraceMs } }, []];
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
      return dial(next, epoch, nowMs);
    case 'dialling':
    case 'up':
    case 'resting':
    case 'ending':
      return [next, []];
    default:
      return phase satisfies never;
  }
}

function onCallPlaced(life: RoomLife, epoch: number, legId: string, nowMs: number): Step {
  const { phase } = life;
  switch (phase.kind) {
    case 'dialling':
    case 'up':
      if (phase.epoch === epoch && phase.legId === null)
        return settle({ ...life, phase: { ...phase, legId } }, nowMs);
      return [life, [{ kind: 'hang-up', epoch, legId }]];
    // The leg came and went, or was given up, before the platform's answer came: the call may still live there.
    case 'resting':
      return [{ ...life, phase: { ...phase, staleLegId: legId } }, []];
    case 'idle':
    case 'ended':
      return end(life, epoch, legId, null, true);
    case 'ending':
      return [life, [{ kind: 'hang-up', epoch, legId }]];
    default:
      return phase satisfies never;
  }
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
    return afterEnding(life, phase.delayMs, nowMs);
  }
  if (phase.kind !== 'up' || phase.epoch !== event.epoch) return [life, []];
  if (!settings.dials) return [{ ...life, phase: { kind: 'idle' }, attempt: 0 }, []];
  if (event.end === 'ended')
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
        { ...life, phase: { kind: 'ended', legId: phase.legId } },
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
  event: Extract<RoomEvent, { kind: 'tick' }>,
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
      const heardMs = Math.max(phase.heardMs, event.heardMs);
      const silentMs = nowMs - heardMs;
      if (phase.audible && !phase.held && silentMs >= settings.stalledMs && settings.dials) {
        if (phase.legId) return end(life, phase.epoch, phase.legId, event.redialMs);
        return [rest(life, null, false, event.redialMs, nowMs), [{ kind: 'close-leg', epoch: phase.epoch }]];
      }
      const attempt = nowMs - phase.openedMs >= settings.steadyMs ? 0 : life.attempt;
      return settle({ ...life, attempt, phase: { ...phase, heardMs } }, nowMs);
    }
    case 'resting':
      if (nowMs < phase.untilMs) return [life, []];
      if (phase.staleLegId) return end(life, event.epoch, phase.staleLegId, 0, true);
      if (life.listeners === 0) return [{ ...life, phase: { kind: 'idle' }, attempt: 0 }, []];
      return dial(life, event.epoch, nowMs);
    case 'ending':
      if (phase.closeAtMs === null || nowMs < phase.closeAtMs) return [life, []];
      return withAction(afterEnding(life, phase.delayMs, nowMs), { kind: 'close-leg', epoch: phase.epoch });
    default:
      return phase satisfies never;
  }
}

/** Hangs up when the last listener has been gone for long enough and the call's name is known. */
function settle(life: RoomLife, nowMs: number): Step {
  const { phase, lingerUntilMs } = life;
  if (lingerUntilMs === null || nowMs < lingerUntilMs) return [life, []];
  if ((phase.kind === 'up' || phase.kind === 'dialling') && phase.legId) {
    return end(life, phase.epoch, phase.legId, null);
  }
  return [life, []];
}

function dial(life: RoomLife, epoch: number, nowMs: number): Step {
  return [
    { ...life, attempt: life.attempt + 1, phase: { kind: 'dialling', epoch, legId: null, sinceMs: nowMs } },
    [{ kind: 'place-call', epoch }],
  ];
}

function end(life: RoomLife, epoch: number, legId: string, delayMs: number | null, closed = false): Step {
  return [
    { ...life, phase: { kind: 'ending', epoch, legId, closed, closeAtMs: null, delayMs } },
    [{ kind: 'hang-up', epoch, legId }],
  ];
}

/** After a hang-up: back to rest, or on to the next call when somebody listens. */
function afterEnding(life: RoomLife, delayMs: number | null, nowMs: number): Step {
  if (life.listeners === 0) return [{ ...life, phase: { kind: 'idle' }, attempt: 0 }, []];
  return [rest(life, null, false, delayMs ?? 0, nowMs), []];
}

function rest(
  life: RoomLife,
  staleLegId: string | null,
  refused: boolean,
  delayMs: number,
  nowMs: number,
): RoomLife {
  return { ...life, phase: { kind: 'resting', untilMs: nowMs + delayMs, staleLegId, refused } };
}

/** Whether the leg is as old as the platform lets it become; 5 s of grace for its clock and ours. */
function ranOut(phase: Extract<Phase, { kind: 'up' }>, nowMs: number, settings: LifecycleSettings): boolean {
  return nowMs - phase.openedMs >= settings.maxLegMs - 5000;
}

function opened(epoch: number, legId: string | null, nowMs: number): Phase {
  return { kind: 'up', epoch, legId, audible: false, held: false, openedMs: nowMs, heardMs: nowMs };
}

function withAction([life, actions]: Step, action: RoomAction): Step {
  return [life, [action, ...actions]];
}
