import { amplitudeOf, emptyFrame, toSample } from './audio-source.ts';
import type { AudioSource } from './audio-source.ts';

const LOW_HZ = 300;
const HIGH_HZ = 1500;
const RMS_DBFS = -18;
const TAPS_SEC = 0.016;

/**
 * Noise of 300 to 1500 Hz at -18 dBFS RMS for finding a delay by cross-correlation: seeded, continuous over frame
 * edges, and without repetition for 2^32 samples (49 hours at 24 kHz). The rate belongs to the signal: two rates of
 * one seed are two different noises.
 */
export function noise(seed: number): AudioSource {
  const tapsByRate = new Map<number, Float64Array>();
  const taps = (sampleRate: number): Float64Array => {
    const known = tapsByRate.get(sampleRate);
    if (known) return known;
    const made = bandPass(sampleRate);
    tapsByRate.set(sampleRate, made);
    return made;
  };
  return {
    label: `noise ${seed}`,
    frameAt: (frameIndex, sampleRate) => {
      const filter = taps(sampleRate);
      const frame = emptyFrame(sampleRate);
      const first = frameIndex * frame.length;
      const white = new Float64Array(frame.length + filter.length - 1);
      for (let n = 0; n < white.length; n++) white[n] = whiteAt(seed, first + n);
      for (let n = 0; n < frame.length; n++) {
        let sum = 0;
        for (let tap = 0; tap < filter.length; tap++) sum += (filter[tap] ?? 0) * (white[n + tap] ?? 0);
        frame[n] = toSample(sum);
      }
      return frame;
    },
  };
}

/** Windowed-sinc band pass whose gain turns uniform white noise into {@link RMS_DBFS}. */
function bandPass(sampleRate: number): Float64Array {
  const half = Math.round((TAPS_SEC * sampleRate) / 2);
  const taps = new Float64Array(2 * half + 1);
  let energy = 0;
  for (let n = 0; n < taps.length; n++) {
    const hann = 0.5 + 0.5 * Math.cos((Math.PI * (n - half)) / (half + 1));
    const tap = hann * (lowPassAt(n - half, HIGH_HZ / sampleRate) - lowPassAt(n - half, LOW_HZ / sampleRate));
    taps[n] = tap;
    energy += tap * tap;
  }
  const uniformRms = Math.sqrt(1 / 3);
  const gain = amplitudeOf(RMS_DBFS) / (uniformRms * Math.sqrt(energy));
  return taps.map((tap) => tap * gain);
}

function lowPassAt(offset: number, cutoff: number): number {
  return offset === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * offset) / (Math.PI * offset);
}

/** White noise, -1…1, as a function of position: the finaliser of MurmurHash3, a bijection of 32-bit integers. */
function whiteAt(seed: number, position: number): number {
  let bits = (position ^ Math.imul(seed, 0x9e37_79b1)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  bits ^= bits >>> 16;
  return bits / 2 ** 31;
}
