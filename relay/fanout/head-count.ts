import type { Cancel, Clock } from '../clock.ts';

/** From so many listeners on the number is told less often, and nobody minds. */
const MANY = 1000;
const TELL_EVERY_MS = 1000;
const TELL_MANY_EVERY_MS = 5000;

/** When a room's listeners are told how many they are: not more often than once a second, and only what is new. */
export class HeadCount {
  readonly #time: Pick<Clock, 'after'>;
  readonly #tell: (listeners: number) => void;
  /** What all who are there were told last; undefined where they were told different things. */
  #told: number | undefined;
  #listeners = 0;
  #cancel: Cancel | undefined;
  #closed = false;

  /** `tell` tells everybody. */
  constructor(time: Pick<Clock, 'after'>, tell: (listeners: number) => void) {
    this.#time = time;
    this.#tell = tell;
  }

  /** Somebody has come, and was told in its `hello` that there are `listeners` now. */
  joined(listeners: number): void {
    this.#told = listeners === 1 || this.#told === listeners ? listeners : undefined;
    this.#changed(listeners);
  }

  /** Somebody has gone. */
  left(listeners: number): void {
    this.#changed(listeners);
  }

  /** Tells nothing more. */
  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #changed(listeners: number): void {
    this.#listeners = listeners;
    if (listeners === 0 || listeners === this.#told) {
      this.#cancel?.();
      this.#cancel = undefined;
      return;
    }
    if (this.#cancel || this.#closed) return;
    const waitMs = listeners < MANY ? TELL_EVERY_MS : TELL_MANY_EVERY_MS;
    this.#cancel = this.#time.after(waitMs, () => {
      this.#cancel = undefined;
      this.#told = this.#listeners;
      this.#tell(this.#listeners);
    });
  }
}
