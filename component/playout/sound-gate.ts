import { discardAudio, leaseAudio, type AudioLease } from './audio-context.ts';

/** `blocked`: the browser wants a gesture first, or has taken sound away · `missing`: there is no sound to be had. */
export type SoundNews = 'running' | 'blocked' | 'missing';

/** Without a gesture a browser that allows sound starts it sooner than this, ms. */
const BLOCKED_MS = 300;
/** With a gesture sound starts (Firefox: within 1.8 s) or there is no device. facts/playout.md §1. */
const NO_DEVICE_MS = 5000;

/** One player's way to running sound: asks for it, waits for it, and tells what becomes of it. */
export class SoundGate {
  readonly #onNews: (news: SoundNews) => void;
  #lease: AudioLease | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #news: SoundNews | undefined;

  /** `onNews` may be called before {@link open} returns. */
  constructor(onNews: (news: SoundNews) => void) {
    this.#onNews = onNews;
  }

  /** The context; undefined while closed. */
  get context(): AudioContext | undefined {
    return this.#lease?.context;
  }

  /** Asks for sound; call it inside the user's gesture if there is one. */
  open(): void {
    this.close();
    try {
      this.#lease = leaseAudio(() => this.#onChange());
    } catch {
      // No Web Audio here, or the browser refuses another context.
      this.#tell('missing');
      return;
    }
    if (this.#lease.context.state === 'running') {
      this.#tell('running');
      return;
    }
    // Safari before 16.4 cannot say, and gets the longer time.
    const gesture = navigator.userActivation?.isActive ?? true;
    this.#timer = setTimeout(
      () => this.#tell(gesture ? 'missing' : 'blocked'),
      gesture ? NO_DEVICE_MS : BLOCKED_MS,
    );
  }

  /** Lets go of the context. */
  close(): void {
    clearTimeout(this.#timer);
    this.#lease?.release();
    this.#lease = undefined;
    this.#news = undefined;
  }

  /** The device stands still: gives its context up, for the next {@link open} to make another. */
  discard(): void {
    this.close();
    discardAudio();
  }

  #onChange(): void {
    if (this.context?.state === 'running') this.#tell('running');
    else if (this.#news === 'running') this.#tell('blocked');
  }

  #tell(news: SoundNews): void {
    clearTimeout(this.#timer);
    if (news === this.#news) return;
    this.#news = news;
    this.#onNews(news);
  }
}
