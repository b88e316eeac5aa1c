import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach } from 'vitest';
import { History } from '../../../relay/history/history.ts';
import { HISTORY_WORKER } from '../../../relay/installation.ts';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { ALL } from './words.ts';

const opened: History[] = [];
const dirs: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((history) => history.close()));
  for (const one of children.splice(0)) one.kill('SIGKILL');
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A directory that is there until the end of the test. */
export function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'conf-history-'));
  dirs.push(dir);
  return dir;
}

/** A history in `dir` with its thread, on a clock that the test moves. Closed at the end of the test. */
export function stage(dir: string, parts: { days?: number; worker?: string } = {}) {
  const clock = new FakeClock();
  const log = new KeptLog();
  const history = new History({ dir, days: 90, clock, log, ...parts });
  opened.push(history);
  return { dir, clock, log, history };
}

/** The same, once its file is open. */
export async function opening(dir: string, parts: { days?: number; worker?: string } = {}) {
  const staged = stage(dir, parts);
  await until('the file is open', () => staged.history.fileBytes > 0);
  return staged;
}

/** Moves time by the second after which lines are written; resolves when `count` events of `name` can be read. */
export async function written(
  { clock, history }: { clock: FakeClock; history: History },
  name: string,
  count = 1,
): Promise<void> {
  clock.advance(1000);
  await until(`${count} of ${name} are written`, async () => {
    const answer = await history.events(ALL);
    return answer.kind === 'rows' && answer.rows.filter(({ event }) => event === name).length >= count;
  });
}

/** Address of a built file of the relay, quoted for a script. */
function built(file: string): string {
  return JSON.stringify(pathToFileURL(join(HISTORY_WORKER, '../..', file)).href);
}

/** A process of its own that runs `code`, in which `History`, `systemClock`, `dir`, `log`, `note` and `say` are known; with words before its command. */
export async function child(
  dir: string,
  code: string,
  before: readonly string[] = [],
): Promise<ChildProcess> {
  const script = `
    import { History } from ${built('history/history.js')};
    import { systemClock } from ${built('clock.js')};
    const dir = ${JSON.stringify(dir)};
    const say = (words) => process.stdout.write(JSON.stringify(words) + '\\n');
    const tell = (level) => (event, fields) => say({ level, event, ...fields });
    const log = { debug() {}, info: tell('info'), warn: tell('warn'), error: tell('error') };
    const note = (history, n) =>
      history.note({ atMs: Date.now(), level: 'info', event: 'room.state', fields: { room: 'allhands', n } });
    ${code}`;
  const [command, ...words] = [...before, process.execPath, '--input-type=module', '-e', script];
  const made = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(made);
  await once(made, 'spawn');
  return made;
}

/** What a child says, line for line, as it comes. */
export function saidBy(made: ChildProcess): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  made.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part));
  });
  return lines;
}
