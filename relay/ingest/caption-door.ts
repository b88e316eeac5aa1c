import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { RoomAccess } from '../access/room-access.ts';
import { bearerToken } from '../access/tickets.ts';
import { TokenBucket } from '../access/token-bucket.ts';
import type { CaptionVerdict, SpokenCaption } from '../caption.ts';
import type { Clock } from '../clock.ts';
import { readJson } from '../config/strict-json.ts';
import { ProblemError } from '../errors.ts';
import { readCaption } from './caption-text.ts';

/** Requests for one room. A partial every 250 ms is all that listeners are sent. */
const REQUESTS_PER_SEC = 10;

/** What requests with captions are answered with. */
export interface CaptionDoorParts {
  access: Pick<RoomAccess, 'checkPublisher'>;
  /** The room itself; undefined where there is none of this id. */
  room: (id: RoomId) => CaptionedRoom | undefined;
  clock: Clock;
}

/** A room that takes captions. */
export interface CaptionedRoom {
  caption(spoken: SpokenCaption): CaptionVerdict;
}

/**
 * `POST /v1/rooms/{room}/captions`: whoever writes down what is said in a room, with a ticket of scope `publish` in
 * `Authorization: Bearer`. Takes what a publisher may also say on its own socket.
 */
export class CaptionDoor {
  readonly #parts: CaptionDoorParts;
  /** Of rooms that exist. */
  readonly #requests = new Map<RoomId, TokenBucket>();

  constructor(parts: CaptionDoorParts) {
    this.#parts = parts;
  }

  /**
   * Hands on one caption. The body is read of those who may send one. Throws the problem: 400 for what is no caption,
   * 401 for a wrong ticket, 404 for an unknown room, 409 while nobody can be heard, 429 above ten a second.
   */
  async post(
    roomText: string,
    authorization: string | undefined,
    readBody: () => Promise<Buffer>,
  ): Promise<void> {
    const room = await this.#admit(roomText, authorization);
    const json = readJson((await readBody()).toString('utf8'));
    if (json.kind === 'fault') throw new ProblemError('bad-request', `The body ${json.detail}.`);
    const reading = readCaption(json.value);
    if (reading.kind === 'fault') throw new ProblemError('bad-request', `The caption: ${reading.detail}.`);
    const verdict = room.caption(reading.caption);
    switch (verdict) {
      case 'taken':
        return;
      case 'not-live':
        throw new ProblemError('not-live', 'Captions are taken while the room has a leg that can be heard.');
      case 'too-many':
        throw tooMany();
      default:
        verdict satisfies never;
    }
  }

  /** The room that the ticket opens; counts the request. */
  async #admit(roomText: string, authorization: string | undefined): Promise<CaptionedRoom> {
    const { access, clock } = this.#parts;
    const id = parseRoomId(roomText);
    if (!id) throw new ProblemError('bad-room-id', 'A room id is a-z, 0-9 and -.');
    const verdict = await access.checkPublisher(bearerToken(authorization), id);
    if (verdict.kind === 'wrong')
      throw new ProblemError('ticket-refused', 'Captions need a ticket of scope "publish".');
    const room = this.#parts.room(id);
    if (!room) throw new ProblemError('room-not-found', `There is no room "${id}".`);
    const requests = this.#requests.get(id) ?? new TokenBucket(REQUESTS_PER_SEC, clock);
    this.#requests.set(id, requests);
    if (!requests.take()) throw tooMany();
    return room;
  }
}

function tooMany(): ProblemError {
  return new ProblemError('too-many-captions', `A room takes ${REQUESTS_PER_SEC} captions a second.`, 1);
}
