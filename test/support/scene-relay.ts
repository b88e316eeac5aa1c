import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeChunk } from '../../wire/chunk.ts';
import { CloseCode, type RelayMessage } from '../../wire/messages.ts';
import { caption, chunk, hello } from './relay-words.ts';

const ROOT = join(import.meta.dirname, '../..');
const LISTENERS = 1234;
/** So far ahead of its chunks the media clock of the room `behind` is, ms. */
const BEHIND_MS = 2500;

function refuse(response: ServerResponse): void {
  response.writeHead(404).end();
}

/** What a relay says in a room that never changes. */
type Scene = (line: SceneLine) => void;

/** One listener of a scene. */
class SceneLine {
  readonly #socket: WebSocket;
  readonly #openedMs = performance.now();
  readonly #timers: NodeJS.Timeout[] = [];
  #next = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('close', () => this.#timers.forEach(clearInterval));
  }

  /** The room's media clock; a second is over when the listener comes. */
  get mediaMs(): number {
    return 1000 + performance.now() - this.#openedMs;
  }

  tell(...messages: RelayMessage[]): void {
    for (const message of messages) this.#socket.send(JSON.stringify(message));
  }

  every(ms: number, act: () => void): void {
    act();
    this.#timers.push(setInterval(act, ms));
  }

  /** A tone, for ever or until the media clock stands at `endMs`. */
  speak(endMs = Infinity): void {
    this.every(20, () => {
      while ((this.#next + 1) * 100 <= Math.min(this.mediaMs, endMs))
        this.#socket.send(encodeChunk(chunk(this.#next++)));
    });
  }

  /** A media clock `aheadMs` ahead. */
  tick(everyMs: number, quiet = false, aheadMs = 0): void {
    this.every(everyMs, () => this.tell({ type: 'clock', epoch: 1, mediaMs: this.mediaMs + aheadMs, quiet }));
  }

  close(code: number): void {
    this.#socket.close(code);
  }
}

const live: Scene = (line) => {
  line.tell(hello({ mediaMs: 1000, listeners: LISTENERS }));
  line.speak();
};

function speakInWords(line: SceneLine): void {
  const speaker = 'Maria Silva';
  line.every(2000, () => {
    const endMs = Math.round(line.mediaMs);
    line.tell(
      caption('1', 'We begin with the figures of the last quarter.', { endMs, speaker }),
      caption('2', 'Forty people have joined us since, in three countries, and two', { endMs, speaker }),
    );
  });
}

/** By room. */
const SCENES: Readonly<Record<string, Scene>> = {
  connecting: (line) => line.tell(hello({ state: 'connecting', epoch: null, mediaMs: null })),
  waiting: (line) => {
    line.tell(hello({ state: 'waiting', mediaMs: 1000 }));
    line.tick(2000);
  },
  live,
  silent: (line) => {
    line.tell(hello({ mediaMs: 1000 }));
    line.tick(500, true);
  },
  buffering: (line) => {
    line.tell(hello({ mediaMs: 1000 }));
    line.speak(2500);
    line.tick(2000);
  },
  reconnecting: (line) => {
    const reason = 'going away';
    line.tell(hello(), { type: 'bye', code: CloseCode.goingAway, reason, retryInMs: 3_600_000 });
    line.close(CloseCode.goingAway);
  },
  ended: (line) => line.tell(hello({ state: 'ended' })),
  error: (line) => line.close(CloseCode.forbidden),
  behind: (line) => {
    live(line);
    line.tick(500, false, BEHIND_MS);
  },
  captions: (line) => {
    live(line);
    speakInWords(line);
  },
  everything: (line) => {
    live(line);
    line.tick(500, false, BEHIND_MS);
    speakInWords(line);
  },
  crowd: (line) => {
    live(line);
    let listeners = LISTENERS;
    line.every(200, () => line.tell({ type: 'meta', listeners: ++listeners }));
  },
};

/**
 * A relay whose rooms are called as the states that a player in them comes to, and stays in; serves the built element,
 * the fonts of the test, and pages.
 */
export class SceneRelay {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #pages = new Map<string, string>();
  /** Paths of all requests so far, sockets among them. */
  readonly asked: string[] = [];
  url = '';

  private constructor() {
    const element = sirv(join(ROOT, 'dist/component'), { dev: true });
    const fonts = sirv(join(ROOT, 'test/looks/font'), { dev: true });
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      const page = this.#pages.get(request.url ?? '');
      if (page) response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
      else element(request, response, () => fonts(request, response, () => refuse(response)));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.asked.push(request.url ?? '');
      const room = /^\/v1\/rooms\/(.+)\/listen$/.exec(request.url ?? '')?.[1];
      const scene = SCENES[room ?? ''] ?? live;
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => scene(new SceneLine(accepted)));
    });
  }

  static async start(): Promise<SceneRelay> {
    const relay = new SceneRelay();
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    const address = relay.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the scene relay has no port');
    relay.url = `http://127.0.0.1:${address.port}`;
    return relay;
  }

  /** Serves a page; returns its address. */
  addPage(html: string): string {
    const path = `/page-${this.#pages.size}`;
    this.#pages.set(path, html);
    return this.url + path;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
