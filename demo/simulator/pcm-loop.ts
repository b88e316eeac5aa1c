import { emptyFrame, toSample } from './audio-source.ts';
import type { AudioSource } from './audio-source.ts';

const HALF_TAPS = 16;

/**
 * Plays `samples` (mono, `sourceRate` Hz) for ever. At another rate each frame is resampled with a windowed sinc
 * around the loop, seam included. Throws RangeError when there is nothing to play.
 */
export function pcmLoop(samples: Int16Array, sourceRate: number, label = 'pcm'): AudioSource {
  const length = samples.length;
  if (length === 0) throw new RangeError('a loop needs at least one sample');
  const sampleAt = (position: number): number => samples[((position % length) + length) % length] ?? 0;
  return {
    label,
    frameAt: (frameIndex, sampleRate) => {
      const frame = emptyFrame(sampleRate);
      const first = frameIndex * frame.length;
      const step = sourceRate / sampleRate;
      for (let n = 0; n < frame.length; n++) {
        frame[n] =
          step === 1 ? sampleAt(first + n) : sincAt(sampleAt, (first + n) * step, Math.min(1, 1 / step));
      }
      return frame;
    },
  };
}

/** The loop's value between its samples; `bandwidth` below 1 also filters, for a lower target rate. */
function sincAt(sampleAt: (position: number) => number, position: number, bandwidth: number): number {
  const reach = HALF_TAPS / bandwidth;
  let sum = 0;
  let weights = 0;
  for (let at = Math.ceil(position - reach); at <= position + reach; at++) {
    const offset = at - position;
    const hann = 0.5 + 0.5 * Math.cos((Math.PI * offset) / (reach + 1));
    const angle = Math.PI * offset * bandwidth;
    const weight = hann * (angle === 0 ? 1 : Math.sin(angle) / angle);
    sum += weight * sampleAt(at);
    weights += weight;
  }
  return toSample(sum / weights / 32_767);
}
