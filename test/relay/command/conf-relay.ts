import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeakSearch } from '../../support/leak-search.ts';

/** The built command line. */
export const CLI = join(import.meta.dirname, '../../../dist/relay/cli.js');

/** What a command left. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A directory where commands of the built relay run, each to its end, in a process of its own. */
export class Desk {
  readonly dir = mkdtempSync(join(tmpdir(), 'conf-desk-'));
  /** Knows the secrets that nothing may print. */
  readonly leaks = new LeakSearch();
  /** Of every command; nothing else of this process's environment is passed on. */
  env: Record<string, string> = {};

  /** Puts a file there. */
  write(name: string, text: string): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  /** Names of what lies there. */
  files(): string[] {
    return readdirSync(this.dir).toSorted();
  }

  /** `openFiles`: how many it may have. */
  async run(args: readonly string[], { input = '', openFiles = 0 } = {}): Promise<Ended> {
    const env = { PATH: process.env['PATH'], ...this.env };
    const [command, ...rest] =
      openFiles > 0
        ? ['bash', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'bash', process.execPath, CLI, ...args]
        : [process.execPath, CLI, ...args];
    const child = spawn(command, rest, { cwd: this.dir, env, timeout: 20_000 });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
    const [code] = await once(child, 'close');
    const found = this.leaks.leaksIn({ stdout, stderr });
    if (found.length > 0) throw new Error(`it printed secrets: ${JSON.stringify(found)}`);
    return { code, stdout, stderr };
  }

  clear(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
