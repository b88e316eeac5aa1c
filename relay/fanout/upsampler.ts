/** Taps on either side of a sample, in source samples; 16 gives 60 dB at phone band edges. */
const HALF_TAPS = 16;
const KAISER_BETA = 8;
/** Pass band as a share of the source's Nyquist frequency. */
const CUTOFF = 0.95;

/**
 * Turns 16-bit mono PCM into the same at a whole multiple of its rate, as a stream: one Kaiser windowed sinc, split
 * into a phase per output sample, with its memory kept between calls. Delays by 16 source samples (1 ms at 16 kHz).
 * After Smith, "Digital Audio Resampling", CCRMA.
 */
export class Upsampler {
  readonly #factor: number;
  readonly #phases: readonly Float32Array[];
  readonly #history = new Float32Array(2 * HALF_TAPS);

  /** Throws RangeError unless `factor` is a whole number from 1. */
  constructor(factor: number) {
    if (!Number.isInteger(factor) || factor < 1) throw new RangeError(`cannot upsample by ${factor}`);
    this.#factor = factor;
    this.#phases = Array.from({ length: factor }, (_, phase) => taps(phase / factor));
  }

  /** The next `pcm.length / 2 × factor` samples. */
  push(pcm: Uint8Array): Int16Array {
    const source = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const samples = pcm.length / 2;
    const out = new Int16Array(samples * this.#factor);
    const line = new Float32Array(this.#history.length + samples);
    line.set(this.#history);
    for (let n = 0; n < samples; n++) line[this.#history.length + n] = source.getInt16(2 * n, true);
    let at = 0;
    for (let n = 1; n <= samples; n++) {
      for (const phase of this.#phases) {
        let sum = 0;
        for (let tap = 0; tap < phase.length; tap++) sum += (phase[tap] ?? 0) * (line[n + tap] ?? 0);
        out[at++] = Math.max(-32768, Math.min(32767, Math.round(sum)));
      }
    }
    this.#history.set(line.subarray(samples));
    return out;
  }
}

/** Filter taps for an output sample that lies `fraction` of a source sample after its neighbour. Sum 1. */
function taps(fraction: number): Float32Array {
  const values = Float32Array.from({ length: 2 * HALF_TAPS }, (_, tap) => {
    const distance = tap - (HALF_TAPS - 1) - fraction;
    return CUTOFF * sinc(CUTOFF * distance) * kaiser(distance / HALF_TAPS);
  });
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel0(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
