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
  #finished = false;
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

  /** The media clock now, milliseconds; null until the leg's first frame. */
  mediaMs(): number | null {
    return this.#chunker?.mediaMs(this.#parts.clock.nowMs()) ?? null;
  }

  /** The leg said its format; a second time does nothing. */
  open(sampleRate: SampleRate): void {
    if (this.#chunker || this.#finished) return;
    const { epoch, chunkMs, clock } = this.#parts;
    this.#chunker = new Chunker({ epoch, sampleRate, chunkMs });
    this.#stopClock = repeat(clock, CLOCK_EVERY_MS, () => this.#tellClock());
  }

  /** Takes a frame; sends the chunks it completes. A leg that is finished may still be talking: nobody hears it. */
  hear(pcm: Uint8Array): void {
    if (!this.#chunker || this.#finished) return;
    this.heardMs = this.#parts.clock.nowMs();
    this.#send(this.#chunker.push(pcm, this.heardMs));
  }

  /** Sends what is left and stops the clock; a second time does nothing. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#send(this.#chunker?.flush() ?? []);
    this.#stopClock?.();
  }

  /** Closes the socket, then finishes. */
  close(code: number, reason: string): void {
    this.#parts.handle.close(code, reason);
    this.finish();
  }

  /** Says nothing while no frame has come: a clock that stands would make the first sound look late. */
  #tellClock(): void {
    const mediaMs = this.mediaMs();
    if (mediaMs !== null) this.#parts.out({ kind: 'clock', epoch: this.epoch, mediaMs });
  }

  #send(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) this.#parts.out({ kind: 'chunk', bytes: encodeChunk(chunk) });
  }
}
