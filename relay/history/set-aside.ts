import { lstatSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** What SQLite keeps beside a file, and the file itself. */
const PARTS = ['', '-wal', '-shm', '-journal'];
const MAX_KEPT = 3;
const STAMPED = /^(\d{8}T\d{6}Z)(?:-wal|-shm|-journal)?$/;

/**
 * Renames `name` in `dir`, and what SQLite keeps beside it, to `<name>.corrupt-<UTC stamp>`; the newest 3 of such are
 * kept. The new path. Throws what the file system throws.
 */
export function setAside(dir: string, name: string, atMs: number): string {
  const stamp = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const target = join(dir, `${name}.corrupt-${stamp}`);
  for (const part of PARTS) {
    const from = join(dir, name + part);
    if (lstatSync(from, { throwIfNoEntry: false })) renameSync(from, target + part);
  }
  forgetOld(dir, `${name}.corrupt-`);
  return target;
}

function forgetOld(dir: string, prefix: string): void {
  const stampOf = (file: string): string | undefined =>
    file.startsWith(prefix) ? STAMPED.exec(file.slice(prefix.length))?.[1] : undefined;
  const files = readdirSync(dir);
  const stamps = new Set(files.map(stampOf).filter((stamp) => stamp !== undefined));
  const kept = new Set([...stamps].toSorted().slice(-MAX_KEPT));
  for (const file of files) {
    const stamp = stampOf(file);
    if (stamp !== undefined && !kept.has(stamp)) forget(join(dir, file));
  }
}

function forget(path: string): void {
  if (!lstatSync(path).isDirectory()) return rmSync(path, { force: true });
  try {
    rmdirSync(path);
  } catch {
    // A directory in the file's place that is not empty is not ours to empty.
  }
}
