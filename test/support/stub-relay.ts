import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

/** A leg as it arrived at the stub. */
export interface StubLeg {
  url: string;
  headers: IncomingHttpHeaders;
  socket: WebSocket;
  texts: string[];
  frames: Buffer[];
  /** Arrival times of the frames, milliseconds. */
  arrivedMs: number[];
  /** Kinds of the messages, in order; the first 100. */
  order: ('text' | 'binary')[];
  closeCode: number | undefined;
}

/** A webhook as it arrived at the stub. */
export interface StubHook {
  method: string;
  url: string;
  authorization: string;
  raw: Buffer;
  /** `raw` parsed; an empty object for a GET. */
  fields: Record<string, unknown>;
}

/** What the stub answers a webhook. */
export interface StubReply {
  status?: number;
  contentType?: string;
  body?: unknown;
}

/** The relay's side of the telephone, and nothing else: takes legs and webhooks and remembers them. */
export class StubRelay {
  readonly legs: StubLeg[] = [];
  readonly hooks: StubHook[] = [];
  /** Status for upgrades; 101 accepts. */
  upgradeStatus = 101;
  /** Answers webhooks. */
  reply: (hook: StubHook) => StubReply = () => ({});
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#hook(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.upgradeStatus !== 101) {
        socket.end(
          `HTTP/1.1 ${this.upgradeStatus} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        );
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#take(request, accepted));
    });
  }

  static async start(): Promise<StubRelay> {
    const relay = new StubRelay();
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    const address = relay.#server.address();
    if (address !== null && typeof address === 'object') relay.#port = address.port;
    return relay;
  }

  get legUri(): string {
    return `ws://127.0.0.1:${this.#port}/leg/allhands`;
  }

  get eventUrl(): string {
    return `http://127.0.0.1:${this.#port}/event`;
  }

  get answerUrl(): string {
    return `http://127.0.0.1:${this.#port}/answer`;
  }

  /** The `status` of every webhook that has one, in order of arrival. */
  statuses(): unknown[] {
    return this.hooks.map((hook) => hook.fields['status']).filter((status) => status !== undefined);
  }

  async close(): Promise<void> {
    for (const leg of this.legs) leg.socket.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #take(request: IncomingMessage, socket: WebSocket): void {
    const leg: StubLeg = {
      url: request.url ?? '',
      headers: request.headers,
      socket,
      texts: [],
      frames: [],
      arrivedMs: [],
      order: [],
      closeCode: undefined,
    };
    this.legs.push(leg);
    socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (leg.order.length < 100) leg.order.push(isBinary ? 'binary' : 'text');
      if (!isBinary) return void leg.texts.push(data.toString());
      leg.frames.push(data);
      leg.arrivedMs.push(performance.now());
    });
    socket.on('close', (closeCode) => {
      leg.closeCode = closeCode;
    });
  }

  async #hook(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
    const raw = Buffer.concat(parts);
    const parsed: unknown = raw.length > 0 ? JSON.parse(raw.toString()) : {};
    const fields = Object.fromEntries(Object.entries(parsed ?? {}));
    const { method = '', url = '', headers } = request;
    const hook = { method, url, authorization: headers.authorization ?? '', raw, fields };
    this.hooks.push(hook);
    const { status = 200, contentType = 'application/json', body } = this.reply(hook);
    response.writeHead(status, { 'content-type': contentType });
    response.end(body === undefined ? '' : JSON.stringify(body));
  }
}
