import { viewOf } from './format.ts';
import { fault, readWav, wavHeaderBytes, writeWavHeader, type Fault, type WavFault } from './wav.ts';

/** Several frames of one room: the unit that is sent and played. On the wire each is a whole WAV file. */
export interface Chunk {
  /** The life of the leg's media clock this chunk belongs to: Unix milliseconds of its start, growing. */
  epoch: number;
  /** Position of the first sample on the epoch's media clock, in samples. */
  firstSample: number;
  /** Counts the chunks of an epoch, +1 each; u32. */
  sequence: number;
  /** The leg lost sound just before this chunk (the media clock has jumped). */
  gapBefore: boolean;
  /** Part of this chunk is silence that the relay put in, as for a short frame. */
  padded: boolean;
  /** Chunks before this one were left out for this listener alone, who had fallen behind. */
  skippedBefore?: boolean;
  /** Samples a second, mono. */
  sampleRate: number;
  /** 16-bit signed little-endian mono samples. A decoded chunk's view shares the message's memory. */
  pcm: Uint8Array;
}

/** Why a binary message is not a chunk. */
export type ChunkFault = WavFault | 'not-mono' | 'no-conf' | 'bad-conf' | 'empty';

/** Result of {@link decodeChunk}: never an exception, whatever the bytes. */
export type ChunkReading = { kind: 'chunk'; chunk: Chunk } | Fault<ChunkFault>;

const CONF_BYTES = 24;
const FLAG_GAP_BEFORE = 1;
const FLAG_PADDED = 2;
const FLAG_SKIPPED_BEFORE = 4;

/** Bytes before the first sample of an encoded chunk: 76. */
export const CHUNK_HEADER_BYTES = /* @__PURE__ */ wavHeaderBytes(CONF_BYTES);

/**
 * Encodes a chunk as a WAV file with the 24-byte `conf` RIFF chunk before `data` (PROTOCOL.md, byte table).
 * Throws RangeError when a field does not fit its bytes: that is a fault of the program, not of the world.
 */
export function encodeChunk(chunk: Chunk): Uint8Array<ArrayBuffer> {
  if (chunk.pcm.length % 2 !== 0)
    throw new RangeError(`a chunk holds whole samples, not ${chunk.pcm.length} bytes`);
  if (!Number.isInteger(chunk.sequence) || chunk.sequence < 0 || chunk.sequence > 0xffff_ffff) {
    throw new RangeError(`a chunk's sequence is a u32, not ${chunk.sequence}`);
  }
  const conf = new Uint8Array(CONF_BYTES);
  const view = viewOf(conf);
  view.setBigUint64(0, BigInt(chunk.epoch), true);
  view.setBigUint64(8, BigInt(chunk.firstSample), true);
  view.setUint32(16, chunk.sequence, true);
  const flags =
    (chunk.gapBefore ? FLAG_GAP_BEFORE : 0) |
    (chunk.padded ? FLAG_PADDED : 0) |
    (chunk.skippedBefore ? FLAG_SKIPPED_BEFORE : 0);
  view.setUint32(20, flags, true);

  const bytes = new Uint8Array(CHUNK_HEADER_BYTES + chunk.pcm.length);
  writeWavHeader(bytes, { sampleRate: chunk.sampleRate, channels: 1 }, chunk.pcm.length, {
    id: 'conf',
    body: conf,
  });
  bytes.set(chunk.pcm, CHUNK_HEADER_BYTES);
  return bytes;
}

/** Reads a binary message. Foreign RIFF chunks and unknown flag bits are ignored; any length and rate is taken. */
export function decodeChunk(bytes: Uint8Array): ChunkReading {
  const reading = readWav(bytes);
  if (reading.kind === 'fault') return reading;
  const { sampleRate, channels, pcm, chunks } = reading.wav;
  const conf = chunks.get('conf');
  if (channels !== 1) return fault('not-mono');
  if (pcm.length === 0) return fault('empty');
  if (!conf) return fault('no-conf');
  if (conf.length < CONF_BYTES) return fault('bad-conf');

  const view = viewOf(conf);
  const epoch = Number(view.getBigUint64(0, true));
  const firstSample = Number(view.getBigUint64(8, true));
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(firstSample)) return fault('bad-conf');
  const flags = view.getUint32(20, true);
  return {
    kind: 'chunk',
    chunk: {
      epoch,
      firstSample,
      sequence: view.getUint32(16, true),
      gapBefore: (flags & FLAG_GAP_BEFORE) !== 0,
      padded: (flags & FLAG_PADDED) !== 0,
      ...((flags & FLAG_SKIPPED_BEFORE) !== 0 && { skippedBefore: true }),
      sampleRate,
      pcm,
    },
  };
}

/** Position on the media clock right behind a chunk's last sample, in samples. */
export function endSampleOf({ firstSample, pcm }: Pick<Chunk, 'firstSample' | 'pcm'>): number {
  return firstSample + pcm.length / 2;
}

/** Whether `next` may follow `last`: receivers accept only strictly growing (epoch, sequence). */
export function follows(
  next: Pick<Chunk, 'epoch' | 'sequence'>,
  last: Pick<Chunk, 'epoch' | 'sequence'> | undefined,
): boolean {
  if (!last) return true;
  return next.epoch > last.epoch || (next.epoch === last.epoch && next.sequence > last.sequence);
}
