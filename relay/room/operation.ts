import type { LifecycleSettings, Phase, RoomLife } from './room-life.ts';
import { end, type Step } from './transitions.ts';

/** What became of an operator's word that a room be called now. */
export type CallVerdict = 'calling' | 'already' | 'not-dialled';

/** What became of an operator's word that a room's call be ended. */
export type HangUpVerdict = 'hanging-up' | 'no-call' | 'not-dialled';

/** What an operator's call comes to in this life. */
export function callVerdict({ phase }: RoomLife, { dials }: LifecycleSettings): CallVerdict {
  if (!dials) return 'not-dialled';
  return phase.kind === 'up' || phase.kind === 'dialling' ? 'already' : 'calling';
}

/** What an operator's hang-up comes to in this life. */
export function hangUpVerdict({ phase }: RoomLife, { dials }: LifecycleSettings): HangUpVerdict {
  if (!dials) return 'not-dialled';
  switch (phase.kind) {
    case 'idle':
    case 'ended':
      return 'no-call';
    case 'ending':
      return phase.over ? 'no-call' : 'hanging-up';
    case 'dialling':
    case 'up':
    case 'resting':
      return 'hanging-up';
    default:
      return phase satisfies never;
  }
}

/**
 * The life of a room that an operator wants called: with nothing in the way it rests until now, so that the next look at
 * it dials. Where nobody listens, the linger time begins anew.
 */
export function onCall(life: RoomLife, nowMs: number, settings: LifecycleSettings): RoomLife {
  if (!settings.dials) return life;
  const lingerUntilMs = life.listeners > 0 ? null : nowMs + settings.lingerMs;
  const { phase } = life;
  switch (phase.kind) {
    case 'dialling':
    case 'up':
      return { ...life, lingerUntilMs };
    case 'idle':
    case 'ended':
      return {
        ...life,
        lingerUntilMs,
        asked: true,
        phase: { kind: 'resting', untilMs: nowMs, staleLegId: null, refused: false },
      };
    case 'resting':
      return { ...life, lingerUntilMs, asked: true, phase: { ...phase, untilMs: nowMs } };
    case 'ending':
      return { ...life, lingerUntilMs, asked: true, phase: { ...phase, delayMs: 0, over: false } };
    default:
      return phase satisfies never;
  }
}

/** Ends what there is of a call. For who listens the conference is over, until somebody new comes or an operator calls. */
export function onHangUp(before: RoomLife): Step {
  const life = { ...before, asked: false };
  const { phase } = life;
  const ended: Phase = life.listeners > 0 ? { kind: 'ended', legId: null } : { kind: 'idle' };
  switch (phase.kind) {
    case 'idle':
    case 'ended':
      return [life, []];
    case 'dialling':
    case 'up':
      if (phase.legId) return over(end(life, phase.epoch, phase.legId, null, phase.kind === 'dialling'));
      // The call is hung up when it has a name.
      return [
        { ...life, phase: ended, attempt: 0 },
        phase.kind === 'up' ? [{ kind: 'close-leg', epoch: phase.epoch }] : [],
      ];
    case 'resting':
      if (phase.staleLegId) return over(end(life, 0, phase.staleLegId, null, true));
      return [{ ...life, phase: ended, attempt: 0 }, []];
    case 'ending':
      return over([life, []]);
    default:
      return phase satisfies never;
  }
}

function over([life, actions]: Step): Step {
  const { phase } = life;
  return [phase.kind === 'ending' ? { ...life, phase: { ...phase, over: true } } : life, actions];
}
