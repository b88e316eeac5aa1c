import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CloseCode, SUBPROTOCOL, TICKET_PREFIX, parseListenerMessage } from '../../wire/messages.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { TicketVerdict } from '../auth.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { Listener, type SentChunk, type Transport } from './listener.ts';

/** Largest message a listener may send. */
const MAX_PAYLOAD_BYTES = 1024;
/** A second and a half of 16 kHz chunks is 48 kB; this is eight seconds. */
const MAX_QUEUED_BYTES = 256 * 1024;
const CLOSE_GRACE_MS = 2000;

/** What the listener door is made of. */
export interface ListenerDoorParts {
  hasRoom: (room: RoomId) => boolean;
  /** Checks a listener's ticket; undefined where the room is open to everybody. */
  checkTicket: (room: RoomId, ticket: string | undefined) => Promise<TicketVerdict> | undefined;
  /** Seats a listener; the result takes it out. */
  join: (room: RoomId, listener: Listener) => () => void;
  clock: Clock;
  log: Log;
}

/**
 * `GET /v1/rooms/{room}/listen`. What a person must read is said after the upgrade, as a close code with a reason: a
 * browser tells a page nothing of a refused handshake.
 */
export class ListenerDoor {
  readonly #parts: ListenerDoorParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  constructor(parts: ListenerDoorParts) {
    this.#parts = parts;
  }

  /** Takes an upgrade request for whatever room the path names. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, roomText: string): Promise<void> {
    const { checkTicket, hasRoom } = this.#parts;
    const room = parseRoomId(roomText);
    const known = room !== undefined && hasRoom(room);
    const verdict = known ? await checkTicket(room, offeredTicket(request)) : undefined;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      if (!room) return this.#refuse(webSocket, CloseCode.badRequest, 'bad-room-id');
      if (!known) return this.#refuse(webSocket, CloseCode.notFound, 'room-not-found', room);
      if (verdict?.kind === 'wrong')
        return this.#refuse(webSocket, CloseCode.unauthorized, verdict.code, room);
      this.#seat(webSocket, room);
    });
  }

  #seat(socket: WebSocket, room: RoomId): void {
    const { clock, join, log } = this.#parts;
    const transport = new WebSocketTransport(socket, clock);
    let faulty = false;
    // One line a listener: messages still come until the close is answered.
    const refuse = (code: string): void => {
      if (faulty) return;
      faulty = true;
      log.warn('listener.fault', { room, code });
      transport.close(CloseCode.badRequest, code);
    };
    socket.on('message', (data, isBinary) => {
      if (faulty) return;
      if (isBinary || !Buffer.isBuffer(data)) return refuse('binary-from-listener');
      const parsed = parseListenerMessage(data.toString('utf8'));
      if (parsed.kind === 'fault') refuse(parsed.code);
    });
    // `ws` has sent a close code of its own by now (1009 for a message too long); ours cuts who does not answer it.
    socket.on('error', (error) => refuse(errorCode(error)));
    const leave = join(room, new Listener(transport));
    socket.once('close', () => {
      leave();
      transport.release();
    });
  }

  #refuse(socket: WebSocket, code: number, reason: string, room?: RoomId): void {
    this.#parts.log.warn('listener.refused', { room, code, reason });
    const transport = new WebSocketTransport(socket, this.#parts.clock);
    socket.on('error', () => transport.destroy());
    socket.once('close', () => transport.release());
    transport.close(code, reason);
  }
}

/** A listener's sound over a WebSocket: chunks as binary messages, control as text. */
class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly maxQueuedBytes = MAX_QUEUED_BYTES;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #alive = true;
  #cancelCut: (() => void) | undefined;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('pong', () => (this.#alive = true));
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  text(message: string): void {
    this.#socket.send(message);
  }

  chunk(sent: SentChunk): void {
    this.#socket.send(sent.bytes);
  }

  /** The clock message says it. */
  pass(): void {}

  beat(): boolean {
    if (!this.#alive) return false;
    this.#alive = false;
    this.#socket.ping();
    return true;
  }

  close(code: number, reason: string): void {
    if (this.#cancelCut) return;
    this.#socket.close(code, reason);
    this.#cancelCut = this.#clock.after(CLOSE_GRACE_MS, () => this.destroy());
  }

  destroy(): void {
    this.#socket.terminate();
  }

  /** Lets go of the timer of a close that has happened. */
  release(): void {
    this.#cancelCut?.();
  }
}

/** The ticket among the offered subprotocols. */
function offeredTicket(request: IncomingMessage): string | undefined {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
}

function errorCode(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
