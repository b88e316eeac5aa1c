import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { problem } from '../../../relay/errors.ts';
import type { RelayStatus } from '../../../relay/relay-status.ts';
import type { Metrics } from '../../../relay/watch/metrics.ts';
import { ALERTS_FILE, checkRules, firedAlerts, hasPromtool, type Scrape } from '../../support/alert-trial.ts';
import { counts, metricsOf, room, status } from '../watch/relay-figures.ts';

if (!hasPromtool)
  console.log('promtool is not here (Debian: package prometheus): whether alerts fire is not tested');

const DASHBOARD = join(import.meta.dirname, '../../../relay/deploy/grafana/conf-relay.json');

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}
const rules: Rule[] = parse(readFileSync(ALERTS_FILE, 'utf8')).groups.flatMap(
  ({ rules: those }: { rules: Rule[] }) => those,
);

/** Every value under a key of this name, however deep. */
function under(node: unknown, name: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === name && typeof value === 'string' ? [value] : under(value, name),
  );
}
const dashboard: unknown = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
const panels = under(dashboard, 'expr');

const entries = metricsOf().catalogue();
/** Labels by the name under which Prometheus knows a metric. */
const NAMES = new Map<string, readonly string[]>([['up', ['job', 'instance']]]);
for (const { name, type, labels } of entries) {
  const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
  for (const one of names) NAMES.set(one, [...labels, 'job', 'instance', 'le']);
}

/** What of an expression is no metric or label that there is. */
function unknownIn(expr: string): string[] {
  const used = [...expr.matchAll(/\b(up|(?:conf|process|nodejs)_\w+)\b(?:\{([^}]*)\})?/g)];
  return used.flatMap(([, name = '', matchers = '']) => {
    const labels = NAMES.get(name);
    if (!labels) return [name];
    const named = [...matchers.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label = '']) => label);
    return named.filter((label) => !labels.includes(label)).map((label) => `${name}{${label}}`);
  });
}

test('every alert says what is wrong and what to do, and how much of a hurry there is', () => {
  expect(rules.length).toBeGreaterThanOrEqual(10);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Conf[A-Z]\w+$/);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\.$/);
    expect(annotations.runbook.length).toBeGreaterThan(40);
  }
});

test('alerts and panels speak of metrics and labels that there are', () => {
  expect(unknownIn('sum(conf_nothing_total) + conf_listeners{room="a"}')).toEqual([
    'conf_nothing_total',
    'conf_listeners{room}',
  ]);
  expect(panels.length).toBeGreaterThan(20);
  expect([...rules.map(({ expr }) => expr), ...panels].flatMap(unknownIn)).toEqual([]);
});

test('every metric of the relay’s own is on the dashboard, or wakes somebody', () => {
  const text = [...rules.map(({ expr }) => expr), ...panels].join('\n');
  const unseen = entries
    .map(({ name }) => name)
    .filter((name) => name.startsWith('conf_') && !text.includes(name));
  expect(unseen).toEqual([]);
});

test('panels lie beside each other, none over another, each with an id of its own', () => {
  const { panels: all } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
    panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const taken = new Set<string>();
  for (const { gridPos, title } of all) {
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`), `${title} at ${x} ${y}`).toBe(false);
        taken.add(`${x} ${y}`);
      }
  }
});

/** Some minutes of a relay, scraped each 15 s; `change` says what is other than well at a minute. */
async function scraped(
  minutes: number,
  change: (minute: number, metrics: Metrics) => Partial<RelayStatus> | 'down' = () => ({}),
): Promise<Scrape[]> {
  let now = status();
  const sent = { chunks: 0, bytes: 0, leftOut: 0 };
  const metrics = metricsOf({ status: () => now, counts: () => counts({ sent }) });
  const scrapes: Scrape[] = [];
  for (let second = 0; second <= minutes * 60; second += 15) {
    sent.chunks += 700;
    sent.bytes += 700 * 3276;
    for (let answer = 0; answer < 20; answer++) metrics.answered(40);
    const changes = change(second / 60, metrics);
    if (changes !== 'down') now = status(changes);
    scrapes.push({ atMs: second * 1000, text: changes === 'down' ? undefined : await metrics.text() });
  }
  return scrapes;
}

const happens = (metrics: Metrics, event: string, level: 'warn' | 'error', fields = {}) =>
  metrics.note({ atMs: 0, level, event, fields });

const host = status().host;
const [live] = status().rooms;
const leg = room().leg;

/** What goes wrong, and which alert says so. */
const FAULTS: [fault: string, alert: string, change: Parameters<typeof scraped>[1]][] = [
  ['the relay does not answer for 2 minutes', 'ConfRelayDown', (minute) => (minute > 5 ? 'down' : {})],
  [
    'nobody more can come',
    'ConfRelayNotReady',
    (minute) => ({ hindrance: minute > 5 ? 'relay-full' : null }),
  ],
  [
    'a leg stalls once',
    'ConfLegStalled',
    (minute, metrics) => {
      if (minute === 5) happens(metrics, 'leg.stalled', 'warn');
      return {};
    },
  ],
  [
    'a room cannot be called',
    'ConfRoomUnavailable',
    (minute) => (minute > 5 ? { rooms: [room({ state: 'unavailable', leg: null })] } : {}),
  ],
  [
    'two calls are refused',
    'ConfCallsRefused',
    (minute, metrics) => {
      if (minute === 5 || minute === 6) happens(metrics, 'call.refused', 'warn', { code: 'http-500' });
      return {};
    },
  ],
  [
    'a leg has 20 s left',
    'ConfLegEndsSoon',
    (minute) => (minute === 5 && leg ? { rooms: [room({ leg: { ...leg, endsInSec: 20 } })] } : {}),
  ],
  [
    'a successor is refused',
    'ConfReplacementFailed',
    (minute, metrics) => {
      if (minute === 5) happens(metrics, 'leg.replacement-failed', 'warn');
      return {};
    },
  ],
  [
    '20 listeners find the room full',
    'ConfJoinsRejected',
    (minute, metrics) => {
      const refusal = problem('room-full', 'Full.');
      const comers = minute === 5 ? 20 : 0;
      for (let n = 0; n < comers; n++)
        void metrics.ofJoin(Promise.resolve({ kind: 'refused' as const, refusal }));
      return {};
    },
  ],
  [
    '4,600 of 5,000 places are taken',
    'ConfNearlyFull',
    (minute) => {
      const { listeners } = status();
      const byTransport = { ...listeners.byTransport, websocket: 4600 };
      return minute > 2 ? { listeners: { ...listeners, byTransport } } : {};
    },
  ],
  [
    'one listener in ten is 3 s behind',
    'ConfListenersSlow',
    (minute, metrics) => {
      if (minute > 5) for (let n = 0; n < 3; n++) metrics.answered(3000);
      return {};
    },
  ],
  [
    'the loop is 150 ms late',
    'ConfEventLoopLate',
    (minute) => (minute > 2 ? { host: { ...host, eventLoopMs: { p50: 1, p99: 150, max: 200 } } } : {}),
  ],
  ['the disk is full', 'ConfHistoryFailing', (minute) => ({ history: minute > 5 ? 'failing' : 'on' })],
  [
    'the relay writes an error',
    'ConfRelayFailed',
    (minute, metrics) => {
      if (minute === 5) happens(metrics, 'http.failed', 'error');
      return {};
    },
  ],
];

describe.skipIf(!hasPromtool)('by promtool', () => {
  test('the rules are in order, and so is every expression of the dashboard', () => {
    expect(checkRules(ALERTS_FILE)).toContain(`${rules.length} rules found`);
    const folder = mkdtempSync(join(tmpdir(), 'conf-panels-'));
    try {
      const file = join(folder, 'panels.yml');
      const plain = panels.map((expr) =>
        expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'),
      );
      const recorded = plain.map((expr, n) => ({ record: `panel_${n}`, expr }));
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: recorded }] }));
      expect(checkRules(file)).toContain(`${panels.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('in an hour and a half in which all is well, one call is tried twice and one listener is turned away, none fires', async () => {
    const scrapes = await scraped(90, (minute, metrics) => {
      if (minute === 30) happens(metrics, 'call.refused', 'warn', { code: 'http-429' });
      if (minute === 40)
        void metrics.ofJoin(
          Promise.resolve({ kind: 'refused' as const, refusal: problem('room-full', 'Full.') }),
        );
      if (minute === 50) return { history: 'failing' };
      return { rooms: live ? [live] : [] };
    });
    expect(firedAlerts(scrapes)).toEqual([]);
  });

  test.each(FAULTS)('%s: %s, and no other', async (_fault, alert, change) => {
    expect(firedAlerts(await scraped(12, change))).toEqual([alert]);
  });

  test('each alert is tried', () => {
    expect(FAULTS.map(([, alert]) => alert).toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });
});
