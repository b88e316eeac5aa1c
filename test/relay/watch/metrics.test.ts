import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problem, type ProblemCode } from '../../../relay/errors.ts';
import type { LogFields } from '../../../relay/log.ts';
import type { RelayStatus } from '../../../relay/relay-status.ts';
import type { JoinOutcome, Metrics } from '../../../relay/watch/metrics.ts';
import { metricsTable } from '../../../relay/watch/metrics-table.ts';
import { hasPromtool } from '../../support/alert-trial.ts';
import { roomId } from '../../support/rooms.ts';
import { counts, metricsOf, room, status } from './relay-figures.ts';

const PAGE = join(import.meta.dirname, '../../../relay/deploy/METRICS.md');

/** The lines of one metric, without comments. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

const happens = (metrics: Metrics, event: string, fields: LogFields = {}, level: 'info' | 'warn' = 'info') =>
  metrics.note({ atMs: 0, level, event, fields });

const upAt = (history: RelayStatus['history']) =>
  linesOf(metricsOf({ status: () => status({ history }) }), 'conf_history_up');

const sizeAt = (historyBytes: number | null) =>
  linesOf(metricsOf({ status: () => status({ historyBytes }) }), 'conf_history_bytes');

test('names, types and labels are these and no others', () => {
  const entries = metricsOf().catalogue();
  expect(
    entries.map(({ name, type, labels }) => `${name} ${type} ${labels.join()}`.trim()),
  ).toMatchSnapshot();
});

test('the page of metrics says what the registry says; METRICS=write writes it', () => {
  const table = metricsTable(metricsOf().catalogue());
  const page = readFileSync(PAGE, 'utf8');
  const marked = /(<!-- metrics -->\n\n)[\s\S]*(\n\n<!-- \/metrics -->)/;
  expect(page).toMatch(marked);
  const fresh = page.replace(marked, (_all, before: string, after: string) => before + table + after);
  if (process.env['METRICS'] === 'write') writeFileSync(PAGE, fresh);
  else expect(page).toBe(fresh);
});

test('a relay without perRoom has no series that names a room', async () => {
  const text = await metricsOf({ perRoom: false }).text();
  expect(text).not.toContain('allhands');
  expect(text).not.toContain('conf_room_');
  expect(text).toContain('conf_rooms{state="live"} 1');
});

test('gauges are those of the moment: a room that is gone takes its series along', async () => {
  let now = status();
  const metrics = metricsOf({ status: () => now });
  expect(await linesOf(metrics, 'conf_room_listeners')).toEqual(['conf_room_listeners{room="allhands"} 7']);
  expect(await linesOf(metrics, 'conf_room_state')).toEqual([
    'conf_room_state{room="allhands",state="live"} 1',
  ]);
  expect(await linesOf(metrics, 'conf_leg_seconds_left')).toEqual(['conf_leg_seconds_left 120']);
  now = status({ rooms: [room({ room: roomId('b'), state: 'idle', leg: null })] });
  expect(await linesOf(metrics, 'conf_room_listeners')).toEqual(['conf_room_listeners{room="b"} 7']);
  expect(await linesOf(metrics, 'conf_room_state')).toEqual(['conf_room_state{room="b",state="idle"} 1']);
  for (const name of ['conf_leg_seconds_left', 'conf_leg_age_seconds', 'conf_room_leg_age_seconds'])
    expect(await linesOf(metrics, name)).toEqual([]);
});

test('of three legs the age is that of the oldest, the time left that of the nearest end', async () => {
  const leg = { legId: null, epoch: 1, sound: 'none', levelDbfs: null } as const;
  const rooms = [
    room({ leg: { ...leg, ageSec: 100, endsInSec: 300 } }),
    room({ room: roomId('c'), leg: { ...leg, ageSec: 10, endsInSec: null } }),
    room({ room: roomId('b'), leg: { ...leg, ageSec: 50, endsInSec: 25 } }),
  ];
  const metrics = metricsOf({ status: () => status({ rooms }) });
  expect(await linesOf(metrics, 'conf_leg_age_seconds')).toEqual(['conf_leg_age_seconds 100']);
  expect(await linesOf(metrics, 'conf_leg_seconds_left')).toEqual(['conf_leg_seconds_left 25']);
  expect(await linesOf(metrics, 'conf_legs')).toContain('conf_legs{sound="none"} 3');
});

test('totals are the parts’ own, however often they are read', async () => {
  const metrics = metricsOf();
  await metrics.text();
  expect(await linesOf(metrics, 'conf_bytes_sent_total')).toEqual(['conf_bytes_sent_total 13759200']);
  expect(await linesOf(metrics, 'conf_chunks_dropped_total')).toEqual([
    'conf_chunks_dropped_total{reason="behind"} 12',
  ]);
  expect(await linesOf(metrics, 'conf_disconnects_total')).toEqual([
    'conf_disconnects_total{reason="too-slow"} 2',
    'conf_disconnects_total{reason="no-sign-of-life"} 1',
  ]);
});

test('1,000 joins that are turned away count 1,000, whatever the log leaves out', async () => {
  const metrics = metricsOf();
  const refusal = problem('relay-full', 'Full.');
  for (let n = 0; n < 1000; n++)
    await metrics.ofJoin(Promise.resolve<JoinOutcome>({ kind: 'not-now', refusal }));
  const welcome = { kind: 'admitted', stay: 'kept' } as const;
  expect(await metrics.ofJoin(Promise.resolve(welcome))).toBe(welcome);
  expect(await linesOf(metrics, 'conf_joins_rejected_total')).toContain(
    'conf_joins_rejected_total{reason="relay-full"} 1000',
  );
  expect(await linesOf(metrics, 'conf_joins_total')).toEqual(['conf_joins_total 1']);
});

test('a reason, code or verdict that nobody listed makes no series of its own', async () => {
  const metrics = metricsOf();
  const seriesBefore = (await metrics.text()).split('\n').length;
  const strange: ProblemCode = 'internal';
  await metrics.ofJoin(
    Promise.resolve<JoinOutcome>({ kind: 'refused', refusal: problem(strange, 'Strange.') }),
  );
  for (let n = 0; n < 100; n++) {
    happens(metrics, 'call.refused', { code: `http-${500 + n}` });
    happens(metrics, 'leg.closed', { end: `end-${n}` });
    happens(metrics, 'leg.fault', { code: `WS_ERR_${n}` });
    happens(metrics, 'talker.pin', { verdict: `v${n}` });
    happens(metrics, 'leg.replaced', { by: `b${n}` });
    happens(metrics, 'vonage.webhook-refused', { webhook: `w${n}` });
    happens(metrics, `strange.event-${n}`, { room: `r${n}` });
  }
  expect((await metrics.text()).split('\n')).toHaveLength(seriesBefore);
  expect(await linesOf(metrics, 'conf_vonage_requests_total')).toContain(
    'conf_vonage_requests_total{op="place",status="5xx"} 100',
  );
});

test('what the log tells is counted: calls, replacements, stalls, webhooks, PINs, lines', async () => {
  const metrics = metricsOf();
  happens(metrics, 'call.placed', { room: 'a' });
  happens(metrics, 'call.refused', { code: 'http-429' }, 'warn');
  happens(metrics, 'call.hung-up');
  happens(metrics, 'vonage.hang-up-failed', { code: 'no-answer' });
  happens(metrics, 'orphans.unknown', { code: 'http-401' });
  happens(metrics, 'orphan.found');
  happens(metrics, 'leg.closed', { end: 'lost' });
  happens(metrics, 'leg.stalled');
  happens(metrics, 'leg.replaced', { by: 'sound' });
  happens(metrics, 'leg.replacement-failed', { code: 'http-429' });
  happens(metrics, 'vonage.event', { status: 'ringing' });
  happens(metrics, 'vonage.webhook-refused', { webhook: 'answer' });
  happens(metrics, 'talker.pin', { verdict: 'wrong' });
  happens(metrics, 'publisher.refused');
  const text = await metrics.text();
  const counted = text.split('\n').filter((line) => /^conf_\w+_total(\{.*)? [1-9]/.test(line));
  expect(
    counted.filter((line) => !/_(sent|ingest_(frames|bytes)|dropped|skips|disconnects)/.test(line)),
  ).toEqual([
    'conf_log_lines_total{level="info"} 13',
    'conf_log_lines_total{level="warn"} 1',
    'conf_calls_total{outcome="placed"} 1',
    'conf_calls_total{outcome="refused"} 1',
    'conf_vonage_requests_total{op="place",status="ok"} 1',
    'conf_vonage_requests_total{op="place",status="429"} 1',
    'conf_vonage_requests_total{op="hang-up",status="ok"} 1',
    'conf_vonage_requests_total{op="hang-up",status="no-answer"} 1',
    'conf_vonage_requests_total{op="list",status="401"} 1',
    'conf_leg_ends_total{end="lost"} 1',
    'conf_legs_refused_total 1',
    'conf_ingest_stalls_total 1',
    'conf_leg_replacements_total{outcome="sound"} 1',
    'conf_leg_replacements_total{outcome="failed"} 1',
    'conf_orphans_total 1',
    'conf_webhooks_total{event="answer",verdict="refused"} 1',
    'conf_webhooks_total{event="event",verdict="taken"} 1',
    'conf_webhooks_total{event="pin",verdict="taken"} 1',
    'conf_talker_pins_total{verdict="wrong"} 1',
  ]);
});

test('the history’s file has a size, where there is a history', async () => {
  expect(await sizeAt(4096)).toEqual(['conf_history_bytes 4096']);
  expect(await sizeAt(null)).toEqual([]);
});

test('the history is up, down, or not there at all', async () => {
  expect(await upAt('on')).toEqual(['conf_history_up 1']);
  expect(await upAt('failing')).toEqual(['conf_history_up 0']);
  expect(await upAt('off')).toEqual([]);
});

test('a delivery of 30 ms and a round trip of 1.5 s fall into their buckets, in seconds', async () => {
  const metrics = metricsOf();
  metrics.delivered(30);
  metrics.answered(1500);
  const text = await metrics.text();
  expect(text).toContain('conf_delivery_seconds_bucket{le="0.025"} 0');
  expect(text).toContain('conf_delivery_seconds_bucket{le="0.05"} 1');
  expect(text).toContain('conf_listener_rtt_seconds_bucket{le="1"} 0');
  expect(text).toContain('conf_listener_rtt_seconds_bucket{le="2"} 1');
});

test('two relays in one process count apart', async () => {
  const [one, other] = [metricsOf(), metricsOf({ counts: () => counts({ historyDropped: 5 }) })];
  happens(one, 'leg.stalled');
  expect(await linesOf(other, 'conf_ingest_stalls_total')).toEqual(['conf_ingest_stalls_total 0']);
  expect(await linesOf(one, 'conf_history_dropped_total')).toEqual(['conf_history_dropped_total 0']);
  expect(await linesOf(other, 'conf_history_dropped_total')).toEqual(['conf_history_dropped_total 5']);
});

test('where no /proc tells of files, their metrics are left out', async () => {
  const metrics = metricsOf({ files: () => undefined });
  expect(await linesOf(metrics, 'process_open_fds')).toEqual([]);
  expect(await linesOf(metricsOf(), 'process_max_fds')).toEqual(['process_max_fds 20000']);
});

test.skipIf(!hasPromtool)('promtool finds nothing wrong with what a scrape is answered', async () => {
  const metrics = metricsOf();
  metrics.delivered(3);
  const input = await metrics.text();
  const {
    status: exit,
    stdout,
    stderr,
  } = spawnSync('promtool', ['check', 'metrics'], {
    input,
    encoding: 'utf8',
  });
  expect([exit, stdout, stderr]).toEqual([0, '', '']);
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
});
