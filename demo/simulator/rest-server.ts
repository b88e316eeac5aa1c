import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { BoundedList } from './bounded-list.ts';
import { platformMs, type Platform } from './platform.ts';
import type { RestApi } from './rest-api.ts';
import { refusal } from './rest-reply.ts';
import type { RestReply } from './rest-reply.ts';

/** A REST request as it came, and what it got. The bearer token is left out. */
export interface RequestRecord {
  method: string;
  /** With its query. */
  path: string;
  /** The exact text. */
  body: string;
  /** Status of the answer. */
  status: number;
  /** Unix milliseconds of arrival. */
  atMs: number;
}

const REMEMBERED = 1000;
const BODY_MAX_BYTES = 1_000_000;

/** The web server of the REST API, on loopback. */
export class RestServer {
  readonly #platform: Platform;
  readonly #api: RestApi;
  readonly #server: Server;
  readonly #requests = new BoundedList<RequestRecord>(REMEMBERED);

  constructor(platform: Platform, api: RestApi) {
    this.#platform = platform;
    this.#api = api;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Oldest first; at most the last 1000. */
  requests(): RequestRecord[] {
    return this.#requests.all();
  }

  /** Resolves with the base URL; rejects when the port is taken. */
  async listen(port: number): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the REST server has no TCP port');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, faults } = this.#platform;
    const atMs = clock.nowMs();
    const { method = 'GET', url: path = '/', headers } = request;
    const body = await readBody(request);
    if (body === undefined) return this.#send(response, { method, path, body: '', atMs }, refusal(413));
    const record = { method, path, body, atMs };
    let forced: RestReply | undefined;
    for (const fault of faults.takeRest()) {
      if (fault.kind === 'slowApi') await clock.pause(fault.byMs);
      else forced = refusal(fault.status);
    }
    if (forced) return this.#send(response, record, forced);
    const url = new URL(path, 'http://127.0.0.1');
    const { reply, afterwards } = this.#api.answer({
      method,
      path: url.pathname,
      query: url.searchParams,
      authorization: headers.authorization ?? '',
      contentType: headers['content-type'] ?? '',
      body,
    });
    this.#send(response, record, reply);
    afterwards?.();
  }

  #send(response: ServerResponse, record: Omit<RequestRecord, 'status'>, reply: RestReply): void {
    const { status, body } = reply;
    const headers = { date: new Date(platformMs(this.#platform)).toUTCString(), ...reply.headers };
    this.#requests.push({ ...record, status });
    this.#platform.tell({ kind: 'rest', method: record.method, path: record.path, status });
    if (body === undefined) {
      response.writeHead(status, headers).end();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }
}

/** The body as text, or `undefined` when it is longer than 1 MB or the request broke off. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request) {
      if (!Buffer.isBuffer(part)) return undefined;
      bytes += part.length;
      if (bytes > BODY_MAX_BYTES) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined; // the caller went away in the middle
  }
  return Buffer.concat(parts).toString();
}
