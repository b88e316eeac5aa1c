import type { Run } from './comparison.ts';

/** Above this share of its core the load process measures itself. */
const TRUSTED_LOAD_SHARE = 0.85;

interface Column {
  title: string;
  digits: number;
  value: (run: Run) => number;
}

const COLUMNS: readonly Column[] = [
  { title: 'µs/delivery', digits: 1, value: (run) => run.cpuUsPerDelivery },
  { title: '× naive', digits: 2, value: (run) => run.ratioToNaive ?? Number.NaN },
  { title: 'p50 ms', digits: 1, value: (run) => run.p50Ms },
  { title: 'p99 ms', digits: 1, value: (run) => run.p99Ms },
  { title: 'p99.9 ms', digits: 1, value: (run) => run.p999Ms },
  { title: 'max ms', digits: 1, value: (run) => run.maxMs },
  { title: 'missed', digits: 0, value: (run) => run.missed },
  { title: 'kB/listener', digits: 1, value: (run) => run.rssKbPerListener },
  { title: 'join s', digits: 2, value: (run) => run.joinSec },
  { title: 'core 0 %', digits: 0, value: (run) => run.serverShare * 100 },
  { title: 'others %', digits: 0, value: (run) => run.othersShare * 100 },
  { title: 'load %', digits: 0, value: (run) => run.loadShare * 100 },
];

/** The figures of all servers as lines of text. What could not be measured is a dash. */
export function table(runs: readonly Run[]): string[] {
  const head = COLUMNS.map(({ title }) => title.padStart(widthOf(title))).join('');
  const rows = runs.map((run) =>
    COLUMNS.map(({ title, digits, value }) => cell(value(run), digits).padStart(widthOf(title))).join(''),
  );
  return [
    `${'server'.padEnd(10)}${head}`,
    ...rows.map((row, n) => `${(runs[n]?.server ?? '').padEnd(10)}${row}`),
  ];
}

/** What makes the figures doubtful. */
export function doubts(runs: readonly Run[]): string[] {
  return runs.flatMap(({ server, loadShare, brokenSamples, unstamped, notSeated, cpuUsPerDelivery }) => [
    ...(notSeated > 0 ? [`${server}: ${notSeated} listeners were not seated; the server was overrun`] : []),
    ...(loadShare > TRUSTED_LOAD_SHARE
      ? [
          `${server}: the load process had ${(loadShare * 100).toFixed(0)} % of its core; do not trust the latencies`,
        ]
      : []),
    ...(brokenSamples > 0
      ? [`${server}: ${brokenSamples} chunks did not begin where the last one ended`]
      : []),
    ...(unstamped > 0 ? [`${server}: ${unstamped} chunks ended in sound that was not published`] : []),
    ...(Number.isNaN(cpuUsPerDelivery) ? [`${server}: CPU and memory are measured on Linux only`] : []),
  ]);
}

function widthOf(title: string): number {
  return Math.max(8, title.length) + 2;
}

function cell(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}
