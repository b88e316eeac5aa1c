/** What happened to the chunks of a playout; counts only grow. */
export interface PlayoutCounters {
  /** Chunks that were played. */
  played: number;
  /** Dropped: they came too late to sound, or before the live edge of a newcomer. */
  lateChunks: number;
  /** Chunks the relay numbered that never came. */
  lost: number;
  /** Times the sound ran out before the next chunk. */
  underruns: number;
  /** Jumps to the live edge because the delay had passed its bound. */
  resyncs: number;
  /** Times the sound device stood still. */
  stalls: number;
  /** Time taken out of pauses, ms. */
  cutMs: number;
  /** Time put into pauses, ms. */
  paddedMs: number;
  /** Time bridged with a repetition of the sound before it, ms. */
  concealedMs: number;
}

/** Nothing has happened yet. */
export function noCounts(): PlayoutCounters {
  return {
    played: 0,
    lateChunks: 0,
    lost: 0,
    underruns: 0,
    resyncs: 0,
    stalls: 0,
    cutMs: 0,
    paddedMs: 0,
    concealedMs: 0,
  };
}
