import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ticketsBy } from '../../support/tickets.ts';
import { SETTING_NAMES } from '../../../relay/config/settings.ts';
import { SUBPROTOCOL } from '../../../wire/messages.ts';
import { Child, Core, ended, start } from './child.ts';
import type { Target } from './listener.ts';
import { sleep } from './monotonic.ts';
import type { LoopDelays, WatchAsks } from './watched-relay.ts';
import { CHUNK_MS, ROOM } from './workload.ts';

const SECRET = 'a secret of thirty-two characters';
const ADMIN_KEY = 'an admin key of thirty-two characters';
/** Far above what is measured: the bench measures the fan-out, not the door. */
const LIMITS = { connections: 100_000, perRoom: 100_000, perAddress: 100_000, joinsPerSec: 100_000 };
const START_TIMEOUT_MS = 10_000;
const TICKET_SEC = 3600;
const SETTLE_MS = 2000;
const COLLECTIONS = 4;

/** How a relay is started. */
export interface RelayWishes {
  /** It can be told to collect garbage, and tells how late its event loop was. */
  watched: boolean;
  /** So many tickets are signed, and nobody listens without; 0: everybody may. */
  tickets: number;
}

/** The built relay in a process of its own, with one room. */
export class RelayProcess {
  readonly port: number;
  readonly #dir = mkdtempSync(join(tmpdir(), 'conf-fanout-'));
  readonly #watched: boolean;
  readonly #tickets: readonly string[];
  #watch: Child<WatchAsks> | undefined;
  #process: ChildProcess | undefined;

  readonly #adminPort: number;

  private constructor(port: number, adminPort: number, watched: boolean, tickets: readonly string[]) {
    this.port = port;
    this.#adminPort = adminPort;
    this.#watched = watched;
    this.#tickets = tickets;
    const settings = new Set<string>(SETTING_NAMES);
    const config = {
      port,
      admin: { key: ADMIN_KEY, port: adminPort },
      chunkMs: CHUNK_MS,
      ticketSecret: SECRET,
      dataDir: join(this.#dir, 'data'),
      logLevel: 'warn',
      limits: Object.fromEntries(Object.entries(LIMITS).filter(([name]) => settings.has(`limits.${name}`))),
      rooms: [{ id: ROOM, source: 'l16', silence: 'send', access: tickets.length > 0 ? 'ticket' : 'open' }],
    };
    writeFileSync(this.#configPath, JSON.stringify(config));
  }

  /** Starts it on a free port. */
  static async start({ watched, tickets }: RelayWishes): Promise<RelayProcess> {
    const signing = ticketsBy(SECRET);
    // None is like another: each is good for a second more.
    const signed = await Promise.all(
      Array.from({ length: tickets }, (_, n) => signing.issue([ROOM], 'listen', TICKET_SEC + n)),
    );
    const relay = new RelayProcess(await freePort(), await freePort(), watched, signed);
    await relay.startAgain();
    return relay;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get target(): Target {
    return {
      dialect: 'websocket',
      port: this.port,
      path: `/v1/rooms/${ROOM}/listen`,
      protocol: SUBPROTOCOL,
      ...(this.#tickets.length > 0 && { tickets: this.#tickets }),
    };
  }

  /** A ticket that lets its holder publish. */
  publisherTicket(): Promise<string> {
    return ticketsBy(SECRET).issue([ROOM], 'publish', TICKET_SEC);
  }

  /** Starts it on the same port as before; resolves when it answers. */
  async startAgain(): Promise<void> {
    const program = process.argv[1] ?? '';
    const cli = join(dirname(program), '../relay/cli.js');
    if (!existsSync(cli)) throw new Error(`there is no ${cli}: run "npm run build" first`);
    const args = [cli, 'serve', '--config', this.#configPath];
    this.#watch = this.#watched
      ? new Child(Core.server, 'watched-relay', [this.#stallPath, ...args])
      : undefined;
    this.#process = this.#watch?.process ?? start(Core.server, args, false);
    for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += 20) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => undefined);
      if (answer?.ok) return;
      if (this.#process.exitCode !== null)
        throw new Error('the relay did not start; what it printed says why');
      await sleep(20);
    }
    throw new Error(`the relay did not answer within ${START_TIMEOUT_MS / 1000} s; is the machine busy?`);
  }

  /** Ends it as an operator does. Gives its longest stall meanwhile, where it is watched. */
  async stop(): Promise<number> {
    if (this.#process) await ended(this.#process, 'SIGTERM');
    return existsSync(this.#stallPath) ? Number(readFileSync(this.#stallPath, 'utf8')) : Number.NaN;
  }

  /** Lets it collect its garbage. */
  async settle(): Promise<void> {
    await sleep(SETTLE_MS);
    for (let round = 0; round < COLLECTIONS; round++) {
      await this.#watch?.ask('collectGarbage', undefined);
      await sleep(SETTLE_MS / COLLECTIONS);
    }
  }

  /** Lets it collect its garbage, now. It must be watched. */
  async collectGarbage(): Promise<void> {
    await this.#watch?.ask('collectGarbage', undefined);
  }

  /** What its main thread holds, kB. It must be watched. */
  async heldKb(): Promise<number> {
    return (await this.#watch?.ask('heldKb', undefined)) ?? Number.NaN;
  }

  /** How many listen, as it tells its operator. */
  async listeners(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.#adminPort}/v1/rooms`, {
      headers: { Authorization: `Bearer ${ADMIN_KEY}` },
    });
    const told: { rooms: { listeners: { now: number } }[] } = JSON.parse(await answer.text());
    return told.rooms.reduce((sum, { listeners }) => sum + listeners.now, 0);
  }

  /** After how many seconds nobody is counted any more; NaN where somebody still is after `withinMs`. */
  async emptied(withinMs: number): Promise<number> {
    for (let waitedMs = 0; waitedMs <= withinMs; waitedMs += 100) {
      if ((await this.listeners()) === 0) return waitedMs / 1000;
      await sleep(100);
    }
    return Number.NaN;
  }

  /** Ends it as an operator does; gives its exit code: 1 where something failed that nobody caught. */
  async stopped(): Promise<number> {
    await this.stop();
    return this.#process?.exitCode ?? Number.NaN;
  }

  /** How late its event loop was since last asked; it must be watched. */
  async loopDelays(): Promise<LoopDelays> {
    if (!this.#watch) throw new Error('this relay is not watched');
    return this.#watch.ask('delays', undefined);
  }

  /** Ends it at once and takes its settings away. */
  async end(): Promise<void> {
    if (this.#process) await ended(this.#process, 'SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  get #configPath(): string {
    return join(this.#dir, 'conf-relay.json');
  }

  get #stallPath(): string {
    return join(this.#dir, 'stall-ms');
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
