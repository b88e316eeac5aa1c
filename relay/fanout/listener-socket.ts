import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { CloseCode, SUBPROTOCOL, TICKET_PREFIX, parseListenerMessage } from '../../wire/messages.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { TicketVerdict } from '../auth.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import { Probe } from './probe.ts';
import { webSocketFrame } from './websocket-frame.ts';

/** Largest message a listener may send. */
const MAX_PAYLOAD_BYTES = 1024;
const CLOSE_GRACE_MS = 2000;
const PING = webSocketFrame('ping', new Uint8Array());

/** What the listener door is made of. */
export interface ListenerDoorParts {
  hasRoom: (room: RoomId) => boolean;
  /** Checks a listener's ticket; undefined where the room is open to everybody. */
  checkTicket: (room: RoomId, ticket: string | undefined) => Promise<TicketVerdict> | undefined;
  /** Seats a listener; the result takes it out. */
  join: (room: RoomId, transport: Transport) => () => void;
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
      const transport = new WebSocketTransport(webSocket, socket, this.#parts.clock);
      if (!room) return this.#refuse(webSocket, transport, CloseCode.badRequest, 'bad-room-id');
      if (!known) return this.#refuse(webSocket, transport, CloseCode.notFound, 'room-not-found', room);
      if (verdict?.kind === 'wrong')
        return this.#refuse(webSocket, transport, CloseCode.unauthorized, verdict.code, room);
      this.#seat(webSocket, transport, room);
    });
  }

  #seat(socket: WebSocket, transport: WebSocketTransport, room: RoomId): void {
    const { join, log } = this.#parts;
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
    const leave = join(room, transport);
    socket.once('close', () => {
      leave();
      transport.release();
    });
  }

  #refuse(
    socket: WebSocket,
    transport: WebSocketTransport,
    code: number,
    reason: string,
    room?: RoomId,
  ): void {
    this.#parts.log.warn('listener.refused', { room, code, reason });
    socket.on('error', () => transport.destroy());
    socket.once('close', () => transport.release());
    transport.close(code, reason);
  }
}

/**
 * A listener's sound over a WebSocket: chunks as binary messages, control as text. What many listeners get alike is
 * framed once and written to the connection itself; `ws` does the rest, and its own frames are whole writes too
 * (nothing is compressed), so the two never mix.
 */
class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly probe = new Probe();
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  #cancelCut: (() => void) | undefined;

  constructor(webSocket: WebSocket, socket: Duplex, clock: Clock) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = clock;
    webSocket.on('pong', () => this.probe.answered(clock.nowMs()));
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  isFull(chunk: Parcel): boolean {
    return chunk.overfills(this.#socket.writableLength);
  }

  send(parcel: Parcel): void {
    this.#write(parcel.webSocket);
  }

  /** The clock message says it. */
  pass(): void {}

  beat(nowMs: number): void {
    if (this.probe.pending) return;
    this.probe.asked(nowMs);
    this.#write(PING);
  }

  close(code: number, reason: string): void {
    if (this.#cancelCut) return;
    this.#webSocket.close(code, reason);
    this.#cancelCut = this.#clock.after(CLOSE_GRACE_MS, () => this.destroy());
  }

  /** With a reset: without one the kernel keeps what was not sent, megabytes at worst, until it gives up. */
  destroy(): void {
    if (this.#socket instanceof Socket) this.#socket.resetAndDestroy();
    else this.#webSocket.terminate();
  }

  /** Lets go of the timer of a close that has happened. */
  release(): void {
    this.#cancelCut?.();
  }

  #write(frame: Buffer): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#socket.write(frame);
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
