import { restUntilMs } from './due-times.ts';
import type { LifecycleSettings, Phase, RoomAction, RoomLife } from './room-life.ts';

/** The result of a step: the next state and the actions it asks for, in order. */
export type Step = readonly [RoomLife, readonly RoomAction[]];

/** The answer to the call of `epoch` has come. */
export function answered(life: RoomLife, epoch: number): RoomLife {
  return life.unanswered?.epoch === epoch ? { ...life, unanswered: null } : life;
}

/** Hangs up when the last listener has been gone for long enough and the call's name is known. */
export function settle(life: RoomLife, nowMs: number): Step {
  const { phase, lingerUntilMs } = life;
  if (lingerUntilMs === null || nowMs < lingerUntilMs) return [life, []];
  if ((phase.kind === 'up' || phase.kind === 'dialling') && phase.legId) {
    return end(life, phase.epoch, phase.legId, null);
  }
  return [life, []];
}

/** Asks for a call, or waits for the answer to the last one. */
export function dial(life: RoomLife, epoch: number, nowMs: number, settings: LifecycleSettings): Step {
  if (restUntilMs(nowMs, life, settings) > nowMs) return [rest(life, null, false, 0, nowMs), []];
  const phase: Phase = { kind: 'dialling', epoch, legId: null, sinceMs: nowMs };
  const unanswered = { epoch, sinceMs: nowMs };
  return [
    { ...life, attempt: life.attempt + 1, phase, unanswered, asked: false },
    [{ kind: 'place-call', epoch }],
  ];
}

/** Whether a call is to be placed: for who listens, or because an operator has asked for it. */
export function isWanted({ listeners, asked }: RoomLife): boolean {
  return listeners > 0 || asked;
}

/** Hangs up; `closed` says that no leg is connected. `delayMs` is the wait before the next call. */
export function end(
  life: RoomLife,
  epoch: number,
  legId: string,
  delayMs: number | null,
  closed = false,
): Step {
  return [
    { ...life, phase: { kind: 'ending', epoch, legId, closed, closeAtMs: null, delayMs, over: false } },
    [{ kind: 'hang-up', epoch, legId }],
  ];
}

/** Hangs up a call that is neither the room's nor to be; as the second call, where there is none, so that it is waited for. */
export function hangUpStray(life: RoomLife, epoch: number, legId: string): Step {
  const { beside } = life;
  const action: RoomAction = { kind: 'hang-up', epoch, legId };
  if (beside && beside.kind !== 'resting') return [life, [action]];
  const { untilMs, tries } = beside ?? { untilMs: 0, tries: 0 };
  return [
    { ...life, beside: { kind: 'leaving', epoch, legId, closed: true, closeAtMs: null, untilMs, tries } },
    [action],
  ];
}

/** After a hang-up: back to rest, or on to the next call when somebody listens. */
export function afterEnding(
  life: RoomLife,
  { delayMs, over }: Extract<Phase, { kind: 'ending' }>,
  nowMs: number,
): Step {
  if (!isWanted(life)) return [{ ...life, phase: { kind: 'idle' }, attempt: 0 }, []];
  if (over) return [{ ...life, phase: { kind: 'ended', legId: null }, attempt: 0 }, []];
  return [rest(life, null, false, delayMs ?? 0, nowMs), []];
}

/** Waits before the next call; `refused` says that the platform would not give the last one. */
export function rest(
  life: RoomLife,
  staleLegId: string | null,
  refused: boolean,
  delayMs: number,
  nowMs: number,
): RoomLife {
  return { ...life, phase: { kind: 'resting', untilMs: nowMs + delayMs, staleLegId, refused } };
}

/** Whether the leg is as old as the platform lets it become; 5 s of grace for its clock and ours. */
export function ranOut(
  phase: Extract<Phase, { kind: 'up' }>,
  nowMs: number,
  settings: LifecycleSettings,
): boolean {
  return nowMs - phase.openedMs >= settings.maxLegMs - 5000;
}

/** A leg that has just connected. */
export function opened(epoch: number, legId: string | null, nowMs: number): Phase {
  return {
    kind: 'up',
    epoch,
    legId,
    audible: false,
    held: false,
    openedMs: nowMs,
    heardMs: nowMs,
    stallTold: false,
  };
}

/** The same step, with one more action before its own. */
export function withAction([life, actions]: Step, action: RoomAction): Step {
  return [life, [action, ...actions]];
}
