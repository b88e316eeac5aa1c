import { endSampleOf, follows, type Chunk } from '../wire/chunk.ts';
import { msOf, SAMPLE_BYTES, samplesIn } from '../wire/format.ts';

/** The part of a chunk that says where it stands. */
type Place = Pick<Chunk, 'epoch' | 'sequence'> & { endMs: number };

/**
 * Lets every sample through once. Within a connection (epoch, sequence) decide; across connections only the media clock
 * can, for the relay cuts and numbers the same sound in another way for each part of its audience.
 */
export class ChunkFilter {
  /** The last chunk of this connection. */
  #last: Place | undefined;
  /** The last chunk let through, of whatever connection, and how that stood when this connection began. */
  #heard: Place | undefined;
  #before: Place | undefined;

  /** `epoch.sequence` of the last chunk of this connection; '' before one. */
  get cursor(): string {
    return this.#last ? `${this.#last.epoch}.${this.#last.sequence}` : '';
  }

  /** A connection begins. */
  begin(): void {
    this.#last = undefined;
    this.#before = this.#heard;
  }

  /** The part of a chunk that has not been let through yet; undefined when there is none. */
  unheard(chunk: Chunk): Chunk | undefined {
    const { epoch, sequence, firstSample, sampleRate, pcm } = chunk;
    if (!follows(chunk, this.#last)) return undefined;
    const endMs = msOf(endSampleOf(chunk), sampleRate);
    this.#last = { epoch, sequence, endMs };
    const before = this.#before;
    const skipped = before?.epoch === epoch ? samplesIn(before.endMs, sampleRate) - firstSample : 0;
    if ((before && epoch < before.epoch) || skipped * SAMPLE_BYTES >= pcm.length) return undefined;
    this.#heard = this.#last;
    if (skipped <= 0) return chunk;
    return { ...chunk, firstSample: firstSample + skipped, pcm: pcm.subarray(skipped * SAMPLE_BYTES) };
  }
}
