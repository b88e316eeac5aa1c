import type { BaselineAsks } from './baseline.ts';
import { Child, Core } from './child.ts';
import type { Target } from './listener.ts';
import type { LoadAsks } from './load.ts';
import { coreBusyUs, cpuUs, rssKb } from './machine.ts';
import type { JoinReport } from './crowd.ts';
import type { WindowReport } from './meter.ts';
import { monotonicUs, sleep, sleepUntil } from './monotonic.ts';
import type { PublisherAsks } from './publisher.ts';
import { RelayProcess } from './relay-process.ts';
import { ROOM } from './workload.ts';

/** Servers that can be measured. */
export const SERVERS = ['relay', 'naive', 'socketio', 'http'] as const;

/** One of {@link SERVERS}. */
export type ServerName = (typeof SERVERS)[number];

const HANDSHAKES_AT_ONCE = 256;
const LEAD_MS = 200;
/** A chunk that has not come this long after the window's end is missed. */
const GRACE_MS = 2500;
const SETTLE_MS = 1000;

/** One window's figures of server and load. */
export interface Measured extends WindowReport {
  /** Of the server's core. */
  serverShare: number;
  serverUs: number;
  /** Of the load's core; above 0.85 the figures are not to be trusted. */
  loadShare: number;
  /** What other programs took of the server's core. */
  othersShare: number;
}

/** A server that is published to, and the process that listens to it. */
export class Stage {
  readonly load = new Child<LoadAsks>(Core.load, 'load');
  readonly publisher = new Child<PublisherAsks>(Core.load, 'publisher');
  readonly target: Target;
  readonly #serverPid: () => number;
  readonly #endServer: () => Promise<void>;

  private constructor(target: Target, serverPid: () => number, endServer: () => Promise<void>) {
    this.target = target;
    this.#serverPid = serverPid;
    this.#endServer = endServer;
  }

  /** Starts a server and publishes to it. */
  static async open(name: ServerName): Promise<Stage> {
    if (name === 'relay') return Stage.over(await RelayProcess.start({ watched: false, tickets: 0 }));
    const server = new Child<BaselineAsks>(Core.server, name);
    const port = await server.ask('listen', undefined);
    const target: Target = {
      port,
      dialect: name === 'naive' ? 'websocket' : name,
      path: name === 'socketio' ? '/socket.io/?EIO=4&transport=websocket' : '/',
    };
    const stage = new Stage(
      target,
      () => server.pid,
      () => server.end(),
    );
    await stage.#publish(port, '');
    return stage;
  }

  /** Publishes to a relay that runs already. */
  static async over(relay: RelayProcess): Promise<Stage> {
    const stage = new Stage(
      relay.target,
      () => relay.pid,
      () => relay.end(),
    );
    await stage.#publish(relay.port, await relay.publisherTicket());
    return stage;
  }

  /** Id of the server's process. */
  get serverPid(): number {
    return this.#serverPid();
  }

  /** Resident memory of the server, kB. */
  get rssKb(): number {
    return rssKb(this.serverPid);
  }

  /** Seats more listeners. */
  join(count: number, measured = true): Promise<JoinReport> {
    return this.load.ask('join', { target: this.target, count, atOnce: HANDSHAKES_AT_ONCE, measured });
  }

  /** Measures for `windowMs`, beginning now; `meanwhile` runs within the window. */
  async measure(windowMs: number, meanwhile: () => Promise<void> = async () => {}): Promise<Measured> {
    const fromUs = monotonicUs() + LEAD_MS * 1000;
    const toUs = fromUs + windowMs * 1000;
    await this.load.ask('watch', { fromUs, toUs });
    await sleepUntil(fromUs);
    const before = this.#usage();
    const inside = meanwhile();
    await sleepUntil(toUs);
    const after = this.#usage();
    await inside;
    await sleep(GRACE_MS);
    const windowUs = after.atUs - before.atUs;
    const serverUs = after.serverUs - before.serverUs;
    return {
      ...(await this.load.ask('report', undefined)),
      serverUs,
      serverShare: serverUs / windowUs,
      loadShare: (after.loadUs - before.loadUs) / windowUs,
      othersShare: Math.max(0, (after.coreUs - before.coreUs - serverUs) / windowUs),
    };
  }

  /** Ends every process. */
  async close(): Promise<void> {
    await Promise.all([this.load.end(), this.publisher.end(), this.#endServer()]);
  }

  #usage() {
    return {
      atUs: monotonicUs(),
      serverUs: cpuUs(this.serverPid),
      loadUs: cpuUs(this.load.pid),
      coreUs: coreBusyUs(Core.server),
    };
  }

  async #publish(port: number, ticket: string): Promise<void> {
    await this.publisher.ask('publish', { url: `ws://127.0.0.1:${port}/ingest/${ROOM}`, ticket });
    await sleep(SETTLE_MS);
  }
}
