import type { ServerResponse } from 'node:http';
import { follows } from '../../wire/chunk.ts';
import type { Cancel, Clock } from '../clock.ts';
import { MESSAGE_HEADERS } from './http-head.ts';
import type { Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import { MAX_WAIT_SEC, type PollQuery } from './poll-query.ts';
import { Probe } from './probe.ts';

/** Who polls is there for so long after an answer, ms: a slow line's round trips fit in. */
const SEAT_MS = 3000;
/** What came between two polls is still there when the second one is answered. */
const KEPT_MS = SEAT_MS + 1000 * MAX_WAIT_SEC;
const MAX_KEPT_BYTES = 256 * 1024;
const LAST_SECOND_MS = 1000;
/** An answer of which its client takes nothing for so long is dropped, ms. */
const STUCK_MS = 5000;

/** What a seat is made of. */
export interface PollSeatParts {
  clock: Clock;
  /** Whether the listener's next poll can find the seat again. */
  isKept: boolean;
  /** The seat is given up. Called once. */
  onEnd: () => void;
}

interface Poll {
  query: PollQuery;
  response: ServerResponse;
  /** Said before all else. */
  greeting: Parcel | undefined;
}

/** `new`: no poll has come yet · `waiting`: one is to be answered · `resting`: the next one is awaited. */
type SeatState = { kind: 'new' } | { kind: 'waiting'; poll: Poll } | { kind: 'resting' } | { kind: 'ended' };

/**
 * A listener who asks again and again. Between two polls the seat goes on collecting sound; each poll is handed what
 * follows on its cursor, so that nothing is lost on the way. Until it has ended it has one timer: for the answer, or
 * for its end.
 */
export class PollSeat implements Transport {
  readonly kind = 'poll';
  /** Is asked nothing: no answer is longer than what a seat may keep. */
  readonly probe = new Probe();
  readonly queuedBytes = 0;
  readonly #parts: PollSeatParts;
  #state: SeatState = { kind: 'new' };
  #cancelTimer: Cancel = () => {};
  #kept: { parcel: Parcel; atMs: number }[] = [];
  #keptBytes = 0;

  constructor(parts: PollSeatParts) {
    this.#parts = parts;
    this.#setTimer(SEAT_MS, () => this.#end());
  }

  /** Answers a poll in its time; one that is still waiting is answered now. */
  take(poll: Poll): void {
    this.#answer();
    if (!poll.query.after || this.#state.kind === 'ended') {
      this.#write(poll);
      return this.#rest();
    }
    this.#state = { kind: 'waiting', poll };
    this.#setTimer(poll.query.waitMs, () => this.#answer());
    poll.response.once('close', () => {
      if (this.#state.kind === 'waiting' && this.#state.poll === poll) this.#rest();
    });
  }

  isFull(): boolean {
    return false;
  }

  /** What is said between two polls is left out, but for captions: the next one's `hello` says it. */
  send(parcel: Parcel): void {
    if (this.#state.kind === 'ended') return;
    if (this.#state.kind === 'resting' && !parcel.chunk && !parcel.caption) return;
    for (const text of parcel.texts) this.send(text);
    this.#keep(parcel.alone);
  }

  #keep(parcel: Parcel): void {
    const atMs = this.#parts.clock.nowMs();
    this.#kept.push({ parcel, atMs });
    this.#keptBytes += parcel.bytes.length;
    for (let oldest = this.#kept[0]; oldest; oldest = this.#kept[0]) {
      if (atMs - oldest.atMs <= KEPT_MS && this.#keptBytes <= MAX_KEPT_BYTES) return;
      this.#kept.shift();
      this.#keptBytes -= oldest.parcel.bytes.length;
    }
  }

  /** The clock message says it. */
  pass(): void {}

  beat(): void {}

  /** A poll that is waiting is answered, with the `bye` that was sent before. */
  close(): void {
    this.#answer();
    this.#end();
  }

  destroy(): void {
    if (this.#state.kind === 'waiting') this.#state.poll.response.req.socket.resetAndDestroy();
    this.#end();
  }

  #answer(): void {
    if (this.#state.kind !== 'waiting') return;
    this.#write(this.#state.poll);
    this.#rest();
  }

  #rest(): void {
    if (this.#state.kind === 'ended') return;
    if (!this.#parts.isKept) return this.#end();
    this.#state = { kind: 'resting' };
    this.#keepOnly(({ chunk, caption }) => Boolean(chunk || caption));
    this.#setTimer(SEAT_MS, () => this.#end());
  }

  #keepOnly(isKept: (parcel: Parcel) => boolean): void {
    this.#kept = this.#kept.filter(({ parcel }) => isKept(parcel));
    this.#keptBytes = this.#kept.reduce((sum, { parcel }) => sum + parcel.bytes.length, 0);
  }

  #end(): void {
    if (this.#state.kind === 'ended') return;
    this.#state = { kind: 'ended' };
    this.#cancelTimer();
    this.#parts.onEnd();
  }

  #setTimer(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.clock.after(delayMs, run);
  }

  #write({ query, response, greeting }: Poll): void {
    const messages = this.#messagesFor(query).map(({ stream }) => stream);
    // Sound is asked for again by its cursor; captions have none.
    this.#keepOnly(({ chunk }) => chunk !== undefined);
    if (greeting) messages.unshift(greeting.stream);
    const bytes = messages.reduce((sum, { length }) => sum + length, 0);
    response.writeHead(200, { ...MESSAGE_HEADERS, 'Content-Length': bytes });
    response.setTimeout(STUCK_MS, () => response.req.socket.resetAndDestroy());
    for (const message of messages) response.write(message);
    response.end();
  }

  /** All that was said and is not old news to this listener. */
  #messagesFor({ after }: PollQuery): Parcel[] {
    const nowMs = this.#parts.clock.nowMs();
    const parcels = this.#kept
      .filter(({ parcel: { chunk }, atMs }) => {
        if (!chunk) return true;
        return after ? follows(chunk, after) : nowMs - atMs <= LAST_SECOND_MS;
      })
      .map(({ parcel }) => parcel);
    const first = parcels.findIndex(({ chunk }) => chunk);
    const next = parcels[first];
    if (next?.chunk && next.chunk.epoch === after?.epoch && next.chunk.sequence > after.sequence + 1)
      parcels[first] = next.afterSkip;
    return parcels;
  }
}
