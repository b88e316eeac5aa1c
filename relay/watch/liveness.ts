import { repeat, type Cancel, type Clock } from '../clock.ts';
import { problem, type Problem } from '../errors.ts';

const BEAT_EVERY_MS = 1000;
/** A loop that was held up for longer is stuck. */
const STUCK_MS = 10_000;
/** So long after it has come free again a stall is still told, ms. */
const TOLD_FOR_MS = 30_000;

/**
 * Whether the relay lives, for `/healthz`, which fails slowly: whoever asks it kills the process on a no. An event loop
 * that is stuck answers nobody, and that is half of the answer: whoever asks must take no answer for a no (with a
 * patience of 10 s or more). The other half is said here: a loop that was stuck and came free for a moment still says
 * so for 30 s, so that one that stalls again and again is found out by a question now and then.
 */
export class Liveness {
  readonly #clock: Clock;
  readonly #stop: Cancel;
  #beatAtMs: number;
  #stuckUntilMs = Number.NEGATIVE_INFINITY;

  /** Begins to beat, once a second. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beatAtMs = clock.nowMs();
    this.#stop = repeat(clock, BEAT_EVERY_MS, () => this.#beat());
  }

  /** Why the relay should be started anew; undefined while it lives. */
  get hindrance(): Problem | undefined {
    this.#note(this.#clock.nowMs());
    if (this.#clock.nowMs() - this.#stuckUntilMs >= TOLD_FOR_MS) return undefined;
    return problem('stuck', 'The relay did nothing at all for more than 10 s, a moment ago.');
  }

  /** Beats no more. */
  close(): void {
    this.#stop();
  }

  #beat(): void {
    const nowMs = this.#clock.nowMs();
    this.#note(nowMs);
    this.#beatAtMs = nowMs;
  }

  /** A question may come in after a stall before the beat does. */
  #note(nowMs: number): void {
    if (nowMs - this.#beatAtMs - BEAT_EVERY_MS > STUCK_MS) this.#stuckUntilMs = nowMs;
  }
}
