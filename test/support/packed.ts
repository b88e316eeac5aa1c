import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A project of somebody who has installed the package from its tarball. */
export interface Project {
  dir: string;
  /** The installed package. */
  packageDir: string;
  /** What the tarball holds, as paths from the package's root. */
  files: readonly string[];
  /** Bytes of the tarball. */
  tarballBytes: number;
  /** Makes packages of ours the project's too. */
  use(...packages: readonly string[]): void;
  /** Runs a program of one of our packages in the project; gives what it prints, of either outcome. */
  run(script: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  remove(): void;
}

/** Packs what was built and installs it in an empty folder. Nothing is fetched. */
export async function installPacked(): Promise<Project> {
  const dir = mkdtempSync(join(tmpdir(), 'conf-project-'));
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', dir];
  const { stdout } = await run('npm', packing, { cwd: ROOT, maxBuffer: 2 ** 24 });
  const [packed]: { filename: string; size: number; files: { path: string }[] }[] = JSON.parse(stdout);
  if (!packed) throw new Error('npm packed nothing');
  await run('tar', ['xzf', packed.filename], { cwd: dir });
  mkdirSync(join(dir, 'node_modules'));
  const packageDir = join(dir, 'node_modules/conf-listener');
  renameSync(join(dir, 'package'), packageDir);
  return {
    dir,
    packageDir,
    files: packed.files.map(({ path }) => path),
    tarballBytes: packed.size,
    use: (...packages) => {
      for (const name of packages) {
        const place = join(dir, 'node_modules', name);
        mkdirSync(dirname(place), { recursive: true });
        symlinkSync(join(ROOT, 'node_modules', name), place);
      }
    },
    run: async (script, args, env = {}) => {
      const file = join(ROOT, 'node_modules', script);
      const options = { cwd: dir, env: { ...process.env, ...env } };
      try {
        const done = await run(process.execPath, [file, ...args], options);
        return done.stdout + done.stderr;
      } catch (error) {
        if (error instanceof Error && 'stdout' in error) return `${error.message}\n${String(error.stdout)}`;
        throw error;
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
