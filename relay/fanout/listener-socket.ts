import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CloseCode, SUBPROTOCOL, TICKET_PREFIX, parseListenerMessage } from '../../wire/messages.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { Entry } from '../access/admission.ts';
import type { TicketVerdict } from '../access/tickets.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';
import type { Transport } from './listener.ts';
import { MessageRate } from './message-rate.ts';
import { WebSocketTransport } from './websocket-transport.ts';

/** Largest message a listener may send. */
const MAX_PAYLOAD_BYTES = 1024;

/** What the listener door is made of. */
export interface ListenerDoorParts {
  /** Counts in who comes with this request until its connection closes; the room is undefined where there is none. */
  admit: (room: RoomId | undefined, request: IncomingMessage) => Entry;
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
 * browser tells a page nothing of a refused handshake. Floods are refused before it.
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
    const { admit, checkTicket, hasRoom } = this.#parts;
    const room = parseRoomId(roomText);
    const known = room !== undefined && hasRoom(room);
    const entry = admit(known ? room : undefined, request);
    if (entry.kind === 'not-now') return refuseUpgrade(socket, entry.refusal);
    const verdict =
      known && entry.kind === 'admitted' ? await checkTicket(room, offeredTicket(request)) : undefined;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket, socket, this.#parts.clock);
      if (entry.kind === 'full')
        return this.#refuse(webSocket, transport, CloseCode.tooMany, entry.refusal.code, room);
      if (!room) return this.#refuse(webSocket, transport, CloseCode.badRequest, 'bad-room-id');
      if (!known) return this.#refuse(webSocket, transport, CloseCode.notFound, 'room-not-found', room);
      if (verdict?.kind === 'wrong')
        return this.#refuse(webSocket, transport, CloseCode.unauthorized, verdict.code, room);
      this.#seat(webSocket, transport, room);
    });
  }

  #seat(socket: WebSocket, transport: WebSocketTransport, room: RoomId): void {
    const { clock, join, log } = this.#parts;
    // Made for those who send something: most never do.
    let rate: MessageRate | undefined;
    let faulty = false;
    // One line a listener: messages still come until the close is answered.
    const refuse = (code: string, closeCode: number = CloseCode.badRequest): void => {
      if (faulty) return;
      faulty = true;
      log.warn('listener.fault', { room, code });
      transport.close(closeCode, code);
    };
    const count = (): void => {
      rate ??= new MessageRate();
      if (!faulty && rate.isTooHighAt(clock.nowMs())) refuse('too-many-messages', CloseCode.tooMany);
    };
    socket.on('ping', count);
    socket.on('pong', () => {
      if (!transport.answered()) count();
    });
    socket.on('message', (data, isBinary) => {
      count();
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

/** The ticket among the offered subprotocols. */
function offeredTicket(request: IncomingMessage): string | undefined {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
}

function errorCode(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
