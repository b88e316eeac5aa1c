import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomId } from '../../wire/room-id.ts';
import type { Entry } from '../access/admission.ts';
import type { Clock } from '../clock.ts';
import { ProblemError } from '../errors.ts';
import type { Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import type { PollQuery } from './poll-query.ts';
import { PollSeat } from './poll-seat.ts';

/** What the polls are made of. */
export interface PollsParts {
  /** Counts a listener in who is there for longer than one request. */
  enter: (room: RoomId, request: IncomingMessage) => Entry;
  /** Seats a listener; the result takes it out. */
  join: (room: RoomId, transport: Transport) => () => void;
  /** The room's `hello` of this moment. */
  hello: (room: RoomId) => Parcel;
  clock: Clock;
}

/** Who polls, and the seats that are kept for them from one poll to the next. */
export class Polls {
  readonly #parts: PollsParts;
  readonly #seats = new Map<string, PollSeat>();

  constructor(parts: PollsParts) {
    this.#parts = parts;
  }

  /** Answers in its time. Throws the problem where a new listener may not come in. */
  take(room: RoomId, query: PollQuery, response: ServerResponse): void {
    const key = query.listener === undefined ? undefined : `${room}/${query.listener}`;
    const seat = key === undefined ? undefined : this.#seats.get(key);
    if (seat) return seat.take({ query, response, greeting: this.#parts.hello(room) });
    this.#seat(room, key, response.req).take({ query, response, greeting: undefined });
  }

  #seat(room: RoomId, key: string | undefined, request: IncomingMessage): PollSeat {
    const { clock, enter, join } = this.#parts;
    const entry = enter(room, request);
    if (entry.kind !== 'admitted') {
      const { code, detail, retryAfterSec } = entry.refusal;
      throw new ProblemError(code, detail, retryAfterSec);
    }
    let leave: (() => void) | undefined;
    const seat = new PollSeat({
      clock,
      isKept: key !== undefined,
      onEnd: () => {
        if (key !== undefined) this.#seats.delete(key);
        leave?.();
        entry.leave();
      },
    });
    if (key !== undefined) this.#seats.set(key, seat);
    leave = join(room, seat);
    return seat;
  }
}
