import { encodeChunk, type Chunk } from '../../wire/chunk.ts';
import type { SampleRate } from '../../wire/format.ts';
import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { LegHandle } from '../leg.ts';
import type { RoomMessage } from '../room-message.ts';
import { Chunker } from './chunker.ts';

/** Listeners are told the media clock this often while a leg is up (the protocol asks for 5 s). */
const CLOCK_EVERY_MS = 4000;

/** What a connected leg is made of. */
export interface RoomLegParts {
  epoch: number;
  chunkMs: number;
  handle: LegHandle;
  clock: Clock;
  out: (message: RoomMessage) => void;
}

/** One leg while it is connected: its chunker and the clock messages that go with it. */
export class RoomLeg {
  readonly #parts: RoomLegParts;
  #chunker: Chunker | undefined;
  #stopClock: Cancel | undefined;
  /** Monotonic milliseconds of the last frame, or of the leg's opening. */
  heardMs: number;

  constructor(parts: RoomLegParts) {
    this.#parts = parts;
    this.heardMs = parts.clock.nowMs();
  }

  get epoch(): number {
    return this.#parts.epoch;
  }

  /** Samples a second; null until the leg has said its format. */
  get sampleRate(): number | null {
    return this.#chunker?.sampleRate ?? null;
  }

  /** The media clock now, milliseconds; null until the leg has said its format. */
  mediaMs(): number | null {
    return this.#chunker?.mediaMs(this.#parts.clock.nowMs()) ?? null;
  }

  /** The leg said its format; a second time does nothing. */
  open(sampleRate: SampleRate): void {
    if (this.#chunker) return;
    const { epoch, chunkMs, clock, out } = this.#parts;
    const chunker = new Chunker({ epoch, sampleRate, chunkMs });
    this.#chunker = chunker;
    this.#stopClock = repeat(clock, CLOCK_EVERY_MS, () =>
      out({ kind: 'clock', epoch, mediaMs: chunker.mediaMs(clock.nowMs()) }),
    );
  }

  /** Takes a frame; sends the chunks it completes. */
  hear(pcm: Uint8Array): void {
    if (!this.#chunker) return;
    this.heardMs = this.#parts.clock.nowMs();
    this.#send(this.#chunker.push(pcm, this.heardMs));
  }

  /** Sends what is left and stops the clock. */
  finish(): void {
    this.#send(this.#chunker?.flush() ?? []);
    this.#stopClock?.();
  }

  /** Closes the socket, then finishes. */
  close(code: number, reason: string): void {
    this.#parts.handle.close(code, reason);
    this.finish();
  }

  #send(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) this.#parts.out({ kind: 'chunk', bytes: encodeChunk(chunk) });
  }
}
