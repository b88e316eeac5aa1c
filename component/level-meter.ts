import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { NO_LEVEL, nextLevel, shareOf } from './level.ts';

/** Loudness at this moment, dBFS; undefined while nothing sounds. */
type Source = () => { rmsDb: number; peakDb: number } | undefined;

/** Between two pictures for people who asked for less motion, ms. */
const CALM_MS = 250;

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
  #bars: { fill: HTMLElement; peak: HTMLElement } | undefined;
  #level = NO_LEVEL;
  #visible = false;
  #running = false;
  #frame: number | undefined;

  /** Shows `source`; belongs to `host`. */
  constructor(host: ReactiveControllerHost, source: Source) {
    this.#source = source;
    host.addController(this);
  }

  /** Takes the two bars inside `meter`. */
  attach(meter: Element, fill: HTMLElement, peak: HTMLElement): void {
    this.#bars = { fill, peak };
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
    if (!this.#visible || !this.#bars) return;
    this.#frame ??= requestAnimationFrame((nowMs) => this.#draw(nowMs));
  }

  #draw(nowMs: number): void {
    this.#frame = undefined;
    if (!this.#calm.matches || nowMs - this.#level.atMs >= CALM_MS) {
      const heard = this.#source();
      const { rmsDb, peakDb } = heard ?? { rmsDb: -Infinity, peakDb: -Infinity };
      this.#level = nextLevel(this.#level, rmsDb, peakDb, nowMs);
      this.#bars?.fill.style.setProperty('transform', `scaleX(${shareOf(this.#level.barDb).toFixed(3)})`);
      // At nothing the mark lies just outside its track.
      const peak = shareOf(this.#level.peakDb) * 100 || -100;
      this.#bars?.peak.style.setProperty('transform', `translateX(${peak.toFixed(1)}%)`);
    }
    if (this.#running || shareOf(this.#level.barDb) > 0) this.#schedule();
  }
}
