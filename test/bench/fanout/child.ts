import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** What a child answers: a promise for each question. */
type Answers<Asks> = Record<keyof Asks, (given: never) => Promise<unknown>>;

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/** Cores: servers on one, everything else on the other, as far as the machine has two and lets itself be told. */
export const Core = { server: 0, load: 1 } as const;

const PRIORITY = -10;
const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;
const canHurry = process.getuid?.() === 0 && spawnSync('nice', ['--version']).status === 0;

/** How the processes are placed, for people. */
export const PLACEMENT = `${canPin ? 'pinned' : 'not pinned'}, ${canHurry ? `nice ${PRIORITY}` : 'not niced'}`;

/** A process of its own on the core given. */
export function start(core: number, nodeArgs: readonly string[], withChannel: boolean): ChildProcess {
  const command = [
    ...(canPin ? ['taskset', '-c', String(core)] : []),
    ...(canHurry ? ['nice', '-n', String(PRIORITY)] : []),
    process.execPath,
    ...nodeArgs,
  ];
  const [file = process.execPath, ...args] = command;
  const child = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'inherit', ...(withChannel ? ['ipc' as const] : [])],
    detached: canHurry, // a session of its own, see below
  });
  if (canHurry) hurrySession(child.pid ?? 0);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/** Linux may share the CPU between sessions first: there, what is nice within a session does not matter outside. */
function hurrySession(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(PRIORITY));
  } catch {
    // Sessions are not scheduled as groups here.
  }
}

/** A process that runs one role of this program and answers questions. */
export class Child<Asks extends Answers<Asks>> {
  readonly process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(core: number, role: string, args: readonly string[] = []) {
    this.process = start(core, [process.argv[1] ?? '', role, ...args], true);
    this.process.on('message', (message) => this.#onAnswer(new Map(Object.entries(message))));
    this.process.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`the ${role} process ended (${signal ?? code}); what it printed says why`));
      }
    });
  }

  /** Id of the process. */
  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Asks; rejects when the child fails at it or ends. */
  ask<Name extends keyof Asks & string>(
    name: Name,
    given: Parameters<Asks[Name]>[0],
  ): Promise<Awaited<ReturnType<Asks[Name]>>> {
    const id = this.#asked++;
    return new Promise<Awaited<ReturnType<Asks[Name]>>>((resolve, reject) => {
      // The other end of the channel is `answer` below, over the same map of questions.
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.process.send({ id, name, given });
    });
  }

  /** Ends the process. */
  async end(): Promise<void> {
    await ended(this.process, 'SIGKILL');
  }

  #onAnswer(message: ReadonlyMap<string, unknown>): void {
    const id = Number(message.get('id'));
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    const fault = message.get('fault');
    if (fault === undefined) waiting?.resolve(message.get('answer'));
    else waiting?.reject(new Error(typeof fault === 'string' ? fault : 'unknown fault'));
  }
}

/** Sends a signal and resolves when the process is gone. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill(signal);
  await gone;
}

/** The child's side: answers every question until the parent goes. */
export function answer<Asks extends Answers<Asks>>(answers: Asks): void {
  const known = new Map<string, (given: never) => Promise<unknown>>(Object.entries(answers));
  process.on('message', (message: unknown) => {
    // Our own parent wrote it: `ask` above.
    const { id, name, given } = message as { id: number; name: string; given: never };
    const reply = async (): Promise<unknown> => known.get(name)?.(given);
    reply().then(
      (value) => process.send?.({ id, answer: value }),
      (error: unknown) =>
        process.send?.({ id, fault: error instanceof Error ? error.message : 'unknown error' }),
    );
  });
  process.once('disconnect', () => process.exit());
}
