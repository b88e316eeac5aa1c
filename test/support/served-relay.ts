import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';
import { createAccount } from '../../demo/account.ts';
import { startSimulator, type Simulator } from '../../demo/simulator/simulator.ts';
import { until } from './until.ts';

const CLI = join(import.meta.dirname, '../../dist/relay/cli.js');
const ADMIN_KEY = 'an admin key of thirty-two characters';

/** The built `conf-relay serve` in a process of its own, with the simulator as its platform. */
export class ServedRelay {
  readonly simulator: Simulator;
  readonly url: string;
  readonly adminUrl: string;
  readonly dir = mkdtempSync(join(tmpdir(), 'conf-served-'));
  readonly #env: NodeJS.ProcessEnv;
  #settings: object;
  #process: ChildProcess | undefined;
  /** What it printed, of every start. */
  printed = '';

  private constructor(
    simulator: Simulator,
    env: NodeJS.ProcessEnv,
    ports: readonly [number, number],
    settings: object,
  ) {
    const [port, adminPort] = ports;
    this.simulator = simulator;
    this.#env = env;
    this.url = `http://127.0.0.1:${port}`;
    this.adminUrl = `http://127.0.0.1:${adminPort}`;
    this.#settings = {
      port,
      publicUrl: this.url,
      admin: { port: adminPort },
      dataDir: this.dataDir,
      lingerMs: 60_000,
      rooms: [{ id: 'allhands', silence: 'send' }],
      ...settings,
    };
    mkdirSync(this.dataDir);
  }

  /** `command` is put before the program, as `sh -c …` to change what the process may do. */
  static async start({
    settings = {},
    command = [],
  }: { settings?: object; command?: string[] } = {}): Promise<ServedRelay> {
    const ports = [await freePort(), await freePort()] as const;
    const account = createAccount();
    const url = `http://127.0.0.1:${ports[0]}`;
    const simulator = await startSimulator({
      ...account,
      answerUrl: `${url}/vonage/answer`,
      eventUrl: `${url}/vonage/event`,
    });
    const env = {
      ...process.env,
      CONF_ADMIN_KEY: ADMIN_KEY,
      CONF_TICKET_SECRET: account.ticketSecret,
      CONF_VONAGE_APPLICATION_ID: account.applicationId,
      CONF_VONAGE_PRIVATE_KEY: account.privateKey,
      CONF_VONAGE_SIGNATURE_SECRET: account.signatureSecret,
      CONF_VONAGE_API_KEY: account.apiKey,
      CONF_VONAGE_FROM: '442079460000',
      CONF_VONAGE_API_HOST: simulator.url,
    };
    const relay = new ServedRelay(simulator, env, ports, settings);
    await relay.startAgain(command);
    return relay;
  }

  /** Where the history lies. */
  get dataDir(): string {
    return join(this.dir, 'data');
  }

  /** Its settings file with others beside or in place of what it has; counts once it is read again. */
  configure(settings: object): void {
    this.#settings = { ...this.#settings, ...settings };
    writeFileSync(join(this.dir, 'conf-relay.json'), JSON.stringify(this.#settings));
  }

  /** Starts it; resolves when it listens. */
  async startAgain(command: readonly string[] = []): Promise<void> {
    this.configure({});
    const before = this.lines('relay.listening').length;
    const [file, ...args] = [...command, process.execPath, CLI, 'serve'];
    const child = spawn(file, args, { cwd: this.dir, env: this.#env });
    this.#process = child;
    child.stdout.on('data', (text: Buffer) => (this.printed += text.toString()));
    child.stderr.on('data', (text: Buffer) => (this.printed += text.toString()));
    await until('it listens', () => {
      if (child.exitCode !== null) throw new Error(`it did not start: ${this.printed.slice(-1000)}`);
      return this.lines('relay.listening').length > before;
    });
  }

  /** Its log lines of one event. */
  lines(event: string): string[] {
    return this.printed.split('\n').filter((line) => line.includes(`"event":"${event}"`));
  }

  /** A signal to the process. */
  signal(name: NodeJS.Signals): void {
    this.#process?.kill(name);
  }

  /** Ends it with this signal; gives the exit code. */
  async end(name: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    if (!child) return null;
    child.kill(name);
    await until('it has ended', () => child.exitCode !== null || child.signalCode !== null, 30_000);
    return child.exitCode;
  }

  /** What the operator is told at a path of the admin listener. */
  async ask(path: string): Promise<string> {
    const answer = await fetch(`${this.adminUrl}${path}`, {
      headers: { Authorization: `Bearer ${ADMIN_KEY}` },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.text();
  }

  /** Ends everything and takes its files away. */
  async close(): Promise<void> {
    await this.end('SIGKILL');
    await this.simulator.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
