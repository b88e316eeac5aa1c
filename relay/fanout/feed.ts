import { decodeChunk, endSampleOf, follows, type Chunk } from '../../wire/chunk.ts';
import { msOf } from '../../wire/format.ts';
import type { ClockMessage, HelloMessage, StateMessage } from '../../wire/messages.ts';
import { PROTOCOL_VERSION } from '../../wire/messages.ts';
import type { RoomMessage, RoomStatus } from '../room-message.ts';
import type { Listener, SentChunk } from './listener.ts';

/** How much of a live room a late joiner is given at once. */
const RING_MS = 1000;

/** What a room's listeners see of its settings. */
export interface FeedSettings {
  room: string;
  title: string;
  chunkMs: number;
  showListeners: boolean;
  retryWindowMs: number;
}

/** One room's listeners on this node, and the last second for those who come late. */
export class Feed {
  readonly listeners = new Set<Listener>();
  readonly #settings: FeedSettings;
  readonly #nowMs: () => number;
  #status: RoomStatus = { state: 'idle', epoch: null, sampleRate: null };
  #clock: { epoch: number; mediaMs: number; atMs: number } | undefined;
  #last: Chunk | undefined;
  #ring: SentChunk[] = [];

  constructor(settings: FeedSettings, nowMs: () => number) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /** Takes a message of the room's owner and passes it on. */
  hear(message: RoomMessage): void {
    switch (message.kind) {
      case 'chunk':
        return this.#onChunk(message.bytes);
      case 'status':
        return this.#onStatus(message.status);
      case 'clock':
        return this.#onClock(message);
      default:
        message satisfies never;
    }
  }

  /** Greets a listener, gives it the last second of a live room, and counts it in. */
  join(listener: Listener): void {
    this.listeners.add(listener);
    listener.tell(JSON.stringify(this.#hello()));
    for (const sent of this.#ring) listener.offer(sent);
  }

  #onChunk(bytes: Uint8Array): void {
    const reading = decodeChunk(bytes);
    if (reading.kind === 'fault') throw new Error(`the bus brought bytes that are no chunk: ${reading.code}`);
    const { chunk } = reading;
    if (!follows(chunk, this.#last)) return;
    if (this.#last && this.#last.epoch !== chunk.epoch) this.#ring = [];
    this.#last = chunk;
    const sent: SentChunk = { bytes, chunk };
    this.#ring.push(sent);
    const endMs = msOf(endSampleOf(chunk), chunk.sampleRate);
    this.#trimRing(endMs);
    if (this.#clock?.epoch !== chunk.epoch)
      this.#clock = { epoch: chunk.epoch, mediaMs: endMs, atMs: this.#nowMs() };
    for (const listener of this.listeners) listener.offer(sent);
  }

  /** Keeps what is not older than a second at `mediaMs`. */
  #trimRing(mediaMs: number): void {
    for (let first = this.#ring[0]?.chunk; first; first = this.#ring[0]?.chunk) {
      if (mediaMs - msOf(first.firstSample, first.sampleRate) <= RING_MS) return;
      this.#ring.shift();
    }
  }

  #onStatus(status: RoomStatus): void {
    const before = this.#status;
    this.#status = status;
    if (status.state !== 'live') this.#ring = [];
    if (status.epoch !== this.#clock?.epoch) this.#clock = undefined;
    if (before.state === status.state) return;
    const message: StateMessage = { type: 'state', state: status.state };
    this.#tellAll(JSON.stringify(message));
  }

  #onClock({ epoch, mediaMs, quiet }: Extract<RoomMessage, { kind: 'clock' }>): void {
    this.#clock = { epoch, mediaMs, atMs: this.#nowMs() };
    const message: ClockMessage = {
      type: 'clock',
      epoch,
      mediaMs: Math.round(mediaMs),
      ...(quiet && { quiet }),
    };
    this.#tellAll(JSON.stringify(message));
    if (!quiet) return;
    this.#trimRing(mediaMs);
    // The chunk that is being filled may turn out to be speech.
    for (const listener of this.listeners) listener.pass(epoch, mediaMs - this.#settings.chunkMs);
  }

  #tellAll(message: string): void {
    for (const listener of this.listeners) listener.tell(message);
  }

  #hello(): HelloMessage {
    const { room, title, chunkMs, showListeners, retryWindowMs } = this.#settings;
    const { state, epoch, sampleRate } = this.#status;
    return {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      room,
      title,
      state,
      epoch,
      sampleRate,
      chunkMs,
      mediaMs: this.#mediaMs(),
      retryWindowMs,
      ...(showListeners ? { listeners: this.listeners.size } : {}),
    };
  }

  /** The media clock now, carried on from its last message; null while it is not known. */
  #mediaMs(): number | null {
    const clock = this.#clock;
    return clock ? Math.round(clock.mediaMs + this.#nowMs() - clock.atMs) : null;
  }
}
