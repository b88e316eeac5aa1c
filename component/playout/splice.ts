/** Length of the cross-fade at a splice, ms: short enough for the shortest pause, long enough not to click. */
export const FADE_MS = 4;

/**
 * A jump inside a chunk: at `fromMs` it goes on at `toMs` (offsets of the source, ms). Forwards cuts time out,
 * backwards repeats it. The last 4 ms before both points are cross-faded, so both must lie 4 ms into the chunk.
 */
export interface Splice {
  fromMs: number;
  toMs: number;
}

/**
 * The samples with every splice performed, in order; each `fromMs` lies behind the `toMs` before it. Length is exactly
 * the source's less what was cut plus what was repeated. Throws RangeError for a splice outside the samples.
 */
export function spliced(samples: Float32Array, splices: readonly Splice[], sampleRate: number): Float32Array {
  if (splices.length === 0) return samples;
  const at = (ms: number): number => Math.round((ms * sampleRate) / 1000);
  const fade = at(FADE_MS);
  const won = splices.reduce((sum, { fromMs, toMs }) => sum + at(toMs) - at(fromMs), 0);
  const out = new Float32Array(samples.length - won);
  let read = 0;
  let written = 0;
  for (const { fromMs, toMs } of splices) {
    const from = at(fromMs);
    const to = at(toMs);
    if (Math.min(from, to) < fade || Math.max(from, to) > samples.length) {
      throw new RangeError('a splice outside the samples');
    }
    out.set(samples.subarray(read, from), written);
    written += from - read;
    for (let n = 1; n <= fade; n++) {
      const share = 1 - n / (fade + 1);
      const before = samples[from - n] ?? 0;
      const after = samples[to - n] ?? 0;
      out[written - n] = before + (after - before) * share;
    }
    read = to;
  }
  out.set(samples.subarray(read), written);
  return out;
}
