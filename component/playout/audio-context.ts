const IDLE_MS = 10_000;
const WAKE_EVENTS = ['pointerup', 'click', 'keydown', 'visibilitychange', 'pageshow'] as const;

/** A player's share in the page's one AudioContext. */
export interface AudioLease {
  readonly context: AudioContext;
  /** Gives the share back; after 10 s without any the context is suspended. Twice is once. */
  release(): void;
}

let page: PageAudio | undefined;

/**
 * Leases the page's AudioContext, made at the native rate with latencyHint 'playback', and asks it to run. Call it
 * inside the user's gesture: engines start sound only there. `onChange` tells of every change of its `state`; until
 * it runs, every gesture on the page tries again. Throws what the constructor throws where there is no Web Audio.
 * After facts/playout.md §1 (start semantics) and §3, engine rules 5 and 8.
 */
export function leaseAudio(onChange: () => void): AudioLease {
  page ??= new PageAudio();
  return page.lease(onChange);
}

/** Gives up a context whose device stands still: the next lease makes a new one. */
export function discardAudio(): void {
  page?.close();
  page = undefined;
}

class PageAudio {
  readonly #context = new AudioContext({ latencyHint: 'playback' });
  readonly #players = new Set<() => void>();
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#context.addEventListener('statechange', () => {
      for (const onChange of this.#players) onChange();
    });
  }

  lease(onChange: () => void): AudioLease {
    const player = (): void => onChange();
    if (this.#players.size === 0) for (const type of WAKE_EVENTS) addEventListener(type, this.#wake, true);
    clearTimeout(this.#idle);
    this.#players.add(player);
    this.#wake();
    return { context: this.#context, release: () => this.#release(player) };
  }

  close(): void {
    for (const player of this.#players) this.#release(player);
    clearTimeout(this.#idle);
    void this.#context.close();
  }

  #release(player: () => void): void {
    if (!this.#players.delete(player) || this.#players.size > 0) return;
    for (const type of WAKE_EVENTS) removeEventListener(type, this.#wake, true);
    this.#idle = setTimeout(() => void this.#context.suspend(), IDLE_MS);
  }

  /** Not while `interrupted` (Safari): a resume() then ends in a running context with a frozen clock. */
  readonly #wake = (): void => {
    // A refused resume() stays pending or rejects; either way the next gesture tries again.
    if (this.#context.state !== 'interrupted') this.#context.resume().catch(() => {});
  };
}
