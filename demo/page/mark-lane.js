import { Plot, shape } from './plot.js';

/** What has happened now and then in the last minute, a tick each time. */
export class MarkLane {
  #plot;
  #name;
  #kind;

  /** `kind`: which marks of the history. */
  constructor(svg, { name, kind }, onResize) {
    this.#plot = new Plot(svg, onResize);
    this.#name = name;
    this.#kind = kind;
  }

  draw({ marks }, nowMs) {
    const { width, height } = this.#plot;
    const mine = marks.filter(({ kind, atMs }) => kind === this.#kind && atMs <= nowMs);
    const ticks = mine.map(({ atMs }) => {
      const x = Math.min(width - 2, this.#plot.xOf(atMs, nowMs));
      return shape('rect', {
        class: `tick ${this.#kind}`,
        x: x.toFixed(1),
        y: 1,
        width: 3,
        height: height - 2,
      });
    });
    const times = mine.reduce((sum, { count }) => sum + count, 0);
    const rail = shape('line', { class: 'grid', x1: 0, x2: width, y1: height / 2, y2: height / 2 });
    this.#plot.show(`${this.#name} in the last 60 s: ${times}`, [rail, ...ticks]);
  }
}
