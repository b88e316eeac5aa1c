import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { NO_LEVEL, nextLevel, shareOf } from './level.ts';

/** Loudness at this moment, dBFS; undefined while nothing sounds. */
type Source = () => { rmsDb: number; peakDb: number } | undefined;

/** Between two pictures for people who asked for less motion, ms. */
const CALM_MS = 250;

const SILENCE = { rmsDb: -Infinity, peakDb: -Infinity };

/**
 * The meter's view: moves two bars by transform in animation frames, only while {@link run} and on screen. Hidden
 * tabs have no animation frames. The bars show what is heard, not what arrives.
 */
export class LevelMeter implements ReactiveController {
  readonly #source: Source;
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #watcher = new IntersectionObserver((entries) => {
    this.#visible = entries.at(-1)?.isIntersecting ?? false;
    this.#schedule();
  });
  #bars: HTMLElement[] = [];
  #level = NO_LEVEL;
  #visible = false;
  #running = false;
  #frame: number | undefined;

  /** Shows `source`; belongs to `host`. */
  constructor(host: ReactiveControllerHost, source: Source) {
    this.#source = source;
    host.addController(this);
  }

  /** Takes the two bars inside `meter`: what is filled, and the mark of the peak. */
  attach(meter: Element): void {
    if (this.#bars.length > 0) return;
    this.#bars = [...meter.querySelectorAll('div')];
    this.#watcher.observe(meter);
  }

  /** Moves, or falls back to nothing and rests. */
  run(running: boolean): void {
    this.#running = running;
    this.#schedule();
  }

  /** An element that was moved in the page goes on. */
  hostConnected(): void {
    this.#schedule();
  }

  /** Nothing moves outside a page. */
  hostDisconnected(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  #schedule(): void {
    if (this.#visible) this.#frame ??= requestAnimationFrame((nowMs) => this.#draw(nowMs));
  }

  #draw(nowMs: number): void {
    this.#frame = undefined;
    if (!this.#calm.matches || nowMs - this.#level.atMs >= CALM_MS) {
      const { rmsDb, peakDb } = this.#source() ?? SILENCE;
      this.#level = nextLevel(this.#level, rmsDb, peakDb, nowMs);
      // At nothing the mark lies just outside its track.
      const peak = shareOf(this.#level.peakDb) * 100 || -100;
      const moves = [`scaleX(${shareOf(this.#level.barDb).toFixed(3)})`, `translateX(${peak.toFixed(1)}%)`];
      for (const [n, bar] of this.#bars.entries()) bar.style.setProperty('transform', moves[n] ?? '');
    }
    if (this.#running || shareOf(this.#level.barDb) > 0) this.#schedule();
  }
}
