import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { ClockScope } from './clock.ts';

/** An answer from the relay's web server. */
export interface HttpReply {
  status: number;
  contentType: string;
  body: string;
}

/** One request to make. */
export interface HttpOrder {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string;
}

const CONNECT_TIMEOUT_MS = 1000;
const RESPONSE_TIMEOUT_MS = 5000;
const REPLY_MAX_BYTES = 65_536;

/** Makes HTTP requests, each on its own connection, and can end all of them at once. */
export class HttpCaller {
  readonly #clock: ClockScope;
  readonly #allowRemote: boolean;
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(clock: ClockScope, allowRemote: boolean) {
    this.#clock = clock;
    this.#allowRemote = allowRemote;
  }

  /**
   * The reply, or `undefined` when none came: refused, reset, slower than 1 s to connect or 5 s to answer
   * (source: Vonage Voice API reference), not on this machine, or {@link close} was called.
   */
  call(order: HttpOrder): Promise<HttpReply | undefined> {
    const url = URL.canParse(order.url) ? new URL(order.url) : undefined;
    if (!url || this.#closed || !(this.#allowRemote || isLoopback(url))) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const open = url.protocol === 'https:' ? requestHttps : requestHttp;
      const request = open(url, { method: order.method, headers: order.headers, agent: false });
      const finish = (reply: HttpReply | undefined): void => {
        cancelConnect();
        cancelResponse();
        this.#open.delete(abort);
        request.destroy();
        resolve(reply);
      };
      const abort = (): void => finish(undefined);
      this.#open.add(abort);
      const cancelConnect = this.#clock.after(CONNECT_TIMEOUT_MS, abort);
      const cancelResponse = this.#clock.after(RESPONSE_TIMEOUT_MS, abort);
      request.on('socket', (socket) => socket.once('connect', cancelConnect));
      request.on('error', abort);
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on('error', abort);
        response.on('data', (part: Buffer) => {
          bytes += part.length;
          if (bytes > REPLY_MAX_BYTES) return abort();
          parts.push(part);
        });
        response.on('end', () =>
          finish({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(parts).toString(),
          }),
        );
      });
      request.end(order.body);
    });
  }

  /** Ends the requests under way, which resolve without a reply, and refuses new ones. */
  close(): void {
    this.#closed = true;
    for (const abort of this.#open) abort();
  }
}

/** Whether a URL's host is this machine. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
}
