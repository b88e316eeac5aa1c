import type { Caption } from './caption-lines.ts';
import type { PlayerError } from './player-error.ts';
import type { RoomMeta, SessionStats } from './session-parts.ts';
import type { PlayerState } from './status.ts';

/** Who started: the player's button, a script's `play()`, the attribute `autoplay`, or the system's own controls. */
export type PlayTrigger = 'user' | 'script' | 'autoplay' | 'mediasession';

/**
 * Who stopped: the player's button, a script's `stop()`, the system's own controls, another player that started
 * (`exclusive`), the end of the conference, an error, or leaving the page.
 */
export type StopTrigger = 'user' | 'script' | 'mediasession' | 'exclusive' | 'ended' | 'error' | 'removed';

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

/** `conf-volumechange`: the volume (0…1) or the muting has changed. */
export type VolumeChangeEvent = CustomEvent<{ volume: number; muted: boolean }>;

/** `conf-meta`: something of what the relay tells of the room has changed. */
export type MetaEvent = CustomEvent<RoomMeta>;

/** `conf-notice`: what the operator has to say to who listens; `text` is '' when that is over. */
export type NoticeEvent = CustomEvent<{ text: string }>;

/** `conf-caption`: a piece of text whose sound is heard now; the same `id` replaces what it said before. */
export type CaptionEvent = CustomEvent<Caption>;

/** `conf-stats`: the figures of `getStats()`, every 10 s while connected. */
export type StatsEvent = CustomEvent<SessionStats>;

/** `conf-level`: loudness of what is heard, dBFS, ten times a second where `level-events` asks for it. */
export type LevelEvent = CustomEvent<{ rms: number; peak: number }>;

/** The player's events by name; all bubble and leave shadow roots. */
export interface ConfEventMap {
  'conf-statechange': StateChangeEvent;
  'conf-play': PlayEvent;
  'conf-stop': StopEvent;
  'conf-error': ErrorEvent;
  'conf-volumechange': VolumeChangeEvent;
  'conf-meta': MetaEvent;
  'conf-notice': NoticeEvent;
  'conf-caption': CaptionEvent;
  'conf-stats': StatsEvent;
  'conf-level': LevelEvent;
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
  /** Elements, documents and windows: the events reach them all. */
  interface GlobalEventHandlersEventMap extends ConfEventMap {}
}
