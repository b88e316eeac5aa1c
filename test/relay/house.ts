import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WebSocket, type ClientOptions } from 'ws';
import { decodeChunk, type Chunk } from '../../wire/chunk.ts';
import { parseRelayMessage, type RelayMessage } from '../../wire/messages.ts';
import { frameBytes, type SampleRate } from '../../wire/format.ts';
import type { Scope, Tickets } from '../../relay/access/tickets.ts';
import { ticketsBy } from '../support/tickets.ts';
import { readConfig } from '../../relay/config/config.ts';
import { startRelay, type Relay, type RelayOptions } from '../../relay/main.ts';
import { until } from '../support/until.ts';
import { KeptLog } from '../support/quiet-log.ts';

export const SECRET = 'a secret of thirty-two characters';
const SCRIPT = 'export const element = "the element";\n'.repeat(40);
/** What a build leaves: the element, and what the pages load. */
const BUILT = {
  'component/conf-listener.js': SCRIPT,
  'component/conf-listener.iife.js': SCRIPT,
  'component/conf-session-a1b2c3d4.js': 'export const session = 1;\n',
  'component/lang/de.js': 'export {};\n',
  'pages/page.css': 'body { margin: 0 }\n',
  'pages/console.css': 'body { margin: 0 }\n',
  'pages/console.js': 'export {};\n',
  'pages/help/csp.html': '<!doctype html><title>The policy</title>\n',
};

/** A relay on a free port: `allhands` and `side` are open, `board` wants tickets; all are fed by publishers. */
export class House {
  readonly log = new KeptLog();
  readonly tickets: Tickets;
  #relay: Relay | undefined;
  readonly #dist: string;

  private constructor(options: RelayOptions) {
    this.tickets = ticketsBy(SECRET, options.clock);
    this.#dist = mkdtempSync(join(tmpdir(), 'conf-dist-'));
    for (const [name, text] of Object.entries(BUILT)) {
      mkdirSync(dirname(join(this.#dist, name)), { recursive: true });
      writeFileSync(join(this.#dist, name), text);
    }
  }

  /** `settings`: as in `conf-relay.json`, beside or in place of ours. */
  static async open({
    port = 0,
    settings = {},
    ...options
  }: RelayOptions & { port?: number; settings?: object } = {}): Promise<House> {
    const reading = readConfig({
      flags: {},
      env: {},
      fileText: JSON.stringify({
        port,
        ticketSecret: SECRET,
        history: false,
        rooms: [
          { id: 'allhands', title: 'All <hands>', silence: 'send', showListeners: true },
          { id: 'side', silence: 'send' },
          { id: 'board', title: 'Board', access: 'ticket', silence: 'send' },
        ],
        ...settings,
      }),
      readText: () => '',
    });
    if (reading.kind === 'faults') throw new Error(JSON.stringify(reading.faults));
    const house = new House(options);
    try {
      house.#relay = await startRelay(reading.config, {
        log: house.log,
        assetsDir: join(house.#dist, 'component'),
        pagesDir: join(house.#dist, 'pages'),
        ...options,
      });
    } catch (error) {
      house.#tidy();
      throw error;
    }
    return house;
  }

  get relay(): Relay {
    if (!this.#relay) throw new Error('the relay is not open');
    return this.#relay;
  }

  get url(): string {
    return this.relay.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async close(): Promise<void> {
    await this.relay.close();
    this.#tidy();
  }

  #tidy(): void {
    rmSync(this.#dist, { recursive: true, force: true });
  }

  ticket(room: string, scope: Scope = 'listen'): Promise<string> {
    return this.tickets.issue([room], scope, 60);
  }

  /** A listener of a room (or of whatever the path says), once the socket is open or closed. */
  async listen(room = 'allhands', protocols = ['conf.v1'], options: ClientOptions = {}): Promise<Ear> {
    const ear = new Ear(`${this.url.replace('http', 'ws')}/v1/rooms/${room}/listen`, protocols, options);
    await until('the listener is in or refused', () => ear.socket.readyState >= WebSocket.OPEN);
    return ear;
  }

  /** A publisher of a room with its ticket, connected and introduced. */
  async publish(room = 'allhands', { introduced = true, ticket = '' } = {}): Promise<Mouth> {
    const bearer = ticket || (await this.ticket(room, 'publish'));
    const mouth = new Mouth(`${this.url.replace('http', 'ws')}/ingest/${room}`, bearer);
    await until(
      'the publisher is in or refused',
      () => mouth.refusedWith !== undefined || mouth.socket.readyState >= WebSocket.OPEN,
    );
    if (introduced) mouth.introduce();
    return mouth;
  }

  /** So many clients ask for the plain stream of the board's room, and are gone while their ticket is checked. */
  async vanishing(count: number): Promise<void> {
    const Authorization = `Bearer ${await this.ticket('board')}`;
    const path = '/v1/rooms/board/stream.wav';
    const vanish = (resolve: () => void): void => {
      const asked = request({ port: this.port, agent: false, path, headers: { Authorization } });
      asked.once('error', () => resolve());
      asked.once('socket', (socket) => {
        socket.once('connect', () => {
          asked.end();
          setImmediate(() => socket.resetAndDestroy());
        });
      });
    };
    await Promise.all(Array.from({ length: count }, () => new Promise<void>(vanish)));
  }

  /** Sends these bytes of HTTP and gives what came back before the relay closed; our own end stays open. */
  raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
      let answer = '';
      socket.on('data', (part: Buffer) => (answer += part.toString()));
      socket.once('end', () => resolve(answer));
      // Who is refused while still sending may be reset once the answer is out.
      socket.once('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
      socket.write(text);
    });
  }
}

/** A WebSocket's upgrade request as text, for {@link House.raw}. */
export function upgradeRequest(path: string, headers: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: relay.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '',
    '',
  ].join('\r\n');
}

/** A connected listener and all it heard. */
export class Ear {
  readonly socket: WebSocket;
  readonly messages: RelayMessage[] = [];
  readonly chunks: Chunk[] = [];
  /** Binary messages as they came. */
  readonly files: Buffer[] = [];
  /** `t` for text, `b` for binary, in order. */
  kinds = '';
  closed: { code: number; reason: string } | undefined;

  constructor(url: string, protocols: string[], options: ClientOptions) {
    this.socket = new WebSocket(url, protocols, options);
    this.socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) throw new TypeError('not a buffer');
      this.kinds += isBinary ? 'b' : 't';
      if (isBinary) this.#hear(data);
      else this.#read(data.toString());
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  get states(): string[] {
    return this.messages.flatMap((message) => ('state' in message ? [message.state] : []));
  }

  /** The close code, when it has come. */
  async end(): Promise<number | undefined> {
    await until('the listener is closed', () => this.closed !== undefined);
    return this.closed?.code;
  }

  #hear(data: Buffer): void {
    const reading = decodeChunk(data);
    if (reading.kind === 'fault') throw new Error(reading.code);
    this.files.push(data);
    this.chunks.push(reading.chunk);
  }

  #read(text: string): void {
    const parsed = parseRelayMessage(text);
    if (parsed.kind !== 'message') throw new Error(`${parsed.kind}: ${text}`);
    this.messages.push(parsed.message);
  }
}

/** A connected publisher. */
export class Mouth {
  readonly socket: WebSocket;
  /** Messages the relay sent; there must never be one. */
  heard = 0;
  closed: number | undefined;
  refusedWith: number | undefined;

  constructor(url: string, ticket: string) {
    this.socket = new WebSocket(url, { headers: { Authorization: `Bearer ${ticket}` } });
    this.socket.on('message', () => this.heard++);
    this.socket.on('unexpected-response', (refused, response) => {
      this.refusedWith = response.statusCode;
      refused.destroy();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => (this.closed = code));
  }

  /** The first text, as the platform writes it: with a space before it. */
  introduce(sampleRate: SampleRate = 16_000): void {
    this.socket.send(` {"event":"websocket:connected","content-type":"audio/l16;rate=${sampleRate}"}`);
  }

  /** `ms` of a 440 Hz tone, as fast as the socket takes it. */
  speak(ms: number, sampleRate: SampleRate = 16_000): void {
    const length = frameBytes(sampleRate) / 2;
    for (let frame = 0; frame < ms / 20; frame++) {
      const samples = Int16Array.from({ length }, (_, n) =>
        Math.round(8000 * Math.sin((2 * Math.PI * 440 * (frame * length + n)) / sampleRate)),
      );
      this.socket.send(new Uint8Array(samples.buffer));
    }
  }

  /** Speaks on as time goes by, until the socket closes. */
  talk(): void {
    const startMs = performance.now();
    let spokenMs = 0;
    const talking = setInterval(() => {
      for (; spokenMs < performance.now() - startMs; spokenMs += 20) this.speak(20);
    }, 20);
    this.socket.once('close', () => clearInterval(talking));
  }

  async end(): Promise<number | undefined> {
    await until('the publisher is closed', () => this.closed !== undefined);
    return this.closed;
  }
}
