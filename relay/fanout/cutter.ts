import { endSampleOf, type Chunk } from '../../wire/chunk.ts';
import { msOf } from '../../wire/format.ts';

/**
 * Joins the pieces a room sends (as a rule single frames) to the chunks that listeners get, and numbers them. Its
 * chunks end where the media clock is a multiple of `chunkMs` plus `offsetMs`: cutters of different offsets give the
 * same sound at different moments. What does not follow on without a seam begins a chunk of its own.
 */
export class Cutter {
  readonly #chunkMs: number;
  readonly #offsetMs: number;
  #open: Chunk[] = [];
  #epoch: number | undefined;
  #sequence = 0;

  /** Goes on, with `from`, where another cutter stands. */
  constructor(chunkMs: number, offsetMs: number, from?: Cutter) {
    this.#chunkMs = chunkMs;
    this.#offsetMs = offsetMs;
    if (!from) return;
    this.#open = [...from.#open];
    this.#epoch = from.#epoch;
    this.#sequence = from.#sequence;
  }

  /** Takes the next piece and returns the chunks that are complete. */
  push(piece: Chunk): Chunk[] {
    const last = this.#open.at(-1);
    const chunks = last && !isJoined(last, piece) ? this.flush() : [];
    if (piece.epoch !== this.#epoch) {
      this.#epoch = piece.epoch;
      this.#sequence = 0;
    }
    this.#open.push(piece);
    const endMs = msOf(endSampleOf(piece), piece.sampleRate);
    const openMs = endMs - msOf(this.#open[0]?.firstSample ?? 0, piece.sampleRate);
    if (endMs % this.#chunkMs === this.#offsetMs || openMs >= this.#chunkMs) chunks.push(...this.flush());
    return chunks;
  }

  /** The chunk that was being filled, as far as it goes: what follows is another matter. */
  flush(): Chunk[] {
    const [first] = this.#open;
    if (!first) return [];
    const pieces = this.#open.splice(0);
    const padded = pieces.some((piece) => piece.padded);
    return [{ ...first, padded, sequence: this.#sequence++, pcm: joined(pieces) }];
  }
}

function isJoined(last: Chunk, next: Chunk): boolean {
  return (
    last.epoch === next.epoch &&
    last.sampleRate === next.sampleRate &&
    endSampleOf(last) === next.firstSample &&
    !next.gapBefore
  );
}

function joined(pieces: readonly Chunk[]): Uint8Array {
  const pcm = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.pcm.length, 0));
  let at = 0;
  for (const piece of pieces) {
    pcm.set(piece.pcm, at);
    at += piece.pcm.length;
  }
  return pcm;
}
