import { mkdtemp, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { failure, notChecked, ok, warning, type Finding } from './finding.ts';

/** Of package.json's `engines`. */
const OLDEST_NODE = [20, 19] as const;
/** Beside its listeners: legs, files, the admin listener, connections that come and go. */
const SPARE_FILES = 1000;
const FEWEST_FILES = 1024;
const LOW_DISK_BYTES = 100e6;

/** Whether Node is new enough: `version` is such as `20.19.0`. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_NODE;
  const isNew = major > oldMajor || (major === oldMajor && minor >= oldMinor);
  const oldest = OLDEST_NODE.join('.');
  return isNew ? ok('Node', version) : failure('Node', `is ${version}`, `install ${oldest} or newer`);
}

/** Whether as many connections as the settings allow can be open. `limits`: text of `/proc/self/limits`. */
export function openFilesFinding(limits: string | undefined, connections: number): Finding {
  const what = 'open files';
  const [, soft] = /^Max open files\s+(\d+|unlimited)\s/m.exec(limits ?? '') ?? [];
  if (soft === undefined) return notChecked(what, 'only Linux says how many there may be');
  const allowed = soft === 'unlimited' ? Infinity : Number(soft);
  const wanted = connections + SPARE_FILES;
  const fix = `set LimitNOFILE=${wanted} in the systemd unit (or: ulimit -n ${wanted})`;
  if (allowed < FEWEST_FILES) return failure(what, `only ${soft} may be open (ulimit -n)`, fix);
  if (allowed >= wanted) return ok(what, `${soft} may be open`);
  const why = `${soft} may be open (ulimit -n), and limits.connections is ${connections}`;
  return warning(what, why, `${fix}, or lower limits.connections`);
}

/** Whether the history can be written, and for how long. Leaves nothing behind. */
export async function dataDirFindings({ history }: Pick<Config, 'history'>): Promise<Finding[]> {
  if (!history) return [ok('dataDir', 'is not needed: no history is kept')];
  const { dir } = history;
  const there = await nearestThere(resolve(dir));
  try {
    // Tried rather than asked: for root every directory seems writable.
    await rmdir(await mkdtemp(join(there, '.conf-relay-check-')));
    const { bavail, bsize } = await statfs(there);
    return [ok('dataDir', `${dir} can be written`), diskFinding(bavail * bsize)];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const fix = `make ${dir} a directory that the relay's user may write, or set history to false`;
    return [
      failure('dataDir', `${dir} cannot be written (${code})`, fix),
      notChecked('disk', 'dataDir cannot be written'),
    ];
  }
}

function diskFinding(freeBytes: number): Finding {
  const free = `${Math.round(freeBytes / 1e6)} MB are free for dataDir`;
  return freeBytes < LOW_DISK_BYTES
    ? warning('disk', `only ${free}`, 'make room, or lower historyDays')
    : ok('disk', free);
}

/** The path itself, or the nearest above it that is there: in it the relay would make the rest. */
async function nearestThere(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
  return isThere || dirname(path) === path ? path : nearestThere(dirname(path));
}
