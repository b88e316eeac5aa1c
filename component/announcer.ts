import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { PlayerState } from './status.ts';

/** A text for assistive technology, and how long its cause must last before it is worth saying, ms. */
export interface Announcement {
  text: string;
  afterMs: number;
}

/** Screen readers in browse mode would read a text that stays a second time. */
const CLEAR_MS = 3000;
/** States worth a word, and after how many ms. */
const AFTER_MS: Readonly<Partial<Record<PlayerState, number>>> = {
  blocked: 0,
  connecting: 2000,
  waiting: 0,
  live: 0,
  buffering: 1500,
  reconnecting: 2000,
  ended: 0,
  error: 0,
};

/** What is said when `state` begins, given the state last said. Pure. */
export function announcementOf(
  state: PlayerState,
  said: PlayerState | undefined,
  text: string,
  liveAgain: string,
): Announcement | undefined {
  const afterMs = AFTER_MS[state];
  const known = said === state && (state === 'live' || state === 'reconnecting');
  if (afterMs === undefined || known) return undefined;
  return { text: state === 'live' && said === 'reconnecting' ? liveAgain : text, afterMs };
}

/** Holds the text of the player's one live region: debounced, and emptied after 3 s. */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #text = '';
  #said: PlayerState | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Belongs to `host`. */
  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** What the live region holds now. */
  get text(): string {
    return this.#text;
  }

  /** The player's state is now `state`, shown as `text`. */
  tell(state: PlayerState, text: string, liveAgain: string): void {
    if (state === 'idle') this.#said = undefined;
    clearTimeout(this.#timer);
    const announcement = announcementOf(state, this.#said, text, liveAgain);
    this.#say('');
    if (!announcement) return;
    this.#timer = setTimeout(() => {
      this.#said = state;
      this.#say(announcement.text);
      this.#timer = setTimeout(() => this.#say(''), CLEAR_MS);
    }, announcement.afterMs);
  }

  /** Nothing is said outside a page. */
  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#text = '';
  }

  #say(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#host.requestUpdate();
  }
}
