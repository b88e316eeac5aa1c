import { stateOf, type PlayerState, type Status } from '../status.ts';
import type { ErrorKind } from '../player-error.ts';

/** Every text of the player in one language; a missing one fails the type check. */
export interface Strings {
  /** Names of the button by what it does next. */
  listen: string;
  stop: string;
  again: string;
  retry: string;
  mute: string;
  unmute: string;
  volume: string;
  /** Accessible name of the whole player; `title` is the room's. */
  player(title: string): string;
  /** Status line by state; errors have their own. */
  status: Record<Exclude<PlayerState, 'error'>, string>;
  /** The relay cannot get a line to the conference and keeps trying. */
  unavailable: string;
  /** Reconnecting for the `attempt`th time (from 3). */
  attempt(attempt: number): string;
  /** Announced when sound is back after a loss. */
  liveAgain: string;
  error: Record<ErrorKind, string>;
}

const COUNTED_FROM = 3;

/** The status line's words. */
export function statusText(status: Status, strings: Strings): string {
  if (status.phase === 'error') return strings.error[status.error.kind];
  const state = stateOf(status);
  if (state === 'error') return '';
  if (status.phase === 'listening') {
    const { room, attempt } = status;
    if (state === 'connecting' && room === 'unavailable') return strings.unavailable;
    if (state === 'reconnecting' && attempt >= COUNTED_FROM) return strings.attempt(attempt);
  }
  return strings.status[state];
}
