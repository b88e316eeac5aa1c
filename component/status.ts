import type { RoomState } from '../wire/messages.ts';
import type { PlayerError } from './player-error.ts';

/** What the player is doing, as its user is told; exactly one at a time. facts/embedding.md §3.3. */
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
  /** `lost`: the socket is gone, and reconnect number `attempt` (from 1) is to come or on its way. */
  link: 'up' | 'lost';
  attempt: number;
  /**
   * `none`: not heard anything yet · `awaited`: nor since the room was waiting for its host · `quiet`: nobody has
   * spoken for 10 s, or nothing is sent · `dry`: ran out.
   */
  sound: 'none' | 'awaited' | 'sounding' | 'quiet' | 'dry';
}

/** Everything that decides the {@link PlayerState}. */
export type Status =
  | { phase: 'idle' }
  /** Waiting for the browser to let sound start. */
  | { phase: 'unlocking' }
  | { phase: 'blocked' }
  | Listening
  | { phase: 'ended' }
  | { phase: 'error'; error: PlayerError };

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
  /** The relay's media clock: it has nothing older to send than what has come. */
  | { kind: 'clock' }
  | { kind: 'lost'; attempt: number }
  | { kind: 'heard'; sounding: boolean; quietForSec: number }
  | { kind: 'failed'; error: PlayerError };

/** What the caller has to do after a step, in order. */
export type StatusAction = 'unlock' | 'connect' | 'disconnect' | 'release';

const QUIET_SEC = 10;
const START: Listening = { phase: 'listening', room: undefined, link: 'up', attempt: 0, sound: 'none' };

/** The status after an event and what to do about it. Pure: no I/O, no clock. */
export function step(status: Status, event: StatusEvent): [Status, StatusAction[]] {
  switch (event.kind) {
    case 'play':
      return isPlaying(status) ? [status, []] : [{ phase: 'unlocking' }, ['unlock']];
    case 'stop':
      return [{ phase: 'idle' }, ['release']];
    case 'failed':
      return [{ phase: 'error', error: event.error }, ['release']];
    case 'sound-running':
      if (status.phase !== 'unlocking' && status.phase !== 'blocked') return [status, []];
      return [START, ['connect']];
    case 'moved':
      return status.phase === 'listening' ? [START, ['disconnect', 'connect']] : [status, []];
    case 'sound-blocked':
      return isPlaying(status) ? [{ phase: 'blocked' }, ['disconnect']] : [status, []];
    case 'room':
    case 'clock':
    case 'lost':
    case 'heard':
      return status.phase === 'listening' ? listen(status, event) : [status, []];
    default:
      return event satisfies never;
  }
}

type ListeningEvent = Extract<StatusEvent, { kind: 'room' | 'clock' | 'lost' | 'heard' }>;

function listen(status: Listening, event: ListeningEvent): [Status, StatusAction[]] {
  switch (event.kind) {
    case 'room':
      if (event.room === 'ended') return [{ phase: 'ended' }, ['release']];
      return [
        { ...status, room: event.room, link: 'up', attempt: 0, sound: soundIn(event.room, status) },
        [],
      ];
    case 'clock':
      // Messages keep their order: when a clock comes while nothing sounds, the room itself is silent.
      return [
        status.sound === 'sounding' || status.sound === 'quiet' ? status : { ...status, sound: 'quiet' },
        [],
      ];
    case 'lost':
      return [{ ...status, link: 'lost', attempt: event.attempt }, []];
    case 'heard': {
      let { sound } = status;
      if (event.sounding) sound = event.quietForSec > QUIET_SEC ? 'quiet' : 'sounding';
      else if (sound === 'sounding') sound = 'dry';
      return [sound === status.sound ? status : { ...status, sound }, []];
    }
    default:
      return event satisfies never;
  }
}

/** A room that turns live has not sounded yet; what is buffered of another state is not worth telling. */
function soundIn(room: RoomState, { sound }: Listening): Listening['sound'] {
  if (room === 'live') return sound;
  return room === 'waiting' ? 'awaited' : 'none';
}

/** Whether the user has pressed Listen and not been stopped since. */
export function isPlaying(status: Status): boolean {
  return status.phase === 'unlocking' || status.phase === 'listening';
}

/** What to tell the user. Sound that still plays outweighs a lost connection: it may be back before it ends. */
export function stateOf(status: Status): PlayerState {
  switch (status.phase) {
    case 'unlocking':
      return 'connecting';
    case 'listening':
      return listeningState(status);
    case 'idle':
    case 'blocked':
    case 'ended':
    case 'error':
      return status.phase;
    default:
      return status satisfies never;
  }
}

function listeningState({ room, link, sound }: Listening): PlayerState {
  if (link === 'lost' && sound !== 'sounding') return room ? 'reconnecting' : 'connecting';
  switch (room) {
    case 'live':
      break;
    case 'waiting':
      return 'waiting';
    case undefined:
    case 'idle':
    case 'connecting':
    case 'unavailable':
    case 'ended':
      return 'connecting';
    default:
      return room satisfies never;
  }
  switch (sound) {
    case 'none':
      return 'connecting';
    case 'awaited':
      return 'waiting';
    case 'sounding':
      return 'live';
    case 'quiet':
      return 'silent';
    case 'dry':
      return 'buffering';
    default:
      return sound satisfies never;
  }
}
