import type { QuietRun } from './loudness.ts';
import { SlidingPeak } from './sliding-peak.ts';
import { FADE_MS, type Splice } from './splice.ts';

/** How long a stall is remembered and how much speech is held back, all in milliseconds. */
export interface Preset {
  /** A stall raises the target delay for this long. */
  holdMs: number;
  /** Least target delay. */
  minMs: number;
  /** Greatest target delay; the delay itself never passes it by more than 500 ms. */
  maxMs: number;
  /** Target delay of a new listener; fades out over the first 10 s, while jitter is still being learnt. */
  startMs: number;
}

/** The three trades of delay against breaks, as measured by `npm run bench:playout`. */
export const PRESETS = {
  low: { holdMs: 15_000, minMs: 60, maxMs: 1000, startMs: 80 },
  balanced: { holdMs: 120_000, minMs: 80, maxMs: 1500, startMs: 120 },
  smooth: { holdMs: 300_000, minMs: 250, maxMs: 3000, startMs: 400 },
} satisfies Record<string, Preset>;

/** The preset of a name (of any other, balanced) for chunks that come many at once, every `gapMs` (0: as they are made). */
export function presetOf(name: string, gapMs = 0): Preset {
  const { holdMs, minMs, maxMs, startMs } = PRESETS[name === 'low' || name === 'smooth' ? name : 'balanced'];
  return { holdMs, minMs: minMs + gapMs, maxMs: maxMs + gapMs, startMs: startMs + gapMs };
}

/** What the planner must know of a chunk. */
export interface Arrival {
  /** Position of the first sample on the epoch's media clock, ms. */
  tsMs: number;
  /** Length, ms. */
  durMs: number;
  /** Pauses inside it, in order, where time may be cut or added unheard. */
  quiet: readonly QuietRun[];
}

/** What to do with a chunk. Times are ms on the audio clock. */
export type Plan =
  | { kind: 'drop' }
  /** The delay has passed its bound: dropped, and so are the next ones up to the live edge. */
  | { kind: 'resync' }
  | {
      kind: 'play';
      startMs: number;
      endMs: number;
      /** Cuts and repetitions inside pauses, in playing order. */
      splices: Splice[];
      /** Source samples are used up this many times faster than they were made, 0.99…1.005. */
      rate: number;
      /** It goes on exactly where the chunk before it ended, in media and in time. */
      joined: boolean;
      /** The sound ran out though the source had more: not so where media is missing. */
      underrun: boolean;
    };

const BASE_WINDOW_MS = 10_000;
const START_FADE_MS = 10_000;
/** Chunks of the first second may be a backlog sent in one burst: lateness that says nothing of the network. */
const BACKLOG_MS = 1000;
const MARGIN_MS = 20;
/** The delay itself may pass the greatest target by this much before the planner jumps to the live edge. */
const BOUND_SLACK_MS = 500;
/** Pauses repair what is off by more than these; the rate, which takes longer, only what is off by more than 20 ms. */
const CUT_ABOVE_MS = 10;
const PAD_BELOW_MS = -10;
const LATE_MS = 20;
const STEP_MS = 10;
const KEPT_PAUSE_MS = 40;
const LEAST_PAUSE_MS = 30;
const CUT_SHARE = 0.6;
const PAD_SHARE = 2;
const REPAIR_MS = 10_000;
const FASTEST = 0.005;
const SLOWEST = -0.01;
/** Less than a sample at 8 kHz, more than a rounding. */
const SAME_MS = 0.1;

const NO_PAUSE = { lengthMs: 0, editedMs: 0 };

/**
 * Decides when each chunk sounds. Holds speech back by the worst lateness of the last minutes plus 20 ms, learns a
 * stall once, and gives delay back in pauses or by a rate nobody hears. Pure: no clock of its own, no timers.
 *
 * Lateness is that of a chunk's *end* (it cannot be sent before) and the ideal start allows for the longest chunk,
 * so the delay of speech does not depend on how it was cut into chunks.
 */
export class Planner {
  /** How far what was last planned lies behind the earliest it could have been heard, ms; 0 before that. */
  behindMs = 0;
  #preset: Preset;
  /** Least `now − media time` of the last 10 s, as negatives: how the two clocks stand on a lucky message. */
  readonly #base = new SlidingPeak(BASE_WINDOW_MS);
  /** The base of the last message; NaN before one. It outlives a silence longer than the window. */
  #baseMs = NaN;
  readonly #durations = new SlidingPeak(BASE_WINDOW_MS);
  readonly #lateness: SlidingPeak;
  #joinedAtMs: number | undefined;
  #mode: 'joining' | 'running' | 'resync' = 'joining';
  #nextMs = -Infinity;
  #mediaEndMs = NaN;
  #targetMs: number;
  /** The pause that reaches the end of the media so far: chunks may be shorter than a pause. */
  #pause = NO_PAUSE;

  /** Keeps to one of {@link PRESETS}, or to another trade with minMs ≤ maxMs. */
  constructor(preset: Preset = PRESETS.balanced) {
    this.#preset = preset;
    this.#lateness = new SlidingPeak(preset.holdMs);
    this.#targetMs = preset.startMs;
  }

  /** Speech held back beyond the longest chunk, ms, in [minMs, max(maxMs, startMs)]. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** A connection begins at `nowMs`: what follows may be a backlog. Sound already planned still plays. */
  join(nowMs: number, preset = this.#preset): void {
    this.#preset = preset;
    this.#joinedAtMs = nowMs;
    this.#mode = 'joining';
  }

  /** The relay's media clock stands at `mediaMs` (`hello`, `clock`). Keeps the base fresh while nobody speaks. */
  sync(mediaMs: number, nowMs: number): void {
    this.#rebase(nowMs - mediaMs, nowMs);
  }

  /** Another media clock begins (a new epoch). Jitter learnt stays; sound already planned still plays. */
  restart(nowMs: number): void {
    this.#base.clear();
    this.#baseMs = NaN;
    this.#mediaEndMs = NaN;
    this.join(nowMs);
  }

  /** The audio clock was lost and what was planned is withdrawn: begins anew at `nowMs`, jitter learnt stays. */
  reset(nowMs: number): void {
    this.#nextMs = -Infinity;
    this.restart(nowMs);
  }

  /** Decides on a chunk that arrived at `nowMs` (audio clock, ms; must not fall). */
  plan(chunk: Arrival, nowMs: number): Plan {
    const idealMs = this.#idealStart(chunk, nowMs);
    const soonestMs = nowMs + MARGIN_MS;
    const dry = this.#nextMs < soonestMs;
    const contiguous = Math.abs(chunk.tsMs - this.#mediaEndMs) < SAME_MS;
    const jumped = chunk.tsMs > this.#mediaEndMs + SAME_MS;

    // A newcomer starts at the live edge: of the backlog, only what is not yet due.
    if (this.#mode === 'joining' && dry && idealMs < nowMs) return { kind: 'drop' };
    const underrun = dry && this.#mode === 'running' && !jumped;
    const wantedMs = dry || jumped ? Math.max(this.#nextMs, idealMs) : this.#nextMs;
    const startMs = Math.max(wantedMs, soonestMs);
    const errorMs = startMs - idealMs;

    if (this.#mode === 'resync' && errorMs > LATE_MS) return { kind: 'drop' };
    if (errorMs + this.#targetMs > this.#preset.maxMs + BOUND_SLACK_MS) {
      this.#mode = 'resync';
      return { kind: 'resync' };
    }
    this.#mode = 'running';

    if (!contiguous) this.#pause = NO_PAUSE;
    const { splices, gainedMs } = this.#editPauses(chunk, errorMs);
    const leftMs = errorMs - gainedMs;
    const rate =
      leftMs > LATE_MS || leftMs < PAD_BELOW_MS ? 1 + clamp(leftMs / REPAIR_MS, SLOWEST, FASTEST) : 1;
    const endMs = startMs + (chunk.durMs - gainedMs) / rate;
    const joined = contiguous && startMs === this.#nextMs;
    this.behindMs = startMs - chunk.tsMs - this.#baseMs;
    this.#nextMs = endMs;
    this.#mediaEndMs = chunk.tsMs + chunk.durMs;
    return { kind: 'play', startMs, endMs, splices, rate, joined, underrun };
  }

  /** Learns from the arrival; when the chunk should start to keep the target delay. */
  #idealStart({ tsMs, durMs }: Arrival, nowMs: number): number {
    const { minMs, maxMs, startMs } = this.#preset;
    const sinceJoinMs = nowMs - (this.#joinedAtMs ??= nowMs);
    const delayMs = nowMs - (tsMs + durMs);
    const baseMs = this.#rebase(delayMs, nowMs);
    const lateMs = Math.min(delayMs - baseMs, maxMs);
    const peakMs = this.#lateness.push(sinceJoinMs < BACKLOG_MS ? 0 : lateMs, nowMs);
    const startShare = Math.max(0, 1 - sinceJoinMs / START_FADE_MS);
    this.#targetMs = Math.max(minMs, startShare * startMs, Math.min(maxMs, peakMs + MARGIN_MS));
    return tsMs + baseMs + this.#durations.push(durMs, nowMs) + this.#targetMs;
  }

  /** Takes a message's delay. After 10 s without any, a stall's late messages must not pass for the new base. */
  #rebase(delayMs: number, nowMs: number): number {
    if (this.#base.at(nowMs) === undefined && !Number.isNaN(this.#baseMs)) {
      this.#base.push(-this.#baseMs, nowMs);
    }
    this.#baseMs = -this.#base.push(-delayMs, nowMs);
    return this.#baseMs;
  }

  /** Cuts pauses when too late, lengthens them when too early; `gainedMs` is the time won, negative when given. */
  #editPauses({ durMs, quiet }: Arrival, errorMs: number): { splices: Splice[]; gainedMs: number } {
    const splices: Splice[] = [];
    let gainedMs = 0;
    let pauseAtEnd = NO_PAUSE;
    for (const run of quiet) {
      const here = run.endMs - run.startMs;
      const before = run.startMs < SAME_MS ? this.#pause : NO_PAUSE;
      const lengthMs = before.lengthMs + here;
      const leftMs = errorMs - gainedMs;
      const mostMs = steps(here - FADE_MS);
      let editedMs = before.editedMs;
      if (lengthMs >= LEAST_PAUSE_MS && leftMs > CUT_ABOVE_MS) {
        const cutMs = Math.min(
          mostMs,
          steps(leftMs),
          steps(CUT_SHARE * (lengthMs - KEPT_PAUSE_MS)) - editedMs,
        );
        if (cutMs > 0) {
          const fromMs = run.startMs + Math.max(FADE_MS, Math.floor((here - cutMs) / 2));
          splices.push({ fromMs, toMs: fromMs + cutMs });
          gainedMs += cutMs;
          editedMs += cutMs;
        }
      } else if (lengthMs >= LEAST_PAUSE_MS && leftMs < PAD_BELOW_MS) {
        // At most two repetitions of a piece: more of them would sound as a tone.
        const wishMs = Math.min(steps(-leftMs), steps(PAD_SHARE * lengthMs) - editedMs, PAD_SHARE * mostMs);
        for (let padMs = wishMs; padMs > 0; padMs -= mostMs) {
          const pieceMs = Math.min(padMs, mostMs);
          splices.push({ fromMs: run.endMs, toMs: run.endMs - pieceMs });
          gainedMs -= pieceMs;
          editedMs += pieceMs;
        }
      }
      if (run.endMs > durMs - SAME_MS) pauseAtEnd = { lengthMs, editedMs };
    }
    this.#pause = pauseAtEnd;
    return { splices, gainedMs };
  }
}

function steps(ms: number): number {
  return Math.max(0, Math.floor(ms / STEP_MS) * STEP_MS);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
