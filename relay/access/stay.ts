import type { Cancel, Clock } from '../clock.ts';
import type { Problem } from '../errors.ts';
import { refusalOf } from './access-refusal.ts';
import type { AccessVerdict } from './room-access.ts';

/** A timer cannot wait longer (Node, `setTimeout`). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a stay is made of. */
export interface StayParts {
  /** Unix milliseconds; undefined for who was let in without a ticket, or may stay without. */
  untilMs: number | undefined;
  /** What a new ticket of its listener is worth. */
  check: (ticket: string) => Promise<AccessVerdict>;
  /** The listener has gone. Called once. */
  onLeave: () => void;
  clock: Clock;
}

/** The stay of a listener, from being let in to leaving. Whoever carries its sound watches the stay. */
export class Stay {
  readonly #parts: StayParts;
  #left = false;
  #onOver: ((refusal: Problem) => void) | undefined;
  #cancel: Cancel = () => {};

  constructor(parts: StayParts) {
    this.#parts = parts;
  }

  /** From now on `onOver` is told why the listener may not stay any longer; at most once. */
  watch(onOver: (refusal: Problem) => void): void {
    if (this.#parts.untilMs === undefined) return;
    this.#onOver = onOver;
    this.extend(this.#parts.untilMs);
  }

  /** The listener shows a new ticket, for as long as it is good; one that is none ends the stay. */
  async renew(ticket: string): Promise<void> {
    // Who was let in without needs none.
    if (this.#parts.untilMs === undefined) return;
    const verdict = await this.#parts.check(ticket);
    if (verdict.kind === 'let-in') this.extend(verdict.untilMs);
    // The ticket before is good up to its own end.
    else if (verdict.refusal.code !== 'keys-unavailable') this.end(verdict.refusal);
  }

  /** The listener may not stay. */
  end(refusal: Problem): void {
    if (this.#left) return;
    this.#cancel();
    this.#onOver?.(refusal);
    this.#onOver = undefined;
  }

  /** The listener has gone; once is enough. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#cancel();
    this.#parts.onLeave();
  }

  /** The listener may stay until then, by the wall clock of this moment (it may jump then); undefined changes nothing. */
  extend(untilMs: number | undefined): void {
    if (untilMs !== undefined) this.#wait(Math.max(0, untilMs - this.#parts.clock.wallMs()));
  }

  #wait(forMs: number): void {
    this.#cancel();
    if (this.#left) return;
    const nextMs = Math.min(forMs, LONGEST_TIMER_MS);
    this.#cancel = this.#parts.clock.after(nextMs, () =>
      nextMs < forMs ? this.#wait(forMs - nextMs) : this.end(refusalOf('ticket-expired')),
    );
  }
}
