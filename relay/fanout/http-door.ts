import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomId } from '../../wire/room-id.ts';
import { admitted, type Welcome } from '../access/reception.ts';
import type { Stay } from '../access/stay.ts';
import type { Clock } from '../clock.ts';
import { EndlessResponse } from './endless-response.ts';
import { MESSAGE_HEADERS, SOUND_HEADERS } from './http-head.ts';
import { dismiss, type Transport } from './listener.ts';
import { StreamTransport } from './message-stream.ts';
import type { Parcel } from './parcel.ts';
import { parsePollQuery } from './poll-query.ts';
import { Polls } from './poll.ts';
import type { Unacked } from './unacked.ts';
import { WavTransport } from './wav-stream.ts';

/** What the door for listeners over plain HTTP is made of. */
export interface HttpDoorParts {
  /** Lets a listener in until the response closes; `urlTicket` stands in the address. */
  receive: (
    roomText: string,
    request: IncomingMessage,
    response: ServerResponse,
    urlTicket?: string,
  ) => Promise<Welcome>;
  /** Lets a listener in who is there for longer than one request. */
  receivePoll: (roomText: string, request: IncomingMessage) => Promise<Welcome>;
  /** Whether one who polls may still listen, whose stay a new ticket makes longer; throws the problem where not. */
  check: (roomText: string, request: IncomingMessage, stay?: Stay) => Promise<RoomId>;
  /** Seats a listener; the result takes it out. */
  join: (room: RoomId, transport: Transport) => () => void;
  /** The room's `hello` of this moment. */
  hello: (room: RoomId) => Parcel;
  /** Shared by all listeners of the process. */
  unacked: Unacked;
  clock: Clock;
}

/** The ways to listen where there is no WebSocket. Each throws the problem where the listener may not come in. */
export class HttpDoor {
  readonly #parts: HttpDoorParts;
  readonly #polls: Polls;

  constructor(parts: HttpDoorParts) {
    this.#parts = parts;
    this.#polls = new Polls(parts);
  }

  /** `/stream`: the messages, until one side goes. Resolves when its head is written. */
  async stream(roomText: string, response: ServerResponse): Promise<void> {
    const welcome = await this.#parts.receive(roomText, response.req, response);
    this.#serve(welcome, response, MESSAGE_HEADERS, (endless) => new StreamTransport(endless));
  }

  /** `/stream.wav`: the sound as one file, until one side goes. Resolves when its head is written. */
  async wav(roomText: string, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const ticket = query.get('ticket') ?? undefined;
    const welcome = await this.#parts.receive(roomText, response.req, response, ticket);
    const headers = { ...SOUND_HEADERS, 'Content-Type': 'audio/wav' };
    this.#serve(welcome, response, headers, (endless) => new WavTransport(endless));
  }

  /** `/chunks`: what there is to say after a cursor. Throws a problem for a query it does not take, too. */
  async poll(roomText: string, query: URLSearchParams, response: ServerResponse): Promise<void> {
    await this.#polls.take(roomText, parsePollQuery(query), response);
  }

  #serve(
    welcome: Welcome,
    response: ServerResponse,
    headers: Record<string, string>,
    transportOver: (endless: EndlessResponse) => Transport,
  ): void {
    const { room, stay } = admitted(welcome);
    // Gone while its ticket was checked: its `close` has been, and nobody would ever take the listener out.
    if (response.destroyed) return;
    // It ends when one side goes: nothing follows on its connection.
    response.writeHead(200, { ...headers, Connection: 'close' });
    // Who asks for the head alone does not listen: a link checker must not place a call.
    if (response.req.method === 'HEAD') return void response.end();
    const transport = transportOver(new EndlessResponse(response, this.#parts));
    stay.watch((refusal) => dismiss(transport, refusal));
    response.once('close', this.#parts.join(room, transport));
  }
}
