import { CloseCode } from '../../wire/messages.ts';
import { closeCodeOf, type Problem } from '../errors.ts';
import type { TransportKind } from '../relay-status.ts';
import { KEEPING_UP, step, type PaceEvent, type PaceVerdict } from './pace.ts';
import { Parcel } from './parcel.ts';
import type { Probe } from './probe.ts';

/** What carries a listener's sound. After `close` or `destroy`, or when the other end has gone, it takes everything and
 * sends nothing. */
export interface Transport {
  readonly kind: TransportKind;
  /** Bytes handed over but not yet taken by the kernel. */
  readonly queuedBytes: number;
  /** What is known of how far the other end is. */
  readonly probe: Probe;
  /** Whether more than a second of sound would wait in its queue with this chunk. */
  isFull(chunk: Parcel): boolean;
  send(parcel: Parcel): void;
  /** Nobody has spoken up to `mediaMs`: no chunk will come for what is not sent by now. */
  pass(epoch: number, mediaMs: number): void;
  /** Puts the probe's question, unless one is pending, and keeps the connection from looking idle. */
  beat(nowMs: number): void;
  close(code: number, reason: string): void;
  /** Cuts the connection without a word; what waits in the kernel is dropped. */
  destroy(): void;
}

/** Sends away who may not listen any longer: an HTTP response has no close code, so it is said before. */
export function dismiss(transport: Transport, refusal: Problem): void {
  const code = closeCodeOf(refusal);
  transport.send(Parcel.ofText({ type: 'bye', code, reason: refusal.code }));
  transport.close(code, refusal.code);
}

/** More than any transport lets wait of sound: who has so much in its queue takes nothing at all. */
const MAX_QUEUED_BYTES = 256 * 1024;

/** Who counts what becomes of listeners. */
export interface ListenerCount {
  /** A chunk of so many bytes was left out for one who is behind. */
  leftOut(bytes: number): void;
  /** A WebSocket listener answered a ping in so many ms. */
  answered(tookMs: number): void;
}

/** One connected player, whatever carries its sound. */
export class Listener {
  readonly #transport: Transport;
  readonly #onSlow: (verdict: PaceVerdict) => void;
  readonly #count: ListenerCount | undefined;
  #pace = KEEPING_UP;

  /** `onSlow` is told of everything that a slow listener suffers; `count` is one for many. */
  constructor(transport: Transport, onSlow: (verdict: PaceVerdict) => void, count?: ListenerCount) {
    this.#transport = transport;
    this.#onSlow = onSlow;
    this.#count = count;
  }

  get kind(): TransportKind {
    return this.#transport.kind;
  }

  /** Sends what is not to be left out: control messages, and the last second for a newcomer. */
  send(parcel: Parcel): void {
    if (this.#transport.queuedBytes > MAX_QUEUED_BYTES) this.#transport.destroy();
    else this.#transport.send(parcel);
  }

  /** Sends a text; of captions, to one who is behind, the finals only. */
  tell(text: Parcel): void {
    const isBehind = this.#pace.skipping || this.#transport.queuedBytes > 0;
    if (text.caption !== 'partial' || !isBehind) this.send(text);
  }

  /** Sends a chunk, unless the listener has fallen behind: then nothing, until it has taken what is on its way. */
  offer(chunk: Parcel, nowMs: number): void {
    const transport = this.#transport;
    if (!this.#pace.skipping && !transport.isFull(chunk)) return transport.send(chunk);
    if (this.#pace.skipping && transport.queuedBytes === 0 && !transport.probe.pending) {
      this.#step({ kind: 'caught-up' }, nowMs);
      return transport.send(chunk.afterSkip);
    }
    if (!this.#pace.skipping) this.#step({ kind: 'full' }, nowMs);
    this.#count?.leftOut(chunk.bytes.length);
    for (const text of chunk.texts) this.tell(text);
  }

  /** Time passes in silence, which may be sent like sound. */
  pass(epoch: number, mediaMs: number): void {
    if (!this.#pace.skipping) this.#transport.pass(epoch, mediaMs);
  }

  /** Judges by what has been answered since the last beat, and asks anew. */
  beat(nowMs: number): void {
    const { probe, kind } = this.#transport;
    const tookMs = probe.takeAnswer();
    // What the kernel says of an HTTP response it says once in a while: that is no round trip.
    if (tookMs !== undefined && kind === 'websocket') this.#count?.answered(tookMs);
    this.#step({ kind: 'beat', behindMs: probe.behindMs(nowMs) }, nowMs);
    this.#transport.beat(nowMs);
  }

  /** Says goodbye and closes. */
  close(code: number, reason: string): void {
    this.#transport.close(code, reason);
  }

  #step(event: PaceEvent, nowMs: number): void {
    const [next, verdict] = step(this.#pace, event, nowMs);
    this.#pace = next;
    if (verdict === 'keep') return;
    this.#onSlow(verdict);
    switch (verdict) {
      case 'skip':
        return this.#transport.beat(nowMs);
      case 'close':
        return this.#transport.close(CloseCode.tooSlow, 'too slow');
      case 'cut':
        return this.#transport.destroy();
      default:
        verdict satisfies never;
    }
  }
}
