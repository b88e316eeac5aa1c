import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a network is like between a page and the relay. */
export interface GrimProxy {
  url: string;
  /** Upgrades that were refused so far. */
  refused: number;
  close(): Promise<void>;
}

/**
 * A proxy on 127.0.0.1 in front of `target` (http:) as companies have them: it refuses every upgrade with 403 and a page
 * of its own. With `holdBack` it also passes no answer on before it has all of it, as those do that look for viruses.
 */
export async function startGrimProxy(target: string, holdBack: boolean): Promise<GrimProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) =>
      holdBack ? void passWhole(answer, outgoing) : pass(answer, outgoing),
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  let refused = 0;
  server.on('upgrade', (_incoming, socket) => {
    refused++;
    socket.end(
      'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p>Blocked</p>',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get refused() {
      return refused;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function pass(answer: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(outgoing);
}

async function passWhole(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body: Buffer[] = [];
  answer.on('data', (bytes: Buffer) => body.push(bytes));
  // One that is cut short came from a page that has gone.
  await once(answer, 'end').catch(() => {});
  const { 'transfer-encoding': _chunked, ...headers } = answer.headers;
  outgoing.writeHead(answer.statusCode ?? 502, headers);
  outgoing.end(Buffer.concat(body));
}
