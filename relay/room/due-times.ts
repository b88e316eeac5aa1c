import type { Beside, LifecycleSettings, RoomLife } from './room-life.ts';

/**
 * From when on a resting room may dial: after the back-off, and once an unanswered call is answered or given up. Never
 * while a second call is there: what ends that says so.
 */
export function restUntilMs(
  untilMs: number,
  { unanswered, beside }: RoomLife,
  { dialTimeoutMs }: LifecycleSettings,
): number {
  if (beside && beside.kind !== 'resting') return Infinity;
  return unanswered ? Math.max(untilMs, unanswered.sinceMs + dialTimeoutMs) : untilMs;
}

/**
 * From when on the leg that is up may be replaced, once nothing else is in the way; Infinity while there is no such
 * leg, nobody listens, or a second call is there already.
 */
export function replaceFromMs(life: RoomLife, settings: LifecycleSettings): number {
  const { phase, beside, listeners } = life;
  // A leg without a name could not be hung up afterwards.
  if (phase.kind !== 'up' || !phase.legId || listeners === 0) return Infinity;
  const agedMs = phase.openedMs + settings.replaceAtMs;
  return restUntilMs(Math.max(agedMs, beside?.kind === 'resting' ? beside.untilMs : 0), life, settings);
}

/** When the next `tick` is due, on the clock of `step`; null when nothing waits for time to pass. */
export function tickDueMs(life: RoomLife, nowMs: number, settings: LifecycleSettings): number | null {
  const dueMs = Math.min(
    phaseDueMs(life, nowMs, settings),
    besideDueMs(life.beside, nowMs, settings),
    replaceFromMs(life, settings),
  );
  return dueMs === Infinity ? null : dueMs;
}

function phaseDueMs(life: RoomLife, nowMs: number, settings: LifecycleSettings): number {
  const { phase } = life;
  const lingerUntilMs = life.lingerUntilMs ?? Infinity;
  switch (phase.kind) {
    case 'idle':
    case 'ended':
      return Infinity;
    case 'dialling':
      return Math.min(phase.sinceMs + settings.dialTimeoutMs, phase.legId ? lingerUntilMs : Infinity);
    case 'up': {
      const { stallToldMs, quietMs, stalledMs } = settings;
      const silencesMs = [stallToldMs, quietMs, stalledMs].map((ms) => phase.heardMs + ms);
      return Math.min(
        ...silencesMs.filter((atMs) => atMs > nowMs),
        phase.legId ? lingerUntilMs : Infinity,
        life.attempt > 0 ? phase.openedMs + settings.steadyMs : Infinity,
      );
    }
    case 'resting':
      return restUntilMs(phase.untilMs, life, settings);
    case 'ending':
      return phase.closeAtMs ?? Infinity;
    default:
      return phase satisfies never;
  }
}

function besideDueMs(beside: Beside | null, nowMs: number, { dialTimeoutMs }: LifecycleSettings): number {
  switch (beside?.kind) {
    case undefined:
    case 'resting':
      return Infinity;
    case 'dialling':
      return beside.sinceMs + dialTimeoutMs;
    case 'here': {
      const giveUpMs = beside.openedMs + dialTimeoutMs;
      // It stays where the leg that it is to replace has no sound either.
      return giveUpMs > nowMs ? giveUpMs : Infinity;
    }
    case 'leaving':
      return beside.closeAtMs ?? Infinity;
    default:
      return beside satisfies never;
  }
}
