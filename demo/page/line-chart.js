import { Plot, shape } from './plot.js';

/** Samples farther apart than this are not joined by a line: nobody listened in between, ms. */
const GAP_MS = 1500;
/** Room above the highest line, so that it is not cut, px. */
const TOP_PX = 4;

/** One figure over the last minute. */
export class LineChart {
  #plot;
  #name;
  #key;
  #unit;
  #leastTop;

  /** `key`: which figure of a sample; `leastTop`: the scale ends no lower, so that noise stays small. */
  constructor(svg, { name, key, unit, leastTop }, onResize) {
    this.#plot = new Plot(svg, onResize);
    this.#name = name;
    this.#key = key;
    this.#unit = unit;
    this.#leastTop = leastTop;
  }

  draw({ samples }, nowMs) {
    const known = samples.filter((sample) => sample[this.#key] !== undefined);
    const values = known.map((sample) => sample[this.#key]);
    const top = roundUp(Math.max(this.#leastTop, ...values));
    const { width, height } = this.#plot;
    const y = (value) => height - (value / top) * (height - TOP_PX);
    const shapes = [0.5, 1].map((share) =>
      shape('line', { class: 'grid', x1: 0, x2: width, y1: y(share * top), y2: y(share * top) }),
    );
    for (const run of runsOf(known)) {
      const points = run.map(
        (sample) => `${round(this.#plot.xOf(sample.atMs, nowMs))} ${round(y(sample[this.#key]))}`,
      );
      const [fromX, toX] = [run[0], run.at(-1)].map(({ atMs }) => round(this.#plot.xOf(atMs, nowMs)));
      const line = `M${points.join('L')}`;
      shapes.push(shape('path', { class: 'area', d: `${line}L${toX} ${height}L${fromX} ${height}Z` }));
      shapes.push(shape('path', { class: 'line', d: line }));
    }
    shapes.push(shape('text', { class: 'scale', x: 3, y: 16 }, `${top} ${this.#unit}`));
    this.#plot.show(this.#label(values), shapes);
  }

  #label(values) {
    if (values.length === 0) return `${this.#name}: nothing yet`;
    const [least, most] = [Math.min(...values), Math.max(...values)].map(Math.round);
    return `${this.#name} in the last 60 s: ${least} to ${most} ${this.#unit}`;
  }
}

function runsOf(samples) {
  const runs = [];
  let previousMs = -Infinity;
  for (const sample of samples) {
    if (sample.atMs - previousMs > GAP_MS) runs.push([]);
    runs.at(-1).push(sample);
    previousMs = sample.atMs;
  }
  return runs;
}

/** The next of 1, 2, 4, 5 and their tens. */
function roundUp(value) {
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((step) => step * ten).find((step) => step >= value);
}

function round(px) {
  return Math.round(px * 10) / 10;
}
