import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount, type DemoAccount } from '../../demo/account.ts';
import { freePort } from '../../demo/free-port.ts';
import { startSimulator, type Simulator } from '../../demo/simulator/simulator.ts';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Of the server that a guide speaks of; here they lie below the desk's own folder. */
const SERVER_PATH = /(?<![\w/.:])\/(?=(?:etc|opt|usr\/local|var)\/)/g;
const FOLDERS = [
  'bin',
  'etc/caddy',
  'etc/nginx/sites-enabled',
  'etc/sysctl.d',
  'etc/systemd/system',
  'home',
  'usr/local/bin',
  'var/lib',
];
/** Releases that somebody has put there; what `npm` would make is there already. */
const RELEASES = ['opt/conf-relay-0.1.0', 'opt/conf-relay-0.2.0'];
const LINKED = ['dist', 'node_modules', 'package.json', 'relay'];
const UNIT = '/etc/systemd/system/conf-relay.service';
/** What the shell says when a command has ended, with its exit code. */
const END = /\n==(\d+)==\n/;
const COMMAND_WITHIN_MS = 60_000;

/** What a command left. */
export interface Done {
  code: number;
  out: string;
}

/**
 * A clean machine on which a guide is followed: one shell, as somebody would have it, an empty home, a server's folders
 * below a temporary one, and the simulated platform. `sudo` does nothing; systemd is as much of it as the unit needs.
 */
export class GuideDesk {
  readonly dir = mkdtempSync(join(tmpdir(), 'conf-guide-'));
  readonly account: DemoAccount;
  readonly url: string;
  readonly adminUrl: string;
  readonly #simulator: Simulator;
  readonly #env: Readonly<Record<string, string>>;
  readonly #shell: ChildProcess;
  #out = '';
  #service: ChildProcess | undefined;
  #serviceLog = '';

  private constructor(port: number, adminPort: number, simulator: Simulator, account: DemoAccount) {
    this.account = account;
    this.url = `http://127.0.0.1:${port}`;
    this.adminUrl = `http://127.0.0.1:${adminPort}`;
    this.#simulator = simulator;
    for (const folder of FOLDERS) mkdirSync(join(this.dir, folder), { recursive: true });
    for (const release of RELEASES) {
      mkdirSync(join(this.dir, release), { recursive: true });
      for (const name of LINKED) symlinkSync(join(ROOT, name), join(this.dir, release, name));
    }
    const sudo = join(this.dir, 'bin/sudo');
    writeFileSync(sudo, '#!/bin/sh\nexec "$@"\n');
    chmodSync(sudo, 0o755);
    writeFileSync(join(this.dir, 'home/private.key'), account.privateKey);
    this.#env = {
      PATH: [join(this.dir, 'usr/local/bin'), join(this.dir, 'bin'), process.env['PATH']].join(':'),
      HOME: join(this.dir, 'home'),
      CONF_PORT: String(port),
      CONF_ADMIN_PORT: String(adminPort),
      CONF_VONAGE_API_HOST: simulator.url,
      CONF_VONAGE_REST_HOST: simulator.url,
    };
    this.#shell = spawn('bash', ['--noprofile', '--norc'], { cwd: join(this.dir, 'home'), env: this.#env });
    for (const stream of [this.#shell.stdout, this.#shell.stderr])
      stream?.on('data', (part: Buffer) => (this.#out += part.toString()));
  }

  /** A machine with a release on it, and an account at the platform whose application points to it. */
  static async open(): Promise<GuideDesk> {
    const [port, adminPort, account] = [await freePort(), await freePort(), createAccount()];
    const url = `http://127.0.0.1:${port}`;
    const simulator = await startSimulator({
      ...account,
      answerUrl: `${url}/vonage/answer`,
      eventUrl: `${url}/vonage/event`,
    });
    return new GuideDesk(port, adminPort, simulator, account);
  }

  /** What somebody types when `conf-relay init` asks, in the order of the guide's table. */
  get answers(): string[] {
    const { applicationId, apiKey, signatureSecret, apiSecret } = this.account;
    return [this.url, applicationId, '', apiKey, signatureSecret, apiSecret, '442079460000', '', '', '', ''];
  }

  /** Where a path of the guide's server lies. */
  path(onServer: string): string {
    return onServer.replaceAll(SERVER_PATH, `${this.dir}/`);
  }

  /** Runs a command in the shell; `input` is what is typed meanwhile. */
  async run(command: string, input: readonly string[] = []): Promise<Done> {
    const typed = join(this.dir, 'typed');
    writeFileSync(typed, input.map((line) => `${line}\n`).join(''));
    const here = this.path(command)
      .replaceAll('https://relay.example', this.url)
      .replaceAll('http://127.0.0.1:9090', this.adminUrl);
    this.#out = '';
    this.#shell.stdin?.write(`{ ${here}\n} <'${typed}'; printf '\\n==%s==\\n' $?\n`);
    const code = await until(`the end of: ${command}`, () => END.exec(this.#out)?.[1], COMMAND_WITHIN_MS);
    return { code: Number(code), out: this.#out.replace(END, '') };
  }

  /** `systemctl start`: does what the installed unit says. */
  start(): Promise<void> {
    const unit = readFileSync(this.path(UNIT), 'utf8').replaceAll('%S/', '/var/lib/');
    const [command = '', ...args] = this.path(settingsIn(unit, 'ExecStart')[0] ?? '').split(' ');
    const variables = settingsIn(unit, 'Environment').map((line) =>
      this.path(line.replace('=', '= ')).split('= '),
    );
    return this.#serve(command, args, {
      cwd: this.path(settingsIn(unit, 'WorkingDirectory')[0] ?? '/'),
      env: { ...this.#env, ...Object.fromEntries(variables) },
    });
  }

  /** Runs the relay as somebody would by hand, until it listens. */
  startByHand(command: string): Promise<void> {
    const words = this.path(command).replace('sudo ', '').split(' ');
    const cwd = command.includes('dist/')
      ? this.path('/opt/conf-relay-0.1.0/')
      : this.path('/etc/conf-relay/');
    return this.#serve(words[0] ?? '', words.slice(1), { cwd, env: this.#env });
  }

  async #serve(
    command: string,
    args: string[],
    options: { cwd: string; env: Record<string, string> },
  ): Promise<void> {
    this.#serviceLog = '';
    const service = spawn(command, args, options);
    this.#service = service;
    for (const stream of [service.stdout, service.stderr])
      stream.on('data', (part: Buffer) => (this.#serviceLog += part.toString()));
    await until('the relay listens', () => {
      if (service.exitCode !== null) throw new Error(`the relay ended: ${this.#serviceLog}`);
      return this.#serviceLog.includes('"relay.listening"');
    });
  }

  /** `systemctl reload`. */
  async reload(): Promise<void> {
    this.#serviceLog = '';
    this.#service?.kill('SIGHUP');
    await until('the relay has other settings', () => {
      if (!isAlive(this.#service)) throw new Error('a reload has ended the relay');
      return this.#serviceLog.includes('"config.reloaded"');
    });
  }

  /** `systemctl stop`; the exit code. */
  async stop(): Promise<number | null> {
    const service = this.#service;
    this.#service = undefined;
    if (!service) return null;
    if (isAlive(service)) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    return service.exitCode;
  }

  /** Lines of the service's log since its start or its last reload. */
  get log(): string {
    return this.#serviceLog;
  }

  async close(): Promise<void> {
    this.#service?.kill('SIGKILL');
    this.#shell.kill();
    await this.#simulator.close();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isAlive(child: ChildProcess | undefined): boolean {
  return child?.exitCode === null && child.signalCode === null;
}

/** Values of a setting of a unit. */
function settingsIn(unit: string, name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}
