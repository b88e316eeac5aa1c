import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';

/**
 * Stands where the relay will: says a word to whoever asks for {@link Doorbell.path}, by HTTP and by WebSocket, and 404
 * to all others. The path is one of the relay's own, so that what lets the relay through lets this through.
 */
export class Doorbell {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  private constructor(word: string) {
    const { path } = doorPaths(word);
    this.#server = createServer((request, response) => {
      const isOurs = request.url === path;
      response.writeHead(isOurs ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' });
      response.end(isOurs ? word : '');
    });
    this.#server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (request.url !== doorPaths(word).socketPath) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => webSocket.terminate());
        webSocket.close(4000, word);
      });
    });
  }

  /** Listens; rejects with the code of why it cannot. `word`: letters and digits, 40 at most. */
  static async open(host: string, port: number, word: string): Promise<Doorbell> {
    const bell = new Doorbell(word);
    bell.#server.listen(port, host);
    await once(bell.#server, 'listening');
    return bell;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}

/** Where it is asked, and where sockets are opened: paths of a room that nobody has. */
export function doorPaths(word: string): { path: string; socketPath: string } {
  const path = `/v1/rooms/check-${word}`;
  return { path, socketPath: `${path}/listen` };
}
