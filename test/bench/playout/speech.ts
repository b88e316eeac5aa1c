import { seeded } from '../../support/random.ts';

/** A pause in the talk, milliseconds of media time. */
export interface Pause {
  startMs: number;
  endMs: number;
}

const FRAME_MS = 20;

/**
 * Somebody talking: talkspurts of about 1.0 s, pauses of about 0.65 s, which is the share of 39 % pauses that
 * recordings of meetings show. Edges lie on 20 ms frames, as the player sees them.
 */
export class Speech {
  readonly #pauses: Pause[] = [];

  constructor(seed: number, lengthMs: number) {
    const draw = seeded(seed);
    let atMs = 0;
    while (atMs < lengthMs) {
      const startMs = frames(atMs + 500 + draw() * 1000);
      const endMs = frames(startMs + 300 + draw() * 700);
      this.#pauses.push({ startMs, endMs });
      atMs = endMs;
    }
  }

  /** Whether somebody talks at this media time. */
  talksAt(mediaMs: number): boolean {
    const pause = this.#pauses[this.#indexAt(mediaMs)];
    return !pause || mediaMs < pause.startMs;
  }

  /** Milliseconds of talk between two media times. */
  talkMs(fromMs: number, toMs: number): number {
    return (
      toMs - fromMs - this.pausesIn(fromMs, toMs).reduce((sum, pause) => sum + pause.endMs - pause.startMs, 0)
    );
  }

  /** The pauses between two media times, cut off at both. */
  pausesIn(fromMs: number, toMs: number): Pause[] {
    const found: Pause[] = [];
    for (let n = this.#indexAt(fromMs); n < this.#pauses.length; n++) {
      const pause = this.#pauses[n];
      if (!pause || pause.startMs >= toMs) break;
      found.push({ startMs: Math.max(fromMs, pause.startMs), endMs: Math.min(toMs, pause.endMs) });
    }
    return found;
  }

  /** Index of the first pause that ends after a media time. */
  #indexAt(mediaMs: number): number {
    let low = 0;
    let high = this.#pauses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pauses[middle]?.endMs ?? Infinity) <= mediaMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function frames(ms: number): number {
  return Math.round(ms / FRAME_MS) * FRAME_MS;
}
