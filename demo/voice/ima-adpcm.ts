/** A mono recording, decoded. */
export interface PcmRecording {
  /** Samples a second. */
  sampleRate: number;
  samples: Int16Array<ArrayBuffer>;
}

const FORMAT_IMA_ADPCM = 0x11;
const RIFF_HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
const BLOCK_HEAD_BYTES = 4;
const STEP_COUNT = 89;
const INDEX_STEPS = [-1, -1, -1, -1, 2, 4, 6, 8];

/** The quantiser's steps, 7…32767, each about a tenth above the last (source: IMA, "Recommended Practices", 1992). */
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500,
  20350, 22385, 24623, 27086, 29794, 32767,
];

/** Reads a mono IMA ADPCM WAV file. Throws with the reason when it is something else: our own files are never broken. */
export function readImaAdpcmWav(file: Uint8Array): PcmRecording {
  const chunks = riffChunks(file);
  const format = chunks.get('fmt ');
  const fact = chunks.get('fact');
  const data = chunks.get('data');
  if (!format || !fact || !data) throw new Error('the recording is a WAV file without fmt, fact or data');
  if (format.getUint16(0, true) !== FORMAT_IMA_ADPCM || format.getUint16(2, true) !== 1) {
    throw new Error('the recording is not mono IMA ADPCM');
  }
  const blockBytes = format.getUint16(12, true);
  // The last block is padded: `fact` has the true length.
  const samples = new Int16Array(fact.getUint32(0, true));
  let written = 0;
  for (let at = 0; at < data.byteLength && written < samples.length; at += blockBytes) {
    const bytes = Math.min(blockBytes, data.byteLength - at);
    written = decodeBlock(new DataView(data.buffer, data.byteOffset + at, bytes), samples, written);
  }
  return { sampleRate: format.getUint32(4, true), samples };
}

/** Decodes one block (its first sample, its step index, then two samples a byte) and gives the new end. */
function decodeBlock(block: DataView, samples: Int16Array, from: number): number {
  let predicted = block.getInt16(0, true);
  let index = block.getUint8(2);
  let at = from;
  samples[at++] = predicted;
  for (let n = BLOCK_HEAD_BYTES; n < block.byteLength; n++) {
    const byte = block.getUint8(n);
    for (const code of [byte & 0x0f, byte >> 4]) {
      const step = STEPS[index] ?? 0;
      // One product, as ffmpeg's encoder predicts it; the paper's sum of shifts rounds otherwise and would drift.
      const change = ((2 * (code & 7) + 1) * step) >> 3;
      predicted = Math.max(-32_768, Math.min(32_767, predicted + (code & 8 ? -change : change)));
      index = Math.max(0, Math.min(STEP_COUNT - 1, index + (INDEX_STEPS[code & 7] ?? 0)));
      if (at < samples.length) samples[at++] = predicted;
    }
  }
  return at;
}

function riffChunks(file: Uint8Array): Map<string, DataView> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks = new Map<string, DataView>();
  for (let at = RIFF_HEAD_BYTES; at + CHUNK_HEAD_BYTES <= file.length;) {
    const id = String.fromCharCode(...file.subarray(at, at + 4));
    const bytes = view.getUint32(at + 4, true);
    const body = at + CHUNK_HEAD_BYTES;
    chunks.set(id, new DataView(file.buffer, file.byteOffset + body, Math.min(bytes, file.length - body)));
    at = body + bytes + (bytes & 1);
  }
  return chunks;
}
