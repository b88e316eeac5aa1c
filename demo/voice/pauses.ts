/** A stretch of a recording in which nobody speaks, ms from its start. */
export interface Pause {
  startMs: number;
  endMs: number;
}

const STEP_MS = 10;
const QUIET_DBFS = -52;
/** Shorter ones are between words, or within one. */
const LEAST_MS = 80;

/** The pauses of a recording (mono, 16 bit), in order, to 10 ms: where it stays below −52 dBFS for 80 ms or more. */
export function pausesIn(samples: Int16Array, sampleRate: number): Pause[] {
  const stepSamples = (STEP_MS * sampleRate) / 1000;
  const pauses: Pause[] = [];
  let startMs: number | undefined;
  for (let at = 0; at < samples.length + stepSamples; at += stepSamples) {
    const atMs = (at / stepSamples) * STEP_MS;
    if (isQuiet(samples.subarray(at, at + stepSamples))) {
      startMs ??= atMs;
      continue;
    }
    if (startMs !== undefined && atMs - startMs >= LEAST_MS) pauses.push({ startMs, endMs: atMs });
    startMs = undefined;
  }
  return pauses;
}

/** Of no sound at all there is no level: the recording is over. */
function isQuiet(step: Int16Array): boolean {
  const power = step.reduce((sum, sample) => sum + sample ** 2, 0) / step.length;
  return 10 * Math.log10(Math.max(power, 1) / 32_767 ** 2) < QUIET_DBFS;
}
