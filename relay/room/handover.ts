import { msOf, samplesIn, type SampleRate } from '../../wire/format.ts';
import { align } from './alignment.ts';
import { LegTape, pcmOf, type Take } from './leg-tape.ts';
import { Reframer, type Frame } from './reframer.ts';
import type { RoomLeg } from './room-leg.ts';
import { SlidingMin } from './sliding-min.ts';
import { QUIET_DBFS, levelOf } from './speech.ts';

/** The legs are compared this often. */
const TRY_EVERY_MS = 200;
/** Sound that could not be lined up by then will not be. */
const TRY_FOR_MS = 15_000;
/** So long the seam waits for a pause, where the new leg is the later one: the listeners' sound stands still meanwhile. */
const PAUSE_WITHIN_MS = 3000;
/** Legs that lie no further apart leave no pause that a player would notice. */
const UNHEARD_LAG_MS = 20;
/** A frame is quiet when it is within 3 dB of the quietest of the last 3 s. */
const QUIET_WITHIN_DB = 3;
const QUIET_WINDOW_MS = 3000;
/** So much on the old leg's side of the seam must be the same in both, in each of its parts. */
const SEAM_MS = 1000;
const SEAM_PART_MS = 40;
/** Legs that are lined up, and yet never the same, differ in more than a seam can mend: another try would not help. */
const MOST_FALSE_SEAMS = 3;
/** What is compared next lies wholly behind what made the last seam false. */
const FALSE_SEAM_REST_MS = 1500;
/** Of samples that correlate by 0.9, the difference has this share of their RMS. */
const SEAM_SHARE = 0.45;
/** The new leg must have come up to the seam by then: later than the legs may lie apart, sooner than a stall is told. */
const MAX_CROSSING_MS = 900;
/** No more than that is withheld, however fast it comes. */
const MAX_WITHHELD_FRAMES = 150;

/** How the legs were lined up: by what both sent, or by when it arrived. */
export type LinedUpBy = 'sound' | 'time';

/** What a handover is made of. */
export interface HandoverParts {
  /** The room's sound, which the old leg feeds and the new one is to. */
  leg: RoomLeg;
  sampleRate: SampleRate;
  /** By then the legs are lined up by time, whatever they sound like; monotonic ms. */
  dueMs: number;
  /** Whether the new leg may take over yet: a call that has no name could not be hung up. */
  isReady: () => boolean;
  /** The new leg feeds the room from here on, by way of `frames`, and later than the old one by `lagMs`. */
  onDone: (by: LinedUpBy, lagMs: number, frames: Reframer) => void;
}

/** Where the seam is: the old leg's samples end before `endSample`, and the new one's begin `shift` earlier. */
interface Crossing {
  by: LinedUpBy;
  shift: number;
  endSample: number;
  sinceMs: number;
}

/**
 * Goes over from a leg to its successor without a missing and without a doubled sample. Both are recorded; when what
 * they have in common is found, the old one's samples end at a seam and the new one's begin there. Until the new leg
 * has come up to the seam, what the old one sends is withheld, not lost: it is given where the seam turns out wrong.
 * Has no timers: acts when a frame of either leg comes.
 */
export class Handover {
  readonly #parts: HandoverParts;
  readonly #old: LegTape;
  readonly #next: LegTape;
  readonly #reframer: Reframer;
  readonly #quietest = new SlidingMin(QUIET_WINDOW_MS);
  #oldDbfs = 0;
  /** When both legs had been heard. */
  #sinceMs: number | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;
  #aim: { by: LinedUpBy; shift: number; sinceMs: number } | undefined;
  #crossing: Crossing | undefined;
  #withheld: Frame[] = [];
  #falseSeams = 0;
  #isDone = false;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
    this.#old = new LegTape(parts.sampleRate);
    this.#next = new LegTape(parts.sampleRate);
    this.#reframer = new Reframer(parts.sampleRate);
  }

  /** A frame of the old leg as the room hears it, at `nowMs` (monotonic). */
  hearOld(frame: Frame, nowMs: number): void {
    if (this.#isDone) return;
    const { pcm, padded } = frame;
    if (this.#crossing) this.#withheld.push(frame);
    else this.#parts.leg.hear(pcm, padded);
    this.#old.push(pcm, nowMs);
    this.#oldDbfs = levelOf(pcm);
    this.#quietest.push(this.#oldDbfs, nowMs);
    this.#act(nowMs);
  }

  /** A frame of the new leg, until that has taken over. */
  hearNext(frame: Uint8Array, nowMs: number): void {
    if (this.#isDone) return;
    this.#next.push(frame, nowMs);
    this.#act(nowMs);
  }

  /** One of the legs is gone; what was withheld of the old one is given. */
  abandon(): void {
    if (!this.#isDone) this.#release();
  }

  #act(nowMs: number): void {
    if (this.#crossing) return this.#cross(this.#crossing, nowMs);
    if (this.#old.endSample === 0 || this.#next.endSample === 0) return;
    const sinceMs = (this.#sinceMs ??= nowMs);
    if (!this.#aim && nowMs - this.#triedMs >= TRY_EVERY_MS) this.#aim = this.#lineUp(sinceMs, nowMs);
    const aim = this.#aim;
    if (!aim || !this.#parts.isReady() || !this.#isGoodMoment(aim, nowMs)) return;
    this.#crossing = { by: aim.by, shift: aim.shift, endSample: this.#old.endSample, sinceMs: nowMs };
    this.#cross(this.#crossing, nowMs);
  }

  #lineUp(sinceMs: number, nowMs: number): { by: LinedUpBy; shift: number; sinceMs: number } | undefined {
    this.#triedMs = nowMs;
    const { sampleRate, dueMs } = this.#parts;
    const byTime = this.#shiftByTime();
    const alignment = align(this.#old.takeAll(), this.#next.takeAll(), byTime, sampleRate);
    if (alignment.kind === 'found') return { by: 'sound', shift: alignment.shift, sinceMs: nowMs };
    if (nowMs - sinceMs < TRY_FOR_MS && nowMs < dueMs) return undefined;
    return { by: 'time', shift: byTime, sinceMs: nowMs };
  }

  #isGoodMoment(
    { by, shift, sinceMs }: { by: LinedUpBy; shift: number; sinceMs: number },
    nowMs: number,
  ): boolean {
    if (this.#parts.leg.isDeciding) return false;
    if (by === 'sound' && this.#lagMs(shift) <= UNHEARD_LAG_MS) return true;
    if (nowMs - sinceMs >= PAUSE_WITHIN_MS) return true;
    const quietestDbfs = this.#quietest.value ?? this.#oldDbfs;
    return this.#oldDbfs <= Math.max(QUIET_DBFS, quietestDbfs + QUIET_WITHIN_DB);
  }

  #cross(crossing: Crossing, nowMs: number): void {
    const { by, shift, endSample, sinceMs } = crossing;
    const firstSample = endSample - shift;
    const { isReady } = this.#parts;
    const mayWait = nowMs - sinceMs < MAX_CROSSING_MS && this.#withheld.length < MAX_WITHHELD_FRAMES;
    if (isReady() && this.#next.endSample < firstSample && mayWait) return;
    const isThere = this.#next.endSample >= firstSample && this.#next.startSample <= firstSample;
    const isChecked = by === 'sound' && this.#falseSeams < MOST_FALSE_SEAMS;
    const isFalse = isThere && isChecked && !this.#isSame(endSample, shift);
    if (isFalse) this.#falseSeams++;
    if (!isReady() || !isThere || isFalse) {
      this.#aim = undefined;
      this.#triedMs = nowMs + FALSE_SEAM_REST_MS - TRY_EVERY_MS;
      return this.#release();
    }
    const lagMs = Math.round(this.#lagMs(shift));
    this.#withheld = [];
    this.#isDone = true;
    this.#parts.leg.goOnWith(this.#reframer.push(pcmOf(this.#next.take(firstSample, this.#next.endSample))));
    this.#parts.onDone(by, lagMs, this.#reframer);
  }

  #release(): void {
    this.#crossing = undefined;
    for (const { pcm, padded } of this.#withheld.splice(0)) this.#parts.leg.hear(pcm, padded);
  }

  /** Whether the legs hold the same before the seam: one may have lost something since they were lined up. */
  #isSame(endSample: number, shift: number): boolean {
    const { sampleRate } = this.#parts;
    const part = samplesIn(SEAM_PART_MS, sampleRate);
    const oldest = Math.max(
      endSample - samplesIn(SEAM_MS, sampleRate),
      this.#old.startSample,
      this.#next.startSample + shift,
    );
    if (oldest > endSample - part) return false;
    for (let at = endSample - part; at >= oldest; at -= part) {
      const next = this.#next.take(at - shift, at - shift + part);
      if (!isSameSound(this.#old.take(at, at + part), next)) return false;
    }
    return true;
  }

  /** What arrives at the same moment is taken for the same. */
  #shiftByTime(): number {
    return samplesIn((this.#next.paceMs ?? 0) - (this.#old.paceMs ?? 0), this.#parts.sampleRate);
  }

  /** How much later the new leg brings what both bring. */
  #lagMs(shift: number): number {
    return (this.#next.paceMs ?? 0) - (this.#old.paceMs ?? 0) - msOf(shift, this.#parts.sampleRate);
  }
}

function isSameSound(old: Take, next: Take): boolean {
  let energy = 0;
  let difference = 0;
  old.samples.forEach((sample, n) => {
    energy += sample ** 2;
    difference += (sample - (next.samples[n] ?? 0)) ** 2;
  });
  const quiet = (32_768 * 10 ** (QUIET_DBFS / 20)) ** 2 * old.samples.length;
  return difference <= Math.max(quiet, SEAM_SHARE ** 2 * energy);
}
