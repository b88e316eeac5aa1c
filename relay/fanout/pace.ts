/** A listener whose last second is this old has fallen behind, ms. */
export const BEHIND_MS = 4000;
/** Falling behind once is forgiven after this, ms. */
const FORGIVEN_MS = 60_000;
/** Who has not answered for this long is not there any more, ms. */
const GONE_MS = 9_500;

/** How a listener keeps up. `skipping`: it is sent no chunks until it has taken what is on its way. */
export interface Pace {
  skipping: boolean;
  /** When it last fell behind, monotonic ms. */
  slowAtMs: number;
}

/** A listener that has just come. */
export const KEEPING_UP: Pace = { skipping: false, slowAtMs: Number.NEGATIVE_INFINITY };

/** `keep`: as before · `skip`: it has fallen behind · `close`: it has again · `cut`: it is gone. */
export type PaceVerdict = 'keep' | 'skip' | 'close' | 'cut';

/** A sign of how far a listener is behind. */
export type PaceEvent =
  /** The oldest thing it has not answered was sent so long ago. */
  | { kind: 'beat'; behindMs: number }
  /** More than a second waits in its queue. */
  | { kind: 'full' }
  /** It has taken all there was. */
  | { kind: 'caught-up' };

/**
 * What becomes of a slow listener: it is dropped to live once; when it falls behind again within 60 s it is closed.
 * What waits in the kernel cannot be seen from here, so the age of unanswered pings decides (123 s of sound can hide
 * in a send buffer grown to Linux' 4 MB). Pure.
 */
export function step(pace: Pace, event: PaceEvent, nowMs: number): [Pace, PaceVerdict] {
  switch (event.kind) {
    case 'beat':
      if (event.behindMs >= GONE_MS) return [pace, 'cut'];
      return event.behindMs > BEHIND_MS ? fallBehind(pace, nowMs) : [pace, 'keep'];
    case 'full':
      return fallBehind(pace, nowMs);
    case 'caught-up':
      return [{ ...pace, skipping: false }, 'keep'];
    default:
      return event satisfies never;
  }
}

function fallBehind(pace: Pace, nowMs: number): [Pace, PaceVerdict] {
  if (pace.skipping) return [pace, 'keep'];
  if (nowMs - pace.slowAtMs < FORGIVEN_MS) return [pace, 'close'];
  return [{ skipping: true, slowAtMs: nowMs }, 'skip'];
}
