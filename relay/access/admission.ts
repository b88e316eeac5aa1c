import type { RoomId } from '../../wire/room-id.ts';
import type { Clock } from '../clock.ts';
import { problem, type Problem, type ProblemCode } from '../errors.ts';
import { TokenBucket } from './token-bucket.ts';

/** How many may listen at a time, and how fast they may come. */
export interface AdmissionLimits {
  /** Listeners of the whole relay. */
  connections: number;
  /** Listeners from one address, or from one IPv6 network of 64 bits. */
  perAddress: number;
  /**
   * On average; after a second of rest as many come in at once. A smaller burst would turn people away who press
   * Listen on the stroke of the hour, a larger one would hold up those who listen already.
   */
  joinsPerSec: number;
}

/** What the admission is made of. */
export interface AdmissionParts {
  limits: AdmissionLimits;
  /** Listeners that a room may have. */
  ofRoom: (room: RoomId) => number;
  /** Who is told to come back later is given a moment within this time, milliseconds. */
  retryWindowMs: number;
  clock: Clock;
  random: () => number;
}

/**
 * What becomes of a listener at the door. `not-now`: refuse it before any work is done for it, with a 503. `full`: a
 * person should read why, so a WebSocket is opened and closed with 4429, a request answered with 429. `leave` once is
 * enough; before it, `leaveRoom` gives up the place in the room, but not that of the connection.
 */
export type Entry =
  | { kind: 'admitted'; leave: () => void; leaveRoom: () => void }
  | { kind: 'not-now'; refusal: Problem }
  | { kind: 'full'; refusal: Problem };

/** Decides who may listen, for every transport alike. Legs and publishers never come here. */
export class ListenerAdmission {
  readonly #parts: AdmissionParts;
  #limits: AdmissionLimits;
  #joins: TokenBucket;
  readonly #inRoom = new Map<string, number>();
  readonly #fromAddress = new Map<string, number>();
  #connections = 0;
  #closed = false;
  #onEmpty: (() => void)[] = [];

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#limits = parts.limits;
    this.#joins = new TokenBucket(parts.limits.joinsPerSec, parts.clock);
  }

  /** Admitted and not gone yet. */
  get connections(): number {
    return this.#connections;
  }

  /** From now on; who is in stays in. */
  setLimits(limits: AdmissionLimits): void {
    this.#limits = limits;
    this.#joins = new TokenBucket(limits.joinsPerSec, this.#parts.clock);
  }

  /** Why nobody can be admitted at all; undefined while somebody can. */
  get hindrance(): Problem | undefined {
    if (this.#closed) return this.#later('shutting-down', 'The relay is going away; come back later.');
    if (this.#connections < this.#limits.connections) return undefined;
    return this.#later('relay-full', 'As many listen as this relay can serve; come back later.');
  }

  /**
   * Counts a listener in. `room` is undefined for one that asks for none of ours, `address` for one that cannot be
   * told from others: neither is counted then.
   */
  admit(room: RoomId | undefined, address: string | undefined): Entry {
    const hindrance = this.hindrance;
    if (hindrance) return { kind: 'not-now', refusal: hindrance };
    if (!this.#joins.take()) {
      const refusal = this.#later('too-many-joins', 'Too many come at once; come back in a few seconds.');
      return { kind: 'not-now', refusal };
    }
    if (room !== undefined && countOf(this.#inRoom, room) >= this.#parts.ofRoom(room))
      return { kind: 'full', refusal: problem('room-full', 'As many listen as this room may have.') };
    if (countOf(this.#fromAddress, address) >= this.#limits.perAddress)
      return { kind: 'full', refusal: problem('address-full', 'Too many listen from your network already.') };
    this.#count(room, address, 1);
    let here = true;
    let inRoom = room;
    return {
      kind: 'admitted',
      leave: () => {
        if (!here) return;
        here = false;
        this.#count(inRoom, address, -1);
        if (this.#connections === 0) for (const tell of this.#onEmpty.splice(0)) tell();
      },
      leaveRoom: () => {
        if (here) add(this.#inRoom, inRoom, -1);
        inRoom = undefined;
      },
    };
  }

  /** Admits nobody any more. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when everybody who was admitted has left. */
  emptied(): Promise<void> {
    if (this.#connections === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #count(room: RoomId | undefined, address: string | undefined, by: number): void {
    this.#connections += by;
    add(this.#inRoom, room, by);
    add(this.#fromAddress, address, by);
  }

  /** Everybody is told another moment, or all would come back at once. */
  #later(code: ProblemCode, detail: string): Problem {
    const { random, retryWindowMs } = this.#parts;
    return problem(code, detail, 1 + Math.floor((random() * retryWindowMs) / 1000));
  }
}

function countOf(counts: ReadonlyMap<string, number>, key: string | undefined): number {
  return key === undefined ? 0 : (counts.get(key) ?? 0);
}

/** A count of 0 is no entry: there are more addresses in the world than memory. */
function add(counts: Map<string, number>, key: string | undefined, by: number): void {
  if (key === undefined) return;
  const count = countOf(counts, key) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
