import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CloseCode, SUBPROTOCOL, parseListenerMessage } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import type { Welcome } from '../access/reception.ts';
import type { Stay } from '../access/stay.ts';
import type { Clock } from '../clock.ts';
import { closeCodeOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';
import { dismiss, type Transport } from './listener.ts';
import { MessageRate } from './message-rate.ts';
import { WebSocketTransport } from './websocket-transport.ts';

/** Largest message a listener may send: a ticket of 4 kB. */
const MAX_PAYLOAD_BYTES = 5 * 1024;

/** What the listener door is made of. */
export interface ListenerDoorParts {
  /** Lets in who may listen to the room that the path names, until the connection closes. */
  receive: (roomText: string, request: IncomingMessage) => Promise<Welcome>;
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
    const welcome = await this.#parts.receive(roomText, request);
    if (welcome.kind === 'not-now') return refuseUpgrade(socket, welcome.refusal);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const transport = new WebSocketTransport(webSocket, socket, this.#parts.clock);
      if (welcome.kind === 'admitted') return this.#seat(webSocket, transport, welcome);
      webSocket.on('error', () => transport.destroy());
      webSocket.once('close', () => transport.release());
      transport.close(closeCodeOf(welcome.refusal), welcome.refusal.code);
    });
  }

  #seat(
    socket: WebSocket,
    transport: WebSocketTransport,
    { room, stay }: { room: RoomId; stay: Stay },
  ): void {
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
      else if (parsed.kind === 'message') void stay.renew(parsed.message.token);
    });
    // `ws` has sent a close code of its own by now (1009 for a message too long); ours cuts who does not answer it.
    socket.on('error', (error) => refuse(errorCode(error)));
    stay.watch((refusal) => dismiss(transport, refusal));
    const leave = join(room, transport);
    socket.once('close', () => {
      leave();
      transport.release();
    });
  }
}

function errorCode(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
