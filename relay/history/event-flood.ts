/** Lines of one event that are kept of a minute. */
const MOST_PER_MINUTE = 600;
const MINUTE_MS = 60_000;
/** Events have names of the code's, and there are fewer. */
const MAX_EVENTS = 200;

/** Whoever can make the relay warn, such as by refused legs, must not fill its disk: 600 lines of an event a minute. */
export class EventFlood {
  readonly #counts = new Map<string, number>();
  #untilMs = -Infinity;

  /** Whether one more of `event` is kept. */
  admits(event: string, nowMs: number): boolean {
    if (nowMs >= this.#untilMs) {
      this.#counts.clear();
      this.#untilMs = nowMs + MINUTE_MS;
    }
    const count = this.#counts.get(event) ?? 0;
    if (count >= MOST_PER_MINUTE || (count === 0 && this.#counts.size >= MAX_EVENTS)) return false;
    this.#counts.set(event, count + 1);
    return true;
  }
}
