import { FRAME_MS, frameBytes } from '../../../wire/format.ts';
import { CHUNK_HEADER_BYTES } from '../../../wire/chunk.ts';

/** The sound that is published: 16 kHz mono in 20 ms frames of 640 bytes. */
export const SAMPLE_RATE = 16_000;
/** Bytes of one 20 ms frame. */
export const FRAME_BYTES = frameBytes(SAMPLE_RATE);
/** Length of a chunk: ten frames. */
export const CHUNK_MS = 200;
/** Frames of a chunk. */
export const CHUNK_FRAMES = CHUNK_MS / FRAME_MS;
/** The room that is listened to. */
export const ROOM = 'allhands';

const STAMP_BYTES = 8;
const tone = Uint8Array.from({ length: FRAME_BYTES }, (_, n) => (n * 37 + (n >> 3)) & 0xff);

/** A frame whose last bytes say when it was sent, so that the last bytes of any chunk do. */
export function stampedFrame(sentAtUs: number): Buffer {
  const frame = Buffer.from(tone);
  frame.writeDoubleLE(sentAtUs, FRAME_BYTES - STAMP_BYTES);
  return frame;
}

/** When the last frame of a chunk that ends at `end` was sent; NaN where the chunk ends in made-up sound. */
export function stampUs(bytes: Buffer, end: number, nowUs: number): number {
  const sentAtUs = bytes.readDoubleLE(end - STAMP_BYTES);
  return sentAtUs > nowUs - 1e9 && sentAtUs <= nowUs ? sentAtUs : Number.NaN;
}

/** The fields of a chunk that a listener checks, read in place. */
export interface ChunkMark {
  epoch: number;
  firstSample: number;
  endSample: number;
  sequence: number;
  gapBefore: boolean;
}

const mark: ChunkMark = { epoch: 0, firstSample: 0, endSample: 0, sequence: 0, gapBefore: false };
const CONF = 0x66_6e_6f_63;
const U32 = 0x1_0000_0000;

/** Reads a chunk between two offsets; undefined for anything else. The result is one object, overwritten each time. */
export function readMark(bytes: Buffer, start: number, end: number): ChunkMark | undefined {
  if (end - start <= CHUNK_HEADER_BYTES || bytes.readUInt32LE(start + 36) !== CONF) return undefined;
  mark.epoch = bytes.readUInt32LE(start + 44) + bytes.readUInt32LE(start + 48) * U32;
  mark.firstSample = bytes.readUInt32LE(start + 52) + bytes.readUInt32LE(start + 56) * U32;
  mark.endSample = mark.firstSample + (end - start - CHUNK_HEADER_BYTES) / 2;
  mark.sequence = bytes.readUInt32LE(start + 60);
  mark.gapBefore = (bytes.readUInt32LE(start + 64) & 1) !== 0;
  return mark;
}
