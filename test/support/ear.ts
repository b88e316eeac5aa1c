import { FRAME_MS } from '../../wire/format.ts';
import type { Recording } from './recorder.ts';

/** One 20 ms block of what was sent, as it was found in what was played. */
export interface HeardBlock {
  /** Index of the block in the source. */
  index: number;
  /** Normalised correlation, 1 is the same shape. */
  correlation: number;
  /** Where it was found: milliseconds from the recording's start. */
  atMs: number;
}

/** How far from its expected place a block is looked for, ms. */
const SEARCH_MS = 3;
/** The first block is looked for in all of the recording, in steps of this many samples. */
const COARSE_STEP = 4;

/**
 * Finds block after block of `source` (16-bit, `sourceRate`) in a recording, each near where its neighbour was: a
 * missing, doubled or damaged block shows as a low correlation or a jump in place. The source must not repeat.
 */
export function hear(source: Int16Array, sourceRate: number, recording: Recording): HeardBlock[] {
  const { sampleRate, samples } = recording;
  const length = Math.round((FRAME_MS * sampleRate) / 1000);
  const blocks = Math.floor(source.length / ((FRAME_MS * sourceRate) / 1000));
  const heard: HeardBlock[] = [];
  let expected: number | undefined;
  for (let index = 0; index < blocks; index++) {
    const block = blockAt(source, sourceRate, index, length, sampleRate);
    const found: Found =
      expected === undefined
        ? findAnywhere(block, samples)
        : findNear(block, samples, expected, Math.round((SEARCH_MS * sampleRate) / 1000));
    if (expected === undefined && found.correlation < 0.9) continue;
    if (found.at + 2 * length > samples.length) break;
    heard.push({ index, correlation: found.correlation, atMs: (found.at / sampleRate) * 1000 });
    expected = found.at + length;
  }
  return heard;
}

interface Found {
  at: number;
  correlation: number;
}

/** The source's block at the recording's rate: cubic interpolation is exact enough for sound below 2 kHz. */
function blockAt(
  source: Int16Array,
  sourceRate: number,
  index: number,
  length: number,
  rate: number,
): Float32Array {
  const first = (index * FRAME_MS * sourceRate) / 1000;
  const step = sourceRate / rate;
  return Float32Array.from({ length }, (_, n) => {
    const position = first + n * step;
    const at = Math.floor(position);
    const x = position - at;
    const [a, b, c, d] = [at - 1, at, at + 1, at + 2].map((k) => source[Math.max(0, k)] ?? 0);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return 0;
    return b + 0.5 * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a)));
  });
}

function findNear(block: Float32Array, samples: Float32Array, expected: number, reach: number): Found {
  let best: Found = { at: expected, correlation: -1 };
  for (let at = Math.max(0, expected - reach); at <= expected + reach; at++)
    best = better(best, block, samples, at);
  return best;
}

function findAnywhere(block: Float32Array, samples: Float32Array): Found {
  let best: Found = { at: 0, correlation: -1 };
  for (let at = 0; at + block.length <= samples.length; at += COARSE_STEP)
    best = better(best, block, samples, at);
  return findNear(block, samples, best.at, COARSE_STEP);
}

function better(best: Found, block: Float32Array, samples: Float32Array, at: number): Found {
  let cross = 0;
  let energy = 0;
  let power = 0;
  for (let n = 0; n < block.length; n++) {
    const played = samples[at + n] ?? 0;
    const sent = block[n] ?? 0;
    cross += played * sent;
    energy += played * played;
    power += sent * sent;
  }
  const correlation = energy > 0 && power > 0 ? cross / Math.sqrt(energy * power) : 0;
  return correlation > best.correlation ? { at, correlation } : best;
}

/** The value below which `share` of the numbers lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
