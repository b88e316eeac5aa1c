import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { describeError, type Log } from '../log.ts';
import { SeldomLog } from '../seldom-log.ts';

/** Slow senders are cut: Node's own defaults let them sit for 90 s (measured). */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** After this, connections that did not end by themselves are cut. */
const CLOSE_GRACE_MS = 2000;

const ACCEPT_LOG_EVERY_MS = 60_000;

/** A listening HTTP server. */
export interface HttpServer {
  /** `http://host:port`. */
  url: string;
  /** Takes no new connections and resolves when the last one, upgraded ones too, is gone; after 2 s they are cut. */
  close(): Promise<void>;
}

/** What the server hands requests to. */
export interface HttpHandlers {
  request: RequestListener;
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Listens on `host`:`port`; rejects when that is not possible. */
export async function openServer(
  handlers: HttpHandlers,
  { host, port }: { host: string; port: number },
  clock: Clock,
  log: Log,
): Promise<HttpServer> {
  const server = createServer(LIMITS, handlers.request);
  server.on('upgrade', handlers.upgrade);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Out of file descriptors, say: the next one who leaves makes room. Without this line it would end the process.
  const seldomLog = new SeldomLog(log, clock, ACCEPT_LOG_EVERY_MS);
  server.on('error', (error) => {
    const { code = 'unknown' } = describeError(error);
    seldomLog.warn('http.accept-failed', { code: String(code) });
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const cancel = clock.after(CLOSE_GRACE_MS, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
      cancel();
    },
  };
}
