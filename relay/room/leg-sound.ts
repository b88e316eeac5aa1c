import { FRAME_MS } from '../../wire/format.ts';
import type { LegSound } from '../relay-status.ts';
import { NoiseFloor, SILENCE_DBFS, levelOf } from './speech.ts';

/** Without frames for this long there is no sound to speak of. */
const NONE_MS = 2000;
/** Nothing but zeros for this long is no pause of a talker: a line that somebody is on has noise of its own. */
const SILENCE_MS = 5000;
/** What speech is told from music by. */
const WINDOW_FRAMES = 10_000 / FRAME_MS;
/** So much of the window is loud in hold music, a tone or applause; the most fluent talker breathes more. */
const STEADY_SHARE = 0.95;
/** Less than this within the window is a click or a cough. */
const SPOKEN_FRAMES = 200 / FRAME_MS;
/** How far back the level looks. */
const LEVEL_MS = 500;

/**
 * What a leg's sound is like, from the energy of its frames alone: see {@link LegSound}. A sound that has not lasted ten
 * seconds is `speech` until it has.
 *
 * What it cannot tell: music from applause, a tone or a crowd (all `steady`); music with rests from speech; the comfort
 * noise of a platform from a room where all are muted (both `quiet`); a platform that sends zeros for a conference that
 * is dead from one in which nobody speaks (both `silence`). So nothing is redialled for its sake: a dead leg is one that
 * sends no frames.
 */
export class LegSoundMeter {
  readonly #floor = new NoiseFloor();
  readonly #loud = new Uint8Array(WINDOW_FRAMES);
  #loudFrames = 0;
  readonly #levelsDbfs = new Float64Array(LEVEL_MS / FRAME_MS).fill(SILENCE_DBFS);
  #frames = 0;
  #heardMs = Number.NEGATIVE_INFINITY;
  /** When the zeros that are heard now began; Infinity while there are none. */
  #zerosSinceMs = Infinity;

  /** Takes a frame that arrived at `nowMs` (monotonic), in order. Less than 1 µs. */
  hear(frame: Uint8Array, nowMs: number): void {
    const dbfs = levelOf(frame);
    const at = this.#frames % WINDOW_FRAMES;
    const isLoud = this.#floor.isExceededBy(dbfs, nowMs) ? 1 : 0;
    this.#loudFrames += isLoud - (this.#loud[at] ?? 0);
    this.#loud[at] = isLoud;
    this.#levelsDbfs[this.#frames % this.#levelsDbfs.length] = dbfs;
    this.#zerosSinceMs = dbfs === SILENCE_DBFS ? Math.min(this.#zerosSinceMs, nowMs) : Infinity;
    this.#frames++;
    this.#heardMs = nowMs;
  }

  /** What it is like at `nowMs`. */
  soundAt(nowMs: number): LegSound {
    if (nowMs - this.#heardMs >= NONE_MS) return 'none';
    if (nowMs - this.#zerosSinceMs >= SILENCE_MS) return 'silence';
    if (this.#loudFrames >= STEADY_SHARE * WINDOW_FRAMES) return 'steady';
    return this.#loudFrames >= SPOKEN_FRAMES ? 'speech' : 'quiet';
  }

  /** The loudest 20 ms of the last half second, dBFS, −100 for zeros; null where no frames came. */
  levelDbfs(nowMs: number): number | null {
    return nowMs - this.#heardMs < LEVEL_MS ? Math.max(...this.#levelsDbfs) : null;
  }
}
