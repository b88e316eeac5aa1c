import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Of the image; on this machine they lie in the stage's folder. */
const IMAGE_PATH = /(?<=^|[\s=])\/(?:etc|opt|src|var)(?=\/)/g;

/** A line of a Dockerfile. */
export interface Step {
  word: string;
  rest: string;
}

/** A stage of an image that is a folder here. */
interface Stage {
  dir: string;
  workdir: string;
  env: Record<string, string>;
}

/** What came of a Dockerfile's steps. */
export interface Image {
  /** What would be `/`. */
  dir: string;
  /** Where a path of the image lies on this machine. */
  path(inImage: string): string;
  /** Working directory of a container, on this machine. */
  workdir: string;
  env: Readonly<Record<string, string>>;
  /** Arguments of ENTRYPOINT and CMD, or of the HEALTHCHECK, with paths of this machine. */
  command: readonly string[];
  healthcheck: readonly string[];
  remove(): void;
}

/** The steps of a Dockerfile, without comments; a line that ends with `\` goes on. */
export function stepsOf(dockerfile: string): Step[] {
  const lines = dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { word, rest };
    });
}

/** Whether a `.dockerignore` keeps a path (from the context's root) out; as much of its language as ours uses. */
export function ignoredBy(dockerignore: string): (path: string) => boolean {
  const patterns = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const rules = patterns.map((pattern) => {
    const source = pattern.replaceAll(/[.+^$()|[\]{}]|\*\*\/|\*/g, (one) =>
      one === '**/' ? '(?:.+/)?' : one === '*' ? '[^/]*' : `\\${one}`,
    );
    return new RegExp(`^${source}(?:/|$)`);
  });
  return (path) => rules.some((rule) => rule.test(path));
}

/**
 * Performs the RUN and COPY steps of a Dockerfile in order, in a temporary folder and on this machine's own Node, for
 * where no Docker is. Throws with what a step printed when it fails.
 */
export async function buildImage(file: string): Promise<Image> {
  const base = mkdtempSync(join(tmpdir(), 'conf-image-'));
  chmodSync(base, 0o755);
  const ignored = ignoredBy(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  const stages: Stage[] = [];
  const named = new Map<string, Stage>();
  const lists = new Map<string, string[]>();
  let stage: Stage = { dir: base, workdir: '/', env: {} };
  const here = (path: string): string =>
    join(stage.dir, path.startsWith('/') ? path : join(stage.workdir, path));
  try {
    for (const { word, rest } of stepsOf(readFileSync(join(ROOT, file), 'utf8'))) {
      switch (word) {
        case 'FROM': {
          stage = { dir: join(base, String(stages.length)), workdir: '/', env: {} };
          mkdirSync(stage.dir);
          stages.push(stage);
          const [, , name] = rest.split(/\s+/);
          if (name) named.set(name, stage);
          break;
        }
        case 'WORKDIR':
          stage.workdir = rest;
          mkdirSync(here(rest), { recursive: true });
          break;
        case 'ENV': {
          const [name = '', value = ''] = rest.split('=');
          stage.env[name] = value;
          break;
        }
        case 'COPY': {
          const [, from, list = ''] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(rest) ?? [];
          const source = from === undefined ? { dir: ROOT } : named.get(from);
          if (!source) throw new Error(`there is no stage ${from}`);
          const names = list.split(/\s+/);
          const target = names.pop() ?? '';
          for (const name of names) copy(join(source.dir, name), here(target), from ? () => false : ignored);
          break;
        }
        case 'RUN':
          await run(
            rest.replaceAll(IMAGE_PATH, (path) => join(stage.dir, path)),
            here('.'),
            stage.env,
          );
          break;
        case 'ENTRYPOINT':
        case 'CMD':
          lists.set(word, JSON.parse(rest));
          break;
        case 'HEALTHCHECK':
          lists.set(word, JSON.parse(rest.slice(rest.indexOf('['))));
          break;
        case 'USER':
        case 'VOLUME':
        case 'STOPSIGNAL':
          break;
        default:
          throw new Error(`this has no idea of ${word}`);
      }
    }
  } catch (error) {
    rmSync(base, { recursive: true, force: true });
    throw error;
  }
  const last = stage;
  const mapped = (word: string): string[] =>
    (lists.get(word) ?? []).map((part) => part.replaceAll(IMAGE_PATH, (path) => join(last.dir, path)));
  return {
    dir: last.dir,
    path: (inImage) => join(last.dir, inImage),
    workdir: join(last.dir, last.workdir),
    env: Object.fromEntries(
      Object.entries(last.env).map(([name, value]) => [
        name,
        value.replaceAll(IMAGE_PATH, (path) => join(last.dir, path)),
      ]),
    ),
    command: [...mapped('ENTRYPOINT'), ...mapped('CMD')],
    healthcheck: mapped('HEALTHCHECK'),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** COPY: a folder's content goes into the target, a file goes to it, or below it where it ends with `/`. */
function copy(source: string, target: string, ignored: (path: string) => boolean): void {
  const isFolder = statSync(source).isDirectory();
  const into = !isFolder && existsSync(target) && statSync(target).isDirectory();
  cpSync(source, into ? join(target, basename(source)) : target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (from) => from === source || !ignored(relative(ROOT, from)),
  });
}

async function run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<void> {
  // What a test run tells its own processes is none of a build's business.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(NODE_ENV|TEST|VITEST.*)$/.test(name));
  const quiet = { npm_config_prefer_offline: 'true', npm_config_fund: 'false' };
  const child = spawn('sh', ['-ec', command], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...quiet, ...env },
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${said.slice(-4000)}`);
}
