import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomId } from '../../wire/room-id.ts';
import { admitted, type Welcome } from '../access/reception.ts';
import type { Stay } from '../access/stay.ts';
import type { Clock } from '../clock.ts';
import { MESSAGE_HEADERS } from './http-head.ts';
import { dismiss, type Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import type { PollQuery } from './poll-query.ts';
import { PollSeat } from './poll-seat.ts';

/** What the polls are made of. */
export interface PollsParts {
  /** Lets a listener in who is there for longer than one request. */
  receivePoll: (roomText: string, request: IncomingMessage) => Promise<Welcome>;
  /** Whether one who is there may still listen, whose stay a new ticket makes longer; throws the problem where not. */
  check: (roomText: string, request: IncomingMessage, stay?: Stay) => Promise<RoomId>;
  /** Seats a listener; the result takes it out. */
  join: (room: RoomId, transport: Transport) => () => void;
  /** The room's `hello` of this moment. */
  hello: (room: RoomId) => Parcel;
  clock: Clock;
}

/** Who polls, and the seats that are kept for them from one poll to the next. */
export class Polls {
  readonly #parts: PollsParts;
  readonly #seats = new Map<string, { seat: PollSeat; stay: Stay }>();

  constructor(parts: PollsParts) {
    this.#parts = parts;
  }

  /** Answers in its time. Throws the problem where the listener may not come in. */
  async take(roomText: string, query: PollQuery, response: ServerResponse): Promise<void> {
    const { check, hello, receivePoll } = this.#parts;
    const key = query.listener === undefined ? undefined : `${roomText}/${query.listener}`;
    const { req: request } = response;
    if (request.method === 'HEAD') {
      await check(roomText, request);
      return void response.writeHead(200, MESSAGE_HEADERS).end();
    }
    const seated = this.#seatOf(key);
    if (seated) {
      const room = await check(roomText, request, seated.stay);
      const seat = this.#seatOf(key)?.seat;
      if (seat) return seat.take({ query, response, greeting: hello(room) });
    }
    const { room, stay } = admitted(await receivePoll(roomText, request));
    if (response.destroyed) return stay.leave();
    const seat = this.#seatOf(key)?.seat;
    if (!seat) return this.#seat(room, key, stay).take({ query, response, greeting: undefined });
    // Another poll of this listener came in meanwhile.
    stay.leave();
    seat.take({ query, response, greeting: hello(room) });
  }

  #seatOf(key: string | undefined): { seat: PollSeat; stay: Stay } | undefined {
    return key === undefined ? undefined : this.#seats.get(key);
  }

  #seat(room: RoomId, key: string | undefined, stay: Stay): PollSeat {
    const { clock, join } = this.#parts;
    let leave: (() => void) | undefined;
    const seat = new PollSeat({
      clock,
      isKept: key !== undefined,
      onEnd: () => {
        if (key !== undefined) this.#seats.delete(key);
        leave?.();
        stay.leave();
      },
    });
    if (key !== undefined) this.#seats.set(key, { seat, stay });
    stay.watch((refusal) => dismiss(seat, refusal));
    leave = join(room, seat);
    return seat;
  }
}
