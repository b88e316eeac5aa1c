import type { Clock } from './clock.ts';
import type { Log, LogFields } from './log.ts';

/**
 * Warns of what may happen thousands of times a second: the first time at once, then with a line every `everyMs` at
 * most, which says how often it has been since the line before. Per event and per value of `code`.
 */
export class SeldomLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #last = new Map<string, { atMs: number; unsaid: number }>();

  constructor(log: Log, clock: Clock, everyMs: number) {
    this.#log = log;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** `code` is one of a few. */
  warn(event: string, fields: LogFields & { code: string }): void {
    const key = `${event} ${fields.code}`;
    const nowMs = this.#clock.nowMs();
    const last = this.#last.get(key);
    if (last && nowMs - last.atMs < this.#everyMs) {
      last.unsaid++;
      return;
    }
    this.#last.set(key, { atMs: nowMs, unsaid: 0 });
    this.#log.warn(event, { ...fields, times: 1 + (last?.unsaid ?? 0) });
  }
}
