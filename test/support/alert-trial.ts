import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** The rules that operators are given. */
export const ALERTS_FILE = join(import.meta.dirname, '../../relay/deploy/prometheus/alerts.yml');

/** Whether Prometheus' own `promtool` is here (Debian: package `prometheus`). */
export const hasPromtool = !spawnSync('promtool', ['--version']).error;

/** What `GET /metrics` said at a time; undefined where the relay did not answer. */
export interface Scrape {
  /** Milliseconds, of any clock that only goes forward. */
  atMs: number;
  text: string | undefined;
}

/** Prometheus would scrape so often, s; scrapes in between are left out, gaps stay gaps. */
const STEP_SEC = 15;
const LABELS = 'job="conf-relay",instance="relay:9090"';
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

/**
 * Which alerts of the shipped rules would have fired over these scrapes, by name, in order; judged by promtool.
 * Throws where the rules or the scrapes are no good.
 */
export function firedAlerts(scrapes: readonly Scrape[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'conf-alerts-'));
  try {
    const [first, last] = [scrapes[0], scrapes.at(-1)];
    if (!first || !last) throw new Error('there is nothing to judge');
    const endSec = slotOf(last, first) * STEP_SEC;
    const test = {
      rule_files: [ALERTS_FILE],
      evaluation_interval: `${STEP_SEC}s`,
      tests: [
        {
          interval: `${STEP_SEC}s`,
          input_series: seriesOf(scrapes),
          // ALERTS is what Prometheus itself keeps; that none was there is said, and the answer says otherwise.
          promql_expr_test: [
            {
              expr: `count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${endSec + STEP_SEC}s]))`,
              eval_time: `${endSec}s`,
              exp_samples: [],
            },
          ],
        },
      ],
    };
    const file = join(folder, 'trial.yml');
    writeFileSync(file, stringify(test, { lineWidth: 0, aliasDuplicateObjects: false }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status === 0) return [];
    const said = `${stdout}${stderr}`;
    const names = [...said.matchAll(/alertname=\\?"(\w+)\\?"/g)].map(([, name = '']) => name);
    if (names.length === 0) throw new Error(`promtool could not judge: ${said.slice(0, 2000)}`);
    return [...new Set(names)].toSorted();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What promtool says of a rules file; throws what it finds wrong. */
export function checkRules(file: string): string {
  return execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
}

function slotOf({ atMs }: Scrape, first: Scrape): number {
  return Math.round((atMs - first.atMs) / 1000 / STEP_SEC);
}

/** Each series with a value, or `_`, for every step of time; `up` as Prometheus makes it. */
function seriesOf(scrapes: readonly Scrape[]): { series: string; values: string }[] {
  const [first] = scrapes;
  if (!first) return [];
  const slots: (Scrape | undefined)[] = [];
  for (const scrape of scrapes) slots[slotOf(scrape, first)] = scrape;
  const values = new Map<string, string[]>();
  const put = (series: string, slot: number, value: string): void => {
    const row = values.get(series) ?? Array.from({ length: slots.length }, () => '_');
    values.set(series, row);
    row[slot] = value;
  };
  for (const [slot, scrape] of slots.entries()) {
    if (!scrape) continue;
    put(`up{${LABELS}}`, slot, scrape.text === undefined ? '0' : '1');
    for (const line of scrape.text?.split('\n') ?? []) {
      const [, name, labels, value = ''] = LINE.exec(line) ?? [];
      // A histogram's highest bucket and its sum tell the alerts nothing of their own, but cost nothing either.
      if (name !== undefined) put(`${name}{${labels ? `${labels},` : ''}${LABELS}}`, slot, value);
    }
  }
  return [...values].map(([series, row]) => ({ series, values: row.join(' ') }));
}
