import type { RoomState } from '../wire/messages.ts';
import type { Fault } from './player-error.ts';

/** What the player is doing, as its user is told; exactly one at a time. */
export type PlayerState =
  | 'idle'
  | 'blocked'
  | 'connecting'
  | 'waiting'
  | 'live'
  | 'silent'
  | 'buffering'
  | 'reconnecting'
  | 'ended'
  | 'error';

/** What is known while listening. */
export interface Listening {
  phase: 'listening';
  /** The room's state as the relay last told; undefined before its first `hello`. */
  room: RoomState | undefined;
  /** 0 while the socket is up; lost, the number of the reconnect (from 1) that is to come or on its way. */
  attempt: number;
  /**
   * What its sound makes of a live room. `connecting`: not heard anything yet · `waiting`: nor since the room was waiting
   * for its host · `silent`: nobody has spoken for 10 s · `buffering`: ran out.
   */
  sound: 'connecting' | 'waiting' | 'live' | 'silent' | 'buffering';
}

/** Everything that decides the {@link PlayerState}. */
export type Status =
  | { phase: 'idle' }
  /** Waiting for the browser to let sound start. */
  | { phase: 'unlocking' }
  | { phase: 'blocked' }
  | Listening
  | { phase: 'ended' }
  | { phase: 'error'; error: Fault };

/** What happens to a player: from its user, the browser's sound, the connection and the playout. */
export type StatusEvent =
  | { kind: 'play' }
  | { kind: 'stop' }
  /** Room or relay are others now. */
  | { kind: 'moved' }
  | { kind: 'sound-running' }
  /** The browser does not let sound start, or has taken it away. */
  | { kind: 'sound-blocked' }
  | { kind: 'room'; room: RoomState }
  | { kind: 'lost'; attempt: number }
  /** `sounding`: there is something to hear, be it the silence of a room where nobody speaks. */
  | { kind: 'heard'; sounding: boolean; quietForSec: number }
  | { kind: 'failed'; error: Fault };

/** What the caller has to do after a step, in order. */
export type StatusAction = 'unlock' | 'connect' | 'disconnect' | 'release';

const QUIET_SEC = 10;
const START: Listening = { phase: 'listening', room: undefined, attempt: 0, sound: 'connecting' };

/** The status after an event and what to do about it. Pure: no I/O, no clock. */
export function step(status: Status, event: StatusEvent): [Status, StatusAction[]] {
  const { phase } = status;
  switch (event.kind) {
    case 'play':
      if (!isPlaying(status)) return [{ phase: 'unlocking' }, ['unlock']];
      break;
    case 'stop':
      return [{ phase: 'idle' }, ['release']];
    case 'failed':
      return [{ phase: 'error', error: event.error }, ['release']];
    case 'sound-running':
      if (phase === 'unlocking' || phase === 'blocked') return [START, ['connect']];
      break;
    case 'moved':
      if (phase === 'listening') return [START, ['disconnect', 'connect']];
      break;
    case 'sound-blocked':
      if (isPlaying(status)) return [{ phase: 'blocked' }, ['disconnect']];
      break;
    case 'room':
      if (phase === 'listening' && event.room === 'ended') return [{ phase: 'ended' }, ['release']];
  }
  return [phase === 'listening' ? heard(status, event) : status, []];
}

/** What is known after an event that asks for no action; the same object when it is the same. */
function heard(status: Listening, event: StatusEvent): Listening {
  let { room, attempt, sound } = status;
  switch (event.kind) {
    case 'room':
      ({ room } = event);
      attempt = 0;
      // A room that turns live has not sounded yet; what is buffered of another state is not worth telling.
      if (room !== 'live') sound = room === 'waiting' ? room : 'connecting';
      break;
    case 'lost':
      ({ attempt } = event);
      break;
    case 'heard':
      if (event.sounding) sound = event.quietForSec > QUIET_SEC ? 'silent' : 'live';
      else if (sound === 'live' || sound === 'silent') sound = 'buffering';
  }
  const same = room === status.room && attempt === status.attempt && sound === status.sound;
  return same ? status : { phase: 'listening', room, attempt, sound };
}

/** Whether the user has pressed Listen and not been stopped since. */
export function isPlaying({ phase }: Status): boolean {
  return phase === 'unlocking' || phase === 'listening';
}

/** What to tell the user. Sound that still plays outweighs a lost connection: it may be back before it ends. */
export function stateOf(status: Status): PlayerState {
  if (status.phase === 'unlocking') return 'connecting';
  if (status.phase !== 'listening') return status.phase;
  const { room, attempt, sound } = status;
  if (attempt > 0 && sound !== 'live') return room ? 'reconnecting' : 'connecting';
  if (room === 'live') return sound;
  return room === 'waiting' ? room : 'connecting';
}
