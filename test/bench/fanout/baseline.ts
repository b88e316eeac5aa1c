import { createServer, type Server, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { encodeChunk } from '../../../wire/chunk.ts';
import { answer } from './child.ts';
import { CHUNK_FRAMES, FRAME_BYTES, ROOM, SAMPLE_RATE } from './workload.ts';

/** The servers the relay is compared with. */
export const BASELINES = ['naive', 'socketio', 'http'] as const;

/** One of {@link BASELINES}. */
export type Baseline = (typeof BASELINES)[number];

/** What a baseline server does when asked. */
export interface BaselineAsks {
  /** Listens on a free port of this machine and tells which. */
  listen(given: void): Promise<number>;
}

/** Sends one chunk to everybody. */
type Broadcast = (bytes: Uint8Array) => void;

/** Runs a baseline server: the publisher's frames, ten to a chunk, to all its listeners. */
export async function runBaseline(kind: Baseline): Promise<void> {
  const server = createServer();
  const broadcast = await OPENERS[kind](server);
  takeFrames(server, broadcast);
  answer<BaselineAsks>({
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => {
          const address = server.address();
          resolve(typeof address === 'object' && address ? address.port : 0);
        });
      }),
  });
}

const OPENERS: Readonly<Record<Baseline, (server: Server) => Promise<Broadcast>>> = {
  naive: async (server) => {
    const clients = new Set<WebSocket>();
    const door = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
    server.on('upgrade', (request, socket, head) => {
      if (request.url?.startsWith('/ingest/')) return;
      door.handleUpgrade(request, socket, head, (client) => {
        clients.add(client);
        client.on('error', () => client.terminate());
        client.on('close', () => clients.delete(client));
      });
    });
    return (bytes) => {
      for (const client of clients) client.send(bytes);
    };
  },

  socketio: async (server) => {
    const { Server: IoServer } = await import('socket.io');
    const io = new IoServer(server, {
      transports: ['websocket'],
      serveClient: false,
      destroyUpgrade: false,
      perMessageDeflate: false,
    });
    return (bytes) => io.emit('chunk', bytes);
  },

  http: async (server) => {
    const clients = new Set<ServerResponse>();
    server.on('request', (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'audio/wav', 'Cache-Control': 'no-store' });
      response.flushHeaders();
      clients.add(response);
      response.on('close', () => clients.delete(response));
    });
    return (bytes) => {
      for (const client of clients) client.write(bytes);
    };
  },
};

function takeFrames(server: Server, broadcast: Broadcast): void {
  const door = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const epoch = Date.now();
  let pcm = new Uint8Array(CHUNK_FRAMES * FRAME_BYTES);
  let frames = 0;
  let sequence = 0;
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== `/ingest/${ROOM}`) return;
    door.handleUpgrade(request, socket, head, (publisher) => {
      publisher.on('message', (frame, isBinary) => {
        if (!isBinary || !Buffer.isBuffer(frame)) return;
        pcm.set(frame, frames++ * FRAME_BYTES);
        if (frames < CHUNK_FRAMES) return;
        const firstSample = (sequence * pcm.length) / 2;
        const marks = { gapBefore: false, padded: false, sampleRate: SAMPLE_RATE };
        broadcast(encodeChunk({ epoch, firstSample, sequence: sequence++, ...marks, pcm }));
        pcm = new Uint8Array(CHUNK_FRAMES * FRAME_BYTES);
        frames = 0;
      });
    });
  });
}
