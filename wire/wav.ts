import { viewOf } from './format.ts';

/** What a WAV file of 16-bit PCM holds. */
export interface Wav {
  sampleRate: number;
  channels: number;
  /** The samples as they lie in the file: 16-bit signed little-endian, channels interleaved. A view, not a copy. */
  pcm: Uint8Array;
  /** All RIFF chunks, id (four characters) to body; the first of an id wins. Views, not copies. */
  chunks: ReadonlyMap<string, Uint8Array>;
}

/** Why bytes are not a WAV file of 16-bit PCM. */
export type WavFault = 'not-riff' | 'truncated' | 'no-format' | 'not-pcm16' | 'no-data' | 'odd-data';

/** Bytes that cannot be read, and why. */
export interface Fault<Code> {
  kind: 'fault';
  code: Code;
}

/** Result of {@link readWav}: the file's parts or the fault, never an exception. */
export type WavReading = { kind: 'wav'; wav: Wav } | Fault<WavFault>;

const WAVE_FORMAT_PCM = 1;
const RIFF_HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
const FMT_BYTES = 16;
const MAX_RIFF_CHUNKS = 64;

/** The reading of bytes that cannot be read. */
export function fault<Code>(code: Code): Fault<Code> {
  return { kind: 'fault', code };
}

/**
 * Reads a WAV file: RIFF chunks in any order, odd ones padded, unknown ones kept. At most 64 RIFF chunks
 * are walked. A `data` longer than the file is a `truncated` fault: a chunk on the wire is always whole.
 * After Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE).
 */
export function readWav(bytes: Uint8Array): WavReading {
  const view = viewOf(bytes);
  const idAt = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (idAt(0) !== 'RIFF' || idAt(8) !== 'WAVE') return fault('not-riff');

  const chunks = new Map<string, Uint8Array>();
  let at = RIFF_HEAD_BYTES;
  for (let n = 0; n < MAX_RIFF_CHUNKS && at + CHUNK_HEAD_BYTES <= bytes.length; n++) {
    const id = idAt(at);
    const length = view.getUint32(at + 4, true);
    const start = at + CHUNK_HEAD_BYTES;
    at = start + length;
    if (at > bytes.length) return fault('truncated');
    if (!chunks.has(id)) chunks.set(id, bytes.subarray(start, at));
    at += length & 1;
  }

  const fmt = chunks.get('fmt ');
  const pcm = chunks.get('data');
  if (!fmt || fmt.length < FMT_BYTES) return fault('no-format');
  const format = viewOf(fmt);
  const channels = format.getUint16(2, true);
  const sampleRate = format.getUint32(4, true);
  const pcm16 = format.getUint16(0, true) === WAVE_FORMAT_PCM && format.getUint16(14, true) === 16;
  if (!pcm16 || channels === 0 || sampleRate === 0) return fault('not-pcm16');
  if (!pcm) return fault('no-data');
  if (pcm.length % (2 * channels) !== 0) return fault('odd-data');
  return { kind: 'wav', wav: { sampleRate, channels, pcm, chunks } };
}

/** A RIFF chunk to write between `fmt ` and `data`: a four-character id and an even number of bytes. */
export interface ExtraChunk {
  id: string;
  body: Uint8Array;
}

/** Bytes of the header that {@link writeWavHeader} writes: 44, or 44 + 8 + the extra chunk's body. */
export function wavHeaderBytes(extraBytes?: number): number {
  return (
    RIFF_HEAD_BYTES +
    CHUNK_HEAD_BYTES +
    FMT_BYTES +
    (extraBytes === undefined ? 0 : CHUNK_HEAD_BYTES + extraBytes) +
    CHUNK_HEAD_BYTES
  );
}

/** Size field of a WAV stream that has no end: the largest that players take as "unknown" (Firefox refuses 0). */
export const ENDLESS_DATA_BYTES = 0x7fff_ff00;

/**
 * Writes the header of a 16-bit PCM WAV file at the start of `target`; the caller puts `dataBytes` of PCM after it.
 * Throws RangeError when `target` is too small or the extra chunk is odd or has no four-character id.
 */
export function writeWavHeader(
  target: Uint8Array,
  format: { sampleRate: number; channels: number },
  dataBytes: number,
  extra?: ExtraChunk,
): void {
  if (extra && (extra.id.length !== 4 || extra.body.length % 2 !== 0)) {
    throw new RangeError(
      `a RIFF chunk has a four-character id and an even length, not "${extra.id}" with ${extra.body.length}`,
    );
  }
  const view = viewOf(target);
  const blockBytes = 2 * format.channels;
  writeId(view, 0, 'RIFF');
  view.setUint32(4, wavHeaderBytes(extra?.body.length) - CHUNK_HEAD_BYTES + dataBytes, true);
  writeId(view, 8, 'WAVE');
  writeId(view, 12, 'fmt ');
  view.setUint32(16, FMT_BYTES, true);
  view.setUint16(20, WAVE_FORMAT_PCM, true);
  view.setUint16(22, format.channels, true);
  view.setUint32(24, format.sampleRate, true);
  view.setUint32(28, format.sampleRate * blockBytes, true);
  view.setUint16(32, blockBytes, true);
  view.setUint16(34, 16, true);
  let at = 36;
  if (extra) {
    writeId(view, at, extra.id);
    view.setUint32(at + 4, extra.body.length, true);
    target.set(extra.body, at + CHUNK_HEAD_BYTES);
    at += CHUNK_HEAD_BYTES + extra.body.length;
  }
  writeId(view, at, 'data');
  view.setUint32(at + 4, dataBytes, true);
}

function writeId(view: DataView, at: number, id: string): void {
  for (let n = 0; n < 4; n++) view.setUint8(at + n, id.charCodeAt(n));
}
