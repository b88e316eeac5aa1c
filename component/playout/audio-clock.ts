import { SlidingPeak } from './sliding-peak.ts';

/** The time on the audio clock, ms, and whether that clock can be trusted. */
export interface ClockReading {
  nowMs: number;
  /**
   * `stalled`: the device stands still, nothing may be queued. `recovered`: it moves again, and what was queued
   * before is out of date.
   */
  state: 'steady' | 'stalled' | 'recovered';
}

const WINDOW_MS = 2000;
const STALL_MS = 300;

/**
 * Smooth audio clock. `AudioContext.currentTime` moves in steps of the output buffer (up to 171 ms): this one moves
 * with the wall clock, held to the audio clock by the greatest difference of the last 2 s. Also finds a device that
 * stands still without telling. Pure: both clocks are parameters. Measured in Chromium, Firefox and WebKitGTK.
 */
export class AudioClock {
  readonly #offset = new SlidingPeak(WINDOW_MS);
  readonly #stallMs: number;
  #audioMs = -1;
  #stalledSinceMs: number | undefined;
  #suspicious = false;

  /** `baseLatencyMs` is the context's, ms: a clock may lag by twice that and 300 ms. */
  constructor(baseLatencyMs: number) {
    this.#stallMs = STALL_MS + 2 * baseLatencyMs;
  }

  /** Takes the context's `currentTime` and the wall clock, both ms and of the same moment. */
  read(audioMs: number, wallMs: number): ClockReading {
    const moved = audioMs !== this.#audioMs;
    this.#audioMs = audioMs;
    if (this.#stalledSinceMs !== undefined && moved) {
      this.#stalledSinceMs = undefined;
      this.#suspicious = false;
      this.#offset.clear();
      return { nowMs: wallMs + this.#offset.push(audioMs - wallMs, wallMs), state: 'recovered' };
    }
    const nowMs = wallMs + this.#offset.push(audioMs - wallMs, wallMs);
    // Twice in a row: right behind a long task an engine may still show the time of before.
    const frozen = !moved && nowMs - audioMs > this.#stallMs;
    if (frozen && this.#suspicious) this.#stalledSinceMs ??= wallMs;
    this.#suspicious = frozen;
    return { nowMs, state: this.#stalledSinceMs === undefined ? 'steady' : 'stalled' };
  }

  /** For how long the device has been standing still at `wallMs`, ms; 0 when it moves. */
  stalledForMs(wallMs: number): number {
    return this.#stalledSinceMs === undefined ? 0 : wallMs - this.#stalledSinceMs;
  }
}
