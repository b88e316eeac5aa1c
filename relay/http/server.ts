import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { problem, type Problem } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { refuseRequest, refuseUpgrade } from '../refusal.ts';
import { SeldomLog } from '../seldom-log.ts';
import { MAX_HEADERS, requestFault } from './request-fault.ts';

const LIMITS = {
  // Slow senders are cut: Node's own defaults let them sit for 90 s (measured).
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  // Node's defaults, which a flag or a variable of the environment could loosen for the whole process.
  insecureHTTPParser: false,
  requireHostHeader: true,
  maxHeaderSize: 16 * 1024,
  // Of two Authorization headers the first counts, as with proxies; joined they would be none.
  joinDuplicateHeaders: false,
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
  const faultOf = (request: IncomingMessage): Problem | undefined => {
    const fault = requestFault(request);
    if (fault === undefined) return undefined;
    log.info('http.refused', { code: 'bad-request', method: request.method });
    return problem('bad-request', fault);
  };
  const server = createServer(LIMITS, (request, response) => {
    const fault = faultOf(request);
    if (fault) refuseRequest(response, fault);
    else handlers.request(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    // Until a door has upgraded it, nobody else listens for the socket's error.
    socket.on('error', () => socket.destroy());
    const fault = faultOf(request);
    if (fault) refuseUpgrade(socket, fault);
    else handlers.upgrade(request, socket, head);
  });
  // Node leaves out what is beyond, and says nothing: a proxy's X-Forwarded-For comes last. Above ours, so that it shows.
  server.maxHeadersCount = 2 * MAX_HEADERS;
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
