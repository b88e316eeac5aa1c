import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../../relay/history/sqlite.ts';
import { until } from '../../support/until.ts';
import { child, freshDir, opening, saidBy, stage, written } from './history-stage.ts';
import { ALL, line, NOON_MS } from './words.ts';

const FILE = 'history.db';

/** A directory with a history of 500 events, closed. */
async function usedDir(): Promise<string> {
  const { dir, history } = await opening(freshDir());
  for (let n = 0; n < 500; n++) history.note(line(n, 'room.state', { room: 'allhands', n }));
  await history.close();
  return dir;
}

/** A directory in which a process with a history of `count` events was killed, so that its log lies beside the file. */
async function killedDir(count: number): Promise<string> {
  const dir = freshDir();
  const made = await child(
    dir,
    `const history = new History({ dir, days: 90, clock: systemClock, log });
     for (let n = 0; n < ${count}; n++) note(history, n);
     setInterval(() => { if (history.fileBytes > 60000) say({ written: true }); }, 20);`,
  );
  const said = saidBy(made);
  await until('it is written', () => said.some(({ written: isWritten }) => isWritten === true));
  made.kill('SIGKILL');
  await once(made, 'exit');
  return dir;
}

const BROKEN: readonly (readonly [what: string, breakIn: (dir: string) => void])[] = [
  ['garbage', (dir) => writeFileSync(join(dir, FILE), Buffer.alloc(20_000, 'garbage'))],
  ['half a page of a file', (dir) => truncateSync(join(dir, FILE), 2048)],
  ['a file cut in its middle', (dir) => truncateSync(join(dir, FILE), 3 * 4096)],
  ['a page of zeros in its middle', (dir) => overwrite(join(dir, FILE), 4096, Buffer.alloc(4096))],
  ['the last pages full of garbage', (dir) => overwrite(join(dir, FILE), -8192, Buffer.alloc(8192, 'x'))],
  ['the file of another program', (dir) => writeFileSync(join(dir, FILE), otherProgram())],
  [
    'a directory in its place',
    (dir) => {
      copyFileSync(join(dir, FILE), join(dir, 'kept'));
      spawnSync('rm', [join(dir, FILE)]);
      mkdirSync(join(dir, FILE, 'full'), { recursive: true });
    },
  ],
];

function overwrite(file: string, at: number, bytes: Buffer): void {
  const whole = readFileSync(file);
  bytes.copy(whole, at < 0 ? whole.length + at : at);
  writeFileSync(file, whole);
}

function otherProgram(): Buffer {
  const file = join(freshDir(), 'other.db');
  openSqlite(file).exec('CREATE TABLE contacts (name TEXT)');
  return readFileSync(file);
}

test.each(BROKEN)('%s is set aside, and a new history begun at once', async (_what, breakIn) => {
  const dir = await usedDir();
  breakIn(dir);
  const bytes = statSync(join(dir, FILE)).size;
  const staged = stage(dir);
  staged.history.note(line(0, 'leg.fault'));
  await written(staged, 'leg.fault');
  const [aside, ...others] = readdirSync(dir).filter((name) => name.includes('corrupt'));
  expect(others).toEqual([]);
  expect(aside).toMatch(/^history\.db\.corrupt-\d{8}T\d{6}Z$/);
  expect(statSync(join(dir, aside ?? '')).size).toBe(bytes);
  expect(staged.log.lines).toEqual([
    { level: 'warn', event: 'history.set-aside', file: join(dir, aside ?? '') },
  ]);
  expect(staged.history).toMatchObject({ state: 'on', dropped: 0 });
});

test('an empty file becomes a history', async () => {
  const dir = freshDir();
  writeFileSync(join(dir, FILE), '');
  const { log, history } = await opening(dir);
  expect([log.complaints, history.state]).toEqual([[], 'on']);
});

test.each([
  ['of another history beside the file', 'of another'],
  ['of garbage beside the file', 'garbage'],
  ['of another history, and no file', 'alone'],
])('a write-ahead log %s is no end: what is noted is written', async (_what, kind) => {
  const dir = await usedDir();
  const wal =
    kind === 'garbage'
      ? Buffer.alloc(50_000, 'wal')
      : readFileSync(join(await killedDir(550), `${FILE}-wal`));
  expect(wal.length).toBeGreaterThan(40_000);
  writeFileSync(join(dir, `${FILE}-wal`), wal);
  if (kind === 'alone') spawnSync('rm', [join(dir, FILE)]);
  const staged = stage(dir);
  staged.history.note(line(0, 'leg.fault'));
  await written(staged, 'leg.fault');
  expect(staged.history.state).toBe('on');
  expect(staged.log.complaints.filter(({ event }) => event !== 'history.set-aside')).toEqual([]);
});

test('a file that breaks while it is open is set aside when its rows are read, and what was noted goes into the new one', async () => {
  const staged = await opening(freshDir());
  const { dir, history, clock, log } = staged;
  const text = 'x'.repeat(190);
  // 4 MB: SQLite remembers 2 of them.
  for (let n = 0; n < 4000; n++)
    history.note(line(n, 'leg.opened', { room: 'allhands', epoch: n, a: text, b: text, c: text, d: text }));
  clock.advance(1000);
  await until('all is written', () => clock.pending <= 1);
  await history.close();
  const again = await opening(dir);
  await until('it is tidied', () => again.clock.pending <= 1);
  overwrite(join(dir, FILE), 8192, Buffer.alloc(statSync(join(dir, FILE)).size - 8192, 'x'));
  again.history.note(line(5000, 'leg.fault', { room: 'allhands' }));
  const oldest = { ...ALL, toMs: NOON_MS + 500_000 };
  expect(await again.history.events(oldest)).toEqual({ kind: 'unavailable', code: 'corrupt' });
  await until('it is set aside', () => again.log.of('history.set-aside').length === 1);
  await written(again, 'leg.fault');
  expect(again.history).toMatchObject({ state: 'on', dropped: 0 });
  expect(log.complaints).toEqual([]);
});

test('of 5 files set aside the newest 3 are kept, each with its log', async () => {
  const dir = freshDir();
  for (const day of ['01', '02', '03', '04']) {
    const name = join(dir, `${FILE}.corrupt-202601${day}T000000Z`);
    writeFileSync(name, day);
    writeFileSync(`${name}-wal`, day);
  }
  writeFileSync(join(dir, `${FILE}.corrupt-by-hand`), '');
  writeFileSync(join(dir, FILE), 'garbage, and long enough to be looked at as a database '.repeat(9));
  const { log } = await opening(dir);
  expect(log.of('history.set-aside')).toHaveLength(1);
  expect(readdirSync(dir).filter((name) => name.includes('corrupt'))).toEqual([
    'history.db.corrupt-20260103T000000Z',
    'history.db.corrupt-20260103T000000Z-wal',
    'history.db.corrupt-20260104T000000Z',
    'history.db.corrupt-20260104T000000Z-wal',
    expect.stringMatching(/^history\.db\.corrupt-20261121T\d{6}Z$/),
    'history.db.corrupt-by-hand',
  ]);
});

test('a second relay on the same directory is told it is locked, and goes on 30 s after the first has closed', async () => {
  const first = await opening(freshDir());
  const second = stage(first.dir);
  second.history.note(line(0, 'room.state', { n: 2 }));
  await until('it is told', () => second.history.state === 'failing');
  expect(second.log.complaints).toMatchObject([
    { level: 'error', event: 'history.failed', code: 'locked', fix: 'give each relay a dataDir of its own' },
  ]);
  expect(await second.history.events(ALL)).toEqual({ kind: 'unavailable', code: 'locked' });
  first.history.note(line(0, 'room.state', { n: 1 }));
  await first.history.close();
  expect(first.log.complaints).toEqual([]);
  second.clock.advance(30_000);
  await until('it is well', () => second.history.state === 'on');
  await written(second, 'room.state', 2);
  expect(second.log.of('history.recovered')).toMatchObject([{ dropped: 0 }]);
});

test('a process of its own on the same directory is told the same', async () => {
  const { dir } = await opening(freshDir());
  const made = await child(
    dir,
    `const history = new History({ dir, days: 90, clock: systemClock, log });
     setTimeout(() => {}, 3000);`,
  );
  const said = saidBy(made);
  await until('it is told', () => said.length > 0);
  expect(said).toMatchObject([{ event: 'history.failed', code: 'locked' }]);
});

test('a directory that is a file is told once; of 10,100 lines the oldest are dropped, and the rest written when it is gone', async () => {
  const dir = join(freshDir(), 'data');
  writeFileSync(dir, '');
  const staged = stage(dir);
  const { history, clock, log } = staged;
  await until('it is told', () => history.state === 'failing');
  for (let n = 0; n < 10_100; n++) history.note(line(n, 'leg.opened', { room: 'allhands', epoch: n }));
  clock.advance(29_000);
  expect(log.complaints).toMatchObject([
    { level: 'error', event: 'history.failed', code: 'io', file: join(dir, FILE) },
    { level: 'warn', event: 'history.dropped', code: 'backlog' },
  ]);
  expect(history.dropped).toBe(100);
  spawnSync('rm', [dir]);
  clock.advance(1000);
  await until('it is well', () => history.state === 'on');
  await until('all is written', () => clock.pending <= 1);
  expect(await history.events({ ...ALL, offset: 9999 })).toMatchObject({
    rows: [{ epoch: 100 }],
    more: false,
  });
  expect(log.complaints).toHaveLength(2);
});

test('the file of a newer relay is left alone and told of', async () => {
  const dir = await usedDir();
  const bytes = statSync(join(dir, FILE)).size;
  const script = `import { openSqlite } from ${JSON.stringify(new URL('../../../dist/relay/history/sqlite.js', import.meta.url).href)};
    openSqlite(${JSON.stringify(join(dir, FILE))}).exec('PRAGMA user_version = 99');`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(0);
  const { history, log } = stage(dir);
  await until('it is told', () => history.state === 'failing');
  expect(log.complaints).toMatchObject([{ event: 'history.failed', code: 'newer-file' }]);
  expect(existsSync(join(dir, FILE))).toBe(true);
  expect(statSync(join(dir, FILE)).size).toBe(bytes);
});

test('a process that may write files of 200 kB only is told once, and goes on', async () => {
  const made = await child(
    freshDir(),
    `const history = new History({ dir, days: 90, clock: systemClock, log });
     for (let n = 0; n < 5000; n++)
       history.note({ atMs: n, level: 'info', event: 'leg.opened', fields: { room: 'allhands', epoch: n } });
     const timer = setInterval(() => {
       if (history.state === 'on') return;
       clearInterval(timer);
       setTimeout(async () => { await history.close(); say({ state: history.state, dropped: history.dropped }); }, 1500);
     }, 20);`,
    ['sh', '-c', 'ulimit -S -f 400; exec "$@"', 'sh'],
  );
  const said = saidBy(made);
  expect(await once(made, 'exit')).toEqual([0, null]);
  expect(said).toMatchObject([
    { level: 'error', event: 'history.failed', code: 'io', fix: expect.stringContaining('disk') },
    { level: 'warn', event: 'history.lost' },
    { state: 'failing', dropped: 0 },
  ]);
});

const MOUNT = ['unshare', '-rm', 'sh', '-c'];
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/** A process that has its `dir` on a disk of its own, of 1 MB. */
function onSmallDisk(dir: string, code: string) {
  const mounting = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"';
  const head = `import { execFileSync } from 'node:child_process';
    import { rmSync, writeFileSync } from 'node:fs';
    const awake = setInterval(() => {}, 1000);
    import { QuickClock } from 'data:text/javascript,${encodeURIComponent(QUICK_CLOCK)}';`;
  return child(dir, head + code, [...MOUNT, mounting, dir]);
}

/** The system's clock, but that 30 s of rest are 1 s. */
const QUICK_CLOCK = `export class QuickClock {
  nowMs() { return performance.now(); }
  wallMs() { return Date.now(); }
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs === 30000 ? 1000 : delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  }
}`;

test.skipIf(!canMount)(
  'a disk that is really full is told of once, can be read, and takes all that waited when it has room',
  async () => {
    const made = await onSmallDisk(
      freshDir(),
      `const clock = new QuickClock();
     const history = new History({ dir, days: 90, clock, log });
     const all = { room: null, fromMs: 0, toMs: 9e15, limit: 1000 };
     const rows = async () => (await history.events(all)).rows?.length;
     const state = async (wanted) => { while (history.state !== wanted) await new Promise((r) => setTimeout(r, 20)); };
     note(history, 0);
     while (!(await rows())) await new Promise((r) => setTimeout(r, 50));
     try { writeFileSync(dir + '/ballast', Buffer.alloc(2e6)); } catch (error) { say({ ballast: error.code }); }
     for (let n = 1; n < 600; n++) note(history, n);
     await state('failing');
     say({ readWhileFull: await rows() });
     await new Promise((r) => setTimeout(r, 2500));
     rmSync(dir + '/ballast');
     await state('on');
     say({ rows: await rows(), dropped: history.dropped });
     await history.close();
     clearInterval(awake);`,
    );
    const said = saidBy(made);
    expect(await once(made, 'exit')).toEqual([0, null]);
    expect(said).toMatchObject([
      { ballast: 'ENOSPC' },
      { level: 'error', event: 'history.failed', code: 'disk-full', fix: 'free some space' },
      { readWhileFull: 1 },
      { level: 'info', event: 'history.recovered' },
      { rows: 600, dropped: 0 },
    ]);
  },
);

test.skipIf(!canMount)(
  'a disk that is read-only is told of once, and written to when it is no longer',
  async () => {
    const made = await onSmallDisk(
      freshDir(),
      `const mount = (how) => execFileSync('mount', ['-o', 'remount,' + how, dir]);
     mount('ro');
     const history = new History({ dir, days: 90, clock: new QuickClock(), log });
     note(history, 1);
     await new Promise((r) => setTimeout(r, 3500));
     mount('rw');
     while (history.state === 'failing') await new Promise((r) => setTimeout(r, 20));
     const answer = await history.events({ room: null, fromMs: 0, toMs: 9e15, limit: 9 });
     say({ rows: answer.rows.length });
     await history.close();
     clearInterval(awake);`,
    );
    const said = saidBy(made);
    expect(await once(made, 'exit')).toEqual([0, null]);
    expect(said).toMatchObject([
      { level: 'error', event: 'history.failed', code: 'read-only', fix: 'let the relay write to dataDir' },
      { level: 'info', event: 'history.recovered' },
      { rows: 1 },
    ]);
  },
);
