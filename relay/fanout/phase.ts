import { endSampleOf, type Chunk } from '../../wire/chunk.ts';
import { msOf } from '../../wire/format.ts';
import type { Audience } from './audience.ts';
import { Cutter } from './cutter.ts';
import type { Listener } from './listener.ts';
import { Parcel } from './parcel.ts';

/** How much of a live room a late joiner is given at once. */
const RING_MS = 1000;

/** Those of a room's listeners who get their chunks at the same moment, and the last second for who comes late. */
export class Phase {
  readonly listeners = new Set<Listener>();
  /** Where its chunks end on the media clock, ms after a multiple of their length. */
  readonly offsetMs: number;
  readonly #cutter: Cutter;
  /** The media clock as a message of this moment. */
  readonly #clockAt: (nowMs: number) => Parcel[];
  /** Counts what is delivered. */
  readonly #audience: Audience;
  #ring: Parcel[] = [];
  /** What has not been told yet. */
  #texts: Parcel[] = [];
  #isClockDue = false;

  /** Goes on, with `from`, where another phase stands, numbers and all. */
  constructor(
    chunkMs: number,
    offsetMs: number,
    clockAt: (nowMs: number) => Parcel[],
    audience: Audience,
    from?: Phase,
  ) {
    this.offsetMs = offsetMs;
    this.#clockAt = clockAt;
    this.#audience = audience;
    this.#cutter = new Cutter(chunkMs, offsetMs, from && from.#cutter);
    if (from) this.#ring = [...from.#ring];
  }

  /** Takes a piece of sound and delivers what it completes. */
  hear(piece: Chunk, nowMs: number): void {
    this.#deliver(this.#cutter.push(piece), nowMs);
  }

  /** Has a text for everybody: told by the next {@link tell}, or with the next chunk, before it. */
  queue(text: Parcel): void {
    this.#texts.push(text);
  }

  /** Whether a text is still to be told. */
  isQueued(text: Parcel): boolean {
    return this.#texts.includes(text);
  }

  /** Whether there is something to tell. */
  get hasTexts(): boolean {
    return this.#texts.length > 0;
  }

  /** Tells what is queued. */
  tell(): void {
    for (const text of this.#texts.splice(0)) {
      for (const listener of this.listeners) listener.tell(text);
    }
  }

  /** The media clock goes out with the next chunk, which costs nothing. */
  clockIsDue(): void {
    this.#isClockDue = true;
  }

  /** Delivers what is there: nothing follows on it. */
  flush(nowMs: number): void {
    this.#deliver(this.#cutter.flush(), nowMs);
  }

  /** Counts a listener in and gives it the last second. */
  join(listener: Listener): void {
    this.listeners.add(listener);
    for (const parcel of this.#ring) {
      listener.send(parcel);
      this.#audience.delivered(parcel.bytes.length, 1);
    }
  }

  /** Keeps what is not older than a second at `mediaMs`. */
  trimRing(mediaMs: number): void {
    for (let first = this.#ring[0]?.chunk; first; first = this.#ring[0]?.chunk) {
      if (mediaMs - msOf(first.firstSample, first.sampleRate) <= RING_MS) return;
      this.#ring.shift();
    }
  }

  /** Forgets the last second: the room is live no more. */
  clearRing(): void {
    this.#ring = [];
  }

  #deliver(chunks: readonly Chunk[], nowMs: number): void {
    for (const chunk of chunks) {
      if (this.#ring.at(-1)?.chunk?.epoch !== chunk.epoch) this.#ring = [];
      const parcel = Parcel.ofChunk(chunk);
      this.#ring.push(parcel);
      this.trimRing(msOf(endSampleOf(chunk), chunk.sampleRate));
      const texts = [...this.#texts.splice(0), ...(this.#isClockDue ? this.#clockAt(nowMs) : [])];
      this.#isClockDue = false;
      const delivery = parcel.after(texts);
      for (const listener of this.listeners) listener.offer(delivery, nowMs);
      this.#audience.delivered(delivery.bytes.length, this.listeners.size, nowMs);
    }
  }
}
