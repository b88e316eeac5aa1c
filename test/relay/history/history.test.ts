import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { HistoryCsv } from '../../../relay/history/records.ts';
import { HISTORY_WORKER } from '../../../relay/installation.ts';
import { until } from '../../support/until.ts';
import { child, freshDir, opening, saidBy, stage, written } from './history-stage.ts';
import { ALL, line, NOON_MS } from './words.ts';

test('a line noted is written 1 s later, read back, and there after the history was closed and opened again', async () => {
  const dir = join(freshDir(), 'made', 'by-itself');
  const first = await opening(dir);
  expect(await first.history.events(ALL)).toEqual({ kind: 'rows', rows: [], more: false });
  first.history.note(line(0, 'leg.fault', { room: 'allhands', epoch: 7, code: 'wrong-size' }));
  first.clock.advance(999);
  expect(await first.history.events(ALL)).toMatchObject({ rows: [] });
  first.clock.advance(1);
  const kept = {
    atMs: NOON_MS,
    level: 'info',
    event: 'leg.fault',
    room: 'allhands',
    epoch: 7,
    leg: null,
    fields: { code: 'wrong-size' },
  };
  expect(await first.history.events(ALL)).toEqual({ kind: 'rows', rows: [kept], more: false });
  await first.history.close();
  expect(readdirSync(dir)).toEqual(['history.db']);
  const second = await opening(dir);
  expect(await second.history.events(ALL)).toMatchObject({ rows: [kept] });
  expect(second.history).toMatchObject({ state: 'on', dropped: 0 });
  expect([...first.log.complaints, ...second.log.complaints]).toEqual([]);
});

test('what waits is written when the history is closed, and nothing is taken or read afterwards', async () => {
  const { dir, history } = await opening(freshDir());
  for (let n = 0; n < 2500; n++) history.note(line(n, 'call.dialled', { room: 'allhands', epoch: n }));
  history.sample([{ atMs: NOON_MS, room: 'allhands', listeners: 3, peak: 5, rttP95Ms: null }]);
  await history.close();
  history.note(line(9, 'room.state'));
  expect(await history.calls(ALL)).toEqual({ kind: 'unavailable', code: 'closed' });
  const again = await opening(dir);
  expect(await again.history.calls({ ...ALL, offset: 1999 })).toMatchObject({
    rows: { length: 501 },
    more: false,
  });
  expect(await again.history.audience(ALL)).toMatchObject({ rows: [{ peak: 5, rttP95Ms: null }] });
  expect(again.log.of('history.left-calls')).toMatchObject([{ calls: 2500 }]);
});

test('2,500 events are CSV of 3 pages with one header, whatever the limit of the query', async () => {
  const staged = await opening(freshDir());
  for (let n = 0; n < 2500; n++)
    staged.history.note(line(n, 'leg.opened', { room: 'allhands', epoch: n, n }));
  await written(staged, 'leg.opened', 1000);
  await until('3 batches are written', () => staged.clock.pending <= 1);
  const pages = await pagesOf(await staged.history.csv('events', { ...ALL, limit: 1 }));
  const lines = pages.join('').split('\r\n');
  expect([pages.length, lines.length]).toEqual([3, 2502]);
  expect(lines.filter((text) => text.startsWith('time,'))).toHaveLength(1);
  expect(lines[1]).toContain('"{""n"":2499}"');
  expect(lines[2500]).toContain('"{""n"":0}"');
});

async function pagesOf(csv: HistoryCsv): Promise<string[]> {
  if (csv.kind !== 'csv') throw new Error(`no CSV: ${csv.code}`);
  const pages: string[] = [];
  for await (const page of csv.pages) pages.push(new TextDecoder().decode(page));
  return pages;
}

test('of a limit of 0 one row comes, of 5,000 a thousand', async () => {
  const { history, clock } = await opening(freshDir());
  for (let n = 0; n < 1200; n++) history.note(line(n, 'leg.opened', { room: 'allhands', epoch: n }));
  clock.advance(1000);
  await until('both batches are written', () => clock.pending <= 1);
  expect(await history.events({ ...ALL, limit: 0 })).toMatchObject({ rows: { length: 1 }, more: true });
  expect(await history.events({ ...ALL, limit: 5000 })).toMatchObject({ rows: { length: 1000 }, more: true });
});

test('what is 91 days old is forgotten on opening, and within the hour after', async () => {
  const dir = freshDir();
  const first = await opening(dir);
  first.history.note({ ...line(0, 'room.state'), atMs: first.clock.wallMs() - 91 * 86_400_000 });
  first.history.note({
    ...line(0, 'relay.closed'),
    atMs: first.clock.wallMs() - 90 * 86_400_000 + 1_800_000,
  });
  await first.history.close();
  const second = await opening(dir);
  expect(await second.history.events(ALL)).toMatchObject({ rows: [{ event: 'relay.closed' }] });
  second.clock.advance(3_600_000);
  expect(await second.history.events(ALL)).toMatchObject({ rows: [] });
});

test('700 refused legs a minute leave 600 lines; the rest is counted and told once', async () => {
  const { history, log, clock } = await opening(freshDir());
  for (let n = 0; n < 700; n++) history.note(line(n, 'leg.refused', { room: 'allhands' }));
  for (let n = 0; n < 700; n++)
    history.note(line(n, 'call.placed', { room: 'allhands', epoch: n, leg: 'a' }));
  clock.advance(1000);
  await until('both batches are written', () => clock.pending <= 1);
  expect(history.dropped).toBe(100);
  expect(log.complaints).toEqual([
    { level: 'warn', event: 'history.dropped', code: 'flood', of: 'leg.refused' },
  ]);
  expect(await history.calls(ALL)).toMatchObject({ rows: { length: 700 } });
});

test('a process that reads gets its answer and ends by itself, whether it closes its history or forgets to', async () => {
  for (const close of ['await history.close();', '']) {
    const made = await child(
      freshDir(),
      `const history = new History({ dir, days: 90, clock: systemClock, log });
       note(history, 1);
       const { kind } = await history.events({ room: null, fromMs: 0, toMs: 9e15, limit: 9 });
       ${close}
       say({ kind, handles: process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap') });`,
    );
    const said = saidBy(made);
    expect(await once(made, 'exit')).toEqual([0, null]);
    expect(said).toMatchObject([close ? { kind: 'rows', handles: [] } : { kind: 'rows' }]);
  }
});

test('a process killed with SIGKILL while it notes 100 lines a second loses the last second at most', async () => {
  const dir = freshDir();
  const made = await child(
    dir,
    `const history = new History({ dir, days: 90, clock: systemClock, log });
     history.note({ atMs: Date.now(), level: 'info', event: 'leg.opened', fields: { room: 'allhands', epoch: 7 } });
     let n = 0;
     setInterval(() => { note(history, n); say({ n: n++, atMs: Date.now() }); }, 10);`,
  );
  const said = saidBy(made);
  await until('250 lines are noted', () => said.length > 250, 15_000);
  made.kill('SIGKILL');
  await once(made, 'exit');
  const noted = said.map(({ n, atMs }) => ({ n: Number(n), atMs: Number(atMs) }));
  const lastMs = noted.at(-1)?.atMs ?? 0;
  const { history, log } = await opening(dir);
  const answer = await history.events(ALL);
  if (answer.kind !== 'rows') throw new Error(answer.code);
  const kept = new Set(answer.rows.map(({ fields }) => fields['n']));
  // A flush is due 1 s after a line; half a second of grace for a busy machine.
  const lost = noted.filter(({ n, atMs }) => !kept.has(n) && atMs < lastMs - 1500);
  expect(lost).toEqual([]);
  expect(kept.size).toBeGreaterThan(100);
  expect(log.complaints).toEqual([{ level: 'warn', event: 'history.left-calls', calls: 1 }]);
  const calls = await history.calls(ALL);
  expect(calls).toMatchObject({ rows: [{ epoch: 7, end: 'relay-died', closedMs: answer.rows[0]?.atMs }] });
});

test('a thread that does not answer for 10 s is told of once as slow; a question to it is answered within 5 s', async () => {
  const worker = join(freshDir(), 'mute.mjs');
  writeFileSync(worker, 'setInterval(() => {}, 1000);');
  const { history, clock, log } = stage(freshDir(), { worker });
  history.note(line(0, 'room.state'));
  const answer = history.events(ALL);
  clock.advance(5000);
  expect(await answer).toEqual({ kind: 'unavailable', code: 'slow' });
  clock.advance(60_000);
  expect(log.complaints).toMatchObject([{ event: 'history.failed', code: 'slow' }]);
  expect(history.state).toBe('failing');
  const closed = history.close();
  clock.advance(2000);
  await closed;
  expect(log.of('history.lost')).toMatchObject([{ lines: 1 }]);
});

test('a thread that dies is told of and its line counted; 30 s later another one writes what came after', async () => {
  const dir = freshDir();
  const worker = join(freshDir(), 'dying.mjs');
  writeFileSync(
    worker,
    `import { existsSync, writeFileSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     const mark = ${JSON.stringify(join(dir, 'died'))};
     if (existsSync(mark)) await import(${JSON.stringify(pathToFileURL(HISTORY_WORKER).href)});
     else {
       parentPort.postMessage({ kind: 'opened', setAside: null, leftCalls: 0, fileBytes: 1 });
       parentPort.on('message', ({ kind }) => {
         if (kind === 'tidy') return parentPort.postMessage({ kind: 'changed', fileBytes: 1 });
         writeFileSync(mark, '');
         throw new Error('out of luck');
       });
     }`,
  );
  const staged = await opening(dir, { worker });
  const { history, clock, log } = staged;
  history.note(line(0, 'room.state', { n: 1 }));
  clock.advance(1000);
  await until('it is told', () => history.state === 'failing');
  history.note(line(1, 'room.state', { n: 2 }));
  expect(log.complaints).toMatchObject([
    { event: 'history.failed', code: 'internal', detail: 'out of luck', file: join(dir, 'history.db') },
  ]);
  expect(history.dropped).toBe(1);
  expect(await history.events(ALL)).toEqual({ kind: 'unavailable', code: 'internal' });
  clock.advance(30_000);
  await until('it is well again', () => history.state === 'on');
  expect(await history.events(ALL)).toMatchObject({ rows: [{ fields: { n: 2 } }] });
  expect(log.of('history.recovered')).toMatchObject([{ dropped: 1 }]);
  expect(log.complaints).toHaveLength(1);
});

test.each(['/nowhere/worker.js', 'no-path.js'])(
  'a relay whose thread cannot be started, as of %s, runs without: it is told once, and tried every 30 s',
  async (worker) => {
    const { history, clock, log } = stage(freshDir(), { worker });
    await until('it is told', () => history.state === 'failing');
    expect(await history.events(ALL)).toEqual({ kind: 'unavailable', code: 'internal' });
    clock.advance(30_000);
    await until('it is tried again', () => clock.pending > 1);
    expect(log.complaints).toMatchObject([{ event: 'history.failed', code: 'internal' }]);
  },
);
