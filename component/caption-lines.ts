import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** A piece of what is being said: detail of `conf-caption`. The same `id` replaces what it said before. */
export interface Caption {
  id: string;
  text: string;
  /** It will not change any more. */
  final: boolean;
  speaker?: string;
  /** BCP 47. */
  lang?: string;
}

const KEPT = 3;
/** So long after the last words the region is empty again, ms. */
const CLEAR_MS = 6000;

/** The captions on show: the last three pieces, gone 6 s after the last word. */
export class CaptionLines implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #lines: readonly Caption[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether there has ever been one: only then is there something to switch on. */
  known = false;

  /** Belongs to `host`. */
  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** What is on show, oldest first. */
  get lines(): readonly Caption[] {
    return this.#lines;
  }

  /** Shows a caption, in its old place if it has one. */
  show(caption: Caption): void {
    this.known = true;
    const has = this.#lines.some(({ id }) => id === caption.id);
    const lines = this.#lines.map((line) => (line.id === caption.id ? caption : line));
    // An empty text takes back what it said.
    this.#set((has ? lines : [...lines, caption]).filter(({ text }) => text).slice(-KEPT));
    this.#timer = setTimeout(() => this.clear(), CLEAR_MS);
  }

  /** Shows nothing. */
  clear(): void {
    this.#set([]);
  }

  /** Nothing waits outside a page, and a player that only moved would keep its words. */
  hostDisconnected(): void {
    this.clear();
  }

  #set(lines: readonly Caption[]): void {
    clearTimeout(this.#timer);
    this.#lines = lines;
    this.#host.requestUpdate();
  }
}
