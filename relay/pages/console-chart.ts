import type { AudienceSample } from './console-records.ts';

/** A line's points, in the chart's own units; where nothing is known it breaks off. */
export interface Curve {
  /** SVG path data, '' where there is nothing. */
  path: string;
  /** The same, closed along the bottom. */
  area: string;
  /** The greatest value; null where there is none. */
  most: number | null;
  /** What the top of the chart stands for. */
  top: number;
}

/** A mark on the time axis. */
export interface TimeMark {
  /** In the chart's units. */
  x: number;
  atMs: number;
}

/** Size of the drawing, in its own units. */
export const WIDTH = 600;
export const HEIGHT = 90;

/** So many points at most: more are not to be told apart. */
const POINTS = 150;
/** Without a sample for so long the relay was away. */
const GAP_MS = 150_000;
const STEPS_MS = [10, 15, 30, 60, 120, 240, 360].map((minutes) => minutes * 60_000);
const MOST_MARKS = 6;
/** A mark's time would not fit beside the edge: share of the width. */
const EDGE = 0.06;

/** What a curve shows of a sample; null where it has nothing. */
type Value = (sample: AudienceSample) => number | null;

/** Fewer samples where there are many: the greatest of each stretch of time. Gaps stay. */
export function thinned(samples: readonly AudienceSample[], fromMs: number, toMs: number): AudienceSample[] {
  const stretchMs = Math.max(1, (toMs - fromMs) / POINTS);
  const greatest = new Map<number, AudienceSample>();
  for (const sample of samples) {
    if (sample.atMs < fromMs || sample.atMs > toMs) continue;
    const stretch = Math.floor((sample.atMs - fromMs) / stretchMs);
    const other = greatest.get(stretch);
    greatest.set(stretch, other ? greater(other, sample) : sample);
  }
  return [...greatest.values()];
}

/** The curve of a value between two moments. */
export function curveOf(
  samples: readonly AudienceSample[],
  fromMs: number,
  toMs: number,
  valueOf: Value,
): Curve {
  const values = samples.map(valueOf).filter((value) => value !== null);
  const most = values.length > 0 ? Math.max(...values) : null;
  const top = niceTop(most ?? 0);
  const gapMs = Math.max(GAP_MS, (1.6 * (toMs - fromMs)) / POINTS);
  const runs: [x: number, y: number][][] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    const value = valueOf(sample);
    if (value === null) continue;
    if (sample.atMs - lastMs > gapMs) runs.push([]);
    lastMs = sample.atMs;
    runs.at(-1)?.push([xOf(sample.atMs, fromMs, toMs), round(HEIGHT * (1 - value / top))]);
  }
  return { path: runs.map(lineOf).join(''), area: runs.map(areaOf).join(''), most, top };
}

/** Full quarters of an hour, hours and so on, as many as can be read. In local time. */
export function timeMarks(fromMs: number, toMs: number): TimeMark[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= MOST_MARKS) ?? 12 * 3_600_000;
  const offsetMs = new Date(fromMs).getTimezoneOffset() * 60_000;
  const marks: TimeMark[] = [];
  for (let atMs = Math.ceil((fromMs - offsetMs) / stepMs) * stepMs + offsetMs; atMs <= toMs; atMs += stepMs)
    if (atMs - fromMs > EDGE * (toMs - fromMs) && toMs - atMs > EDGE * (toMs - fromMs))
      marks.push({ x: xOf(atMs, fromMs, toMs), atMs });
  return marks;
}

/** The least of 1, 2, 5, 10, 20, 50 … that is not less; at least 1. */
export function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most) ?? 1;
}

function greater(one: AudienceSample, other: AudienceSample): AudienceSample {
  return {
    atMs: other.atMs,
    listeners: Math.max(one.listeners, other.listeners),
    peak: Math.max(one.peak, other.peak),
    rttP95Ms:
      one.rttP95Ms === null || other.rttP95Ms === null
        ? (one.rttP95Ms ?? other.rttP95Ms)
        : Math.max(one.rttP95Ms, other.rttP95Ms),
  };
}

function xOf(atMs: number, fromMs: number, toMs: number): number {
  return round((WIDTH * (atMs - fromMs)) / (toMs - fromMs));
}

/** A point alone is drawn as a short line, or it would not be seen. */
function lineOf(run: readonly [number, number][]): string {
  const [[x, y] = [0, 0]] = run;
  const rest =
    run.length === 1
      ? 'h1'
      : run
          .slice(1)
          .map(([toX, toY]) => `L${toX} ${toY}`)
          .join('');
  return `M${x} ${y}${rest}`;
}

function areaOf(run: readonly [number, number][]): string {
  const [[firstX] = [0]] = run;
  const [lastX] = run.at(-1) ?? [0];
  return run.length < 2 ? '' : `${lineOf(run)}V${HEIGHT}H${firstX ?? lastX}Z`;
}

function round(units: number): number {
  return Math.round(units * 10) / 10;
}
