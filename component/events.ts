import type { PlayerError } from './player-error.ts';
import type { SessionStats } from './session.ts';
import type { PlayerState } from './status.ts';

/** Who started: the player's button, a script's `play()`, or the attribute `autoplay`. */
export type PlayTrigger = 'user' | 'script' | 'autoplay';

/** Who stopped: the player's button, a script's `stop()`, the end of the conference, an error, or leaving the page. */
export type StopTrigger = 'user' | 'script' | 'ended' | 'error' | 'removed';

/** `conf-statechange`: the state has changed. `error` is set in the state `error`. */
export type StateChangeEvent = CustomEvent<{
  state: PlayerState;
  previous: PlayerState;
  error: PlayerError | null;
}>;

/** `conf-play`: listening is about to start; `preventDefault()` keeps it from doing so (consent, sign-in). */
export type PlayEvent = CustomEvent<{ trigger: PlayTrigger }>;

/** `conf-stop`: listening has ended. */
export type StopEvent = CustomEvent<{ trigger: StopTrigger }>;

/** `conf-error`: something stands in the way of listening; comes with `conf-statechange`. */
export type ErrorEvent = CustomEvent<PlayerError>;

/** `conf-stats`: the figures of `getStats()`, every 10 s while connected. */
export type StatsEvent = CustomEvent<SessionStats>;

/** The player's events by name; all bubble and leave shadow roots. */
export interface ConfEventMap {
  'conf-statechange': StateChangeEvent;
  'conf-play': PlayEvent;
  'conf-stop': StopEvent;
  'conf-error': ErrorEvent;
  'conf-stats': StatsEvent;
}

/** Sends an event of the player: it bubbles and leaves shadow roots. Returns whether nobody has forbidden it. */
export function emit<Name extends keyof ConfEventMap>(
  player: EventTarget,
  type: Name,
  detail: ConfEventMap[Name]['detail'],
  cancelable = false,
): boolean {
  return player.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable }));
}

declare global {
  interface HTMLElementEventMap extends ConfEventMap {}
}
