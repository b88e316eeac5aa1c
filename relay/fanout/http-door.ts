import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomId } from '../../wire/room-id.ts';
import type { Entry } from '../access/admission.ts';
import type { Clock } from '../clock.ts';
import { EndlessResponse, type EndlessParts } from './endless-response.ts';
import { MESSAGE_HEADERS, SOUND_HEADERS } from './http-head.ts';
import type { Transport } from './listener.ts';
import { StreamTransport } from './message-stream.ts';
import type { Parcel } from './parcel.ts';
import { parsePollQuery } from './poll-query.ts';
import { Polls } from './poll.ts';
import type { Unacked } from './unacked.ts';
import { WavTransport } from './wav-stream.ts';

/** What the door for listeners over plain HTTP is made of. */
export interface HttpDoorParts {
  /** Counts a listener in who is there for longer than one request. */
  enter: (room: RoomId, request: IncomingMessage) => Entry;
  /** Seats a listener; the result takes it out. */
  join: (room: RoomId, transport: Transport) => () => void;
  /** The room's `hello` of this moment. */
  hello: (room: RoomId) => Parcel;
  /** Shared by all listeners of the process. */
  unacked: Unacked;
  clock: Clock;
}

/** The ways to listen where there is no WebSocket. The request's ticket has been checked; its head is answered here. */
export class HttpDoor {
  readonly #join: HttpDoorParts['join'];
  readonly #endless: EndlessParts;
  readonly #polls: Polls;

  constructor(parts: HttpDoorParts) {
    this.#join = parts.join;
    this.#endless = parts;
    this.#polls = new Polls(parts);
  }

  /** `/stream`: the messages, until one side goes. */
  stream(room: RoomId, response: ServerResponse): void {
    this.#serve(room, response, MESSAGE_HEADERS, (endless) => new StreamTransport(endless));
  }

  /** `/stream.wav`: the sound as one file, until one side goes. */
  wav(room: RoomId, response: ServerResponse): void {
    const headers = { ...SOUND_HEADERS, 'Content-Type': 'audio/wav' };
    this.#serve(room, response, headers, (endless) => new WavTransport(endless));
  }

  /** `/chunks`: what there is to say after a cursor. Throws a problem for a query or a listener it does not take. */
  poll(room: RoomId, query: URLSearchParams, response: ServerResponse): void {
    const wanted = parsePollQuery(query);
    if (response.destroyed) return;
    if (response.req.method === 'HEAD') return void response.writeHead(200, MESSAGE_HEADERS).end();
    this.#polls.take(room, wanted, response);
  }

  #serve(
    room: RoomId,
    response: ServerResponse,
    headers: Record<string, string>,
    transportOver: (endless: EndlessResponse) => Transport,
  ): void {
    // Gone while its ticket was checked: its `close` has been, and nobody would ever take the listener out.
    if (response.destroyed) return;
    // It ends when one side goes: nothing follows on its connection.
    response.writeHead(200, { ...headers, Connection: 'close' });
    // Who asks for the head alone does not listen: a link checker must not place a call.
    if (response.req.method === 'HEAD') return void response.end();
    response.once('close', this.#join(room, transportOver(new EndlessResponse(response, this.#endless))));
  }
}
