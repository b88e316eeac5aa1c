import { readFileSync } from 'node:fs';
import { POLICIES } from './policies.ts';
import { score, type Score } from './score.ts';
import { Speech } from './speech.ts';
import { CONDITIONS, makeTrace, type Arrival, type Trace } from './traces.ts';

const SEEDS = [1, 2, 3];
const CHUNK_MS = 100;
/** The schemes of 2016 were made for 200 ms chunks; each plays what it was made for. */
const CHUNK_MS_OF: Readonly<Record<string, number>> = { seed: 200, fixed200: 200, fixed400: 200 };
const HOUR_MS = 3_600_000;

const args = process.argv.slice(2);
const traceFile = args[args.indexOf('--trace') + 1];
const fromFile = args.includes('--trace') && traceFile !== undefined ? readTrace(traceFile) : undefined;
const names = fromFile ? [fromFile.name] : Object.keys(CONDITIONS);

const table: Record<string, Record<string, Score>> = {};
for (const [policy, create] of Object.entries(POLICIES)) {
  const row: Record<string, Score> = {};
  for (const name of names) {
    const scores = SEEDS.slice(0, fromFile ? 1 : undefined).map((seed) => {
      const trace = fromFile ?? makeTrace(name, seed, CHUNK_MS_OF[policy] ?? CHUNK_MS, HOUR_MS);
      const endMs = trace.arrivals.at(-1)?.mediaMs ?? 0;
      return score(trace, new Speech(seed + 100, endMs + HOUR_MS), create());
    });
    row[name] = mean(scores);
  }
  table[policy] = row;
}

console.log(
  `${fromFile ? 'One trace' : `One hour × ${SEEDS.length} seeds each`}; cells: mean delay / p95 delay ms, breaks / h, damaged s / h`,
);
console.log(['policy'.padEnd(9), ...names.map((name) => name.padStart(24))].join(''));
for (const [policy, row] of Object.entries(table)) {
  const cells = names.map((name) => {
    const { meanMs, p95Ms, breaksPerHour, damagedSecPerHour } = row[name] ?? mean([]);
    return `${meanMs.toFixed(0)}/${p95Ms.toFixed(0)} ${breaksPerHour.toFixed(1)} ${damagedSecPerHour.toFixed(1)}`.padStart(
      24,
    );
  });
  console.log([policy.padEnd(9), ...cells].join(''));
}
if (args.includes('--json')) console.log(JSON.stringify(table));

function mean(scores: readonly Score[]): Score {
  const of = (key: keyof Score) => scores.reduce((sum, one) => sum + one[key], 0) / scores.length;
  return {
    meanMs: of('meanMs'),
    p95Ms: of('p95Ms'),
    breaksPerHour: of('breaksPerHour'),
    damagedSecPerHour: of('damagedSecPerHour'),
  };
}

/** A file of arrivals: a JSON list, or one `{t, mediaMs, durMs}` a line. */
function readTrace(path: string): Trace {
  const text = readFileSync(path, 'utf8').trim();
  const values: unknown = text.startsWith('[')
    ? JSON.parse(text)
    : text.split('\n').map((line): unknown => JSON.parse(line));
  if (!Array.isArray(values) || !values.every(isArrival)) {
    throw new Error(`${path} is not a list of {"t":…,"mediaMs":…,"durMs":…}, all numbers in ms`);
  }
  const leastMs = values.reduce(
    (least, { t, mediaMs, durMs }) => Math.min(least, t - mediaMs - durMs),
    Infinity,
  );
  return { name: 'file', arrivals: values, leastMs, ppm: 0 };
}

function isArrival(value: unknown): value is Arrival {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return ['t', 'mediaMs', 'durMs'].every((name) => Number.isFinite(fields.get(name)));
}
