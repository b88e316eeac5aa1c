/** `blocked`: the browser wants a gesture first, or has taken sound away · `missing`: there is no sound to be had. */
export type SoundNews = 'running' | 'blocked' | 'missing';

/** Without a gesture a browser that allows sound starts it sooner than this, ms. */
const BLOCKED_MS = 300;
/** With a gesture sound starts (Firefox: within 1.8 s) or there is no device. facts/playout.md §1. */
const NO_DEVICE_MS = 5000;
/** A context without players is suspended after this, ms. */
const IDLE_MS = 10_000;
const WAKE_EVENTS = ['pointerup', 'click', 'keydown', 'visibilitychange', 'pageshow'] as const;

/** The page's one AudioContext, and the gates that are open to it. */
let context: AudioContext | undefined;
const gates = new Set<SoundGate>();
let idle: ReturnType<typeof setTimeout> | undefined;

/** Gives up a context whose device stands still: the next gate to open makes a new one. */
export function discardAudio(): void {
  clearTimeout(idle);
  gates.clear();
  void context?.close();
  context = undefined;
}

/** Made at the native rate; engines start sound only inside a gesture, so every one on the page tries again. */
function newContext(): AudioContext {
  const made = new AudioContext({ latencyHint: 'playback' });
  made.addEventListener('statechange', () => {
    for (const gate of gates) gate.onChange();
  });
  for (const type of WAKE_EVENTS) addEventListener(type, wake, true);
  return made;
}

/** Not while `interrupted` (Safari): a resume() then ends in a running context with a frozen clock. */
function wake(): void {
  // A refused resume() stays pending or rejects; either way the next gesture tries again.
  if (gates.size > 0 && context?.state !== 'interrupted') context?.resume().catch(() => {});
}

/**
 * One player's way to running sound: asks for it, waits for it, and tells what becomes of it. All players share the
 * page's one context. After facts/playout.md §1 (start semantics) and §3, engine rules 5 and 8.
 */
export class SoundGate {
  readonly #onNews: (news: SoundNews) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #news: SoundNews | undefined;

  /** `onNews` may be called before {@link open} returns. */
  constructor(onNews: (news: SoundNews) => void) {
    this.#onNews = onNews;
  }

  /** The context; undefined while closed. */
  get context(): AudioContext | undefined {
    return gates.has(this) ? context : undefined;
  }

  /** Asks for sound; call it inside the user's gesture if there is one. */
  open(): void {
    this.close();
    try {
      context ??= newContext();
    } catch {
      // No Web Audio here, or the browser refuses another context.
      this.#tell('missing');
      return;
    }
    clearTimeout(idle);
    gates.add(this);
    wake();
    // Safari before 16.4 cannot say, and gets the longer time.
    const gesture = navigator.userActivation?.isActive ?? true;
    this.#timer = setTimeout(
      () => this.#tell(gesture ? 'missing' : 'blocked'),
      gesture ? NO_DEVICE_MS : BLOCKED_MS,
    );
    this.onChange();
  }

  /** Lets go of the context. */
  close(): void {
    clearTimeout(this.#timer);
    this.#news = undefined;
    if (gates.delete(this) && gates.size === 0) idle = setTimeout(() => void context?.suspend(), IDLE_MS);
  }

  /** @internal The context's state has changed. */
  onChange(): void {
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
