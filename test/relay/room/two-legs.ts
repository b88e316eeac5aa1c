import { decodeChunk, endSampleOf, type Chunk } from '../../../wire/chunk.ts';
import { Handover, type LinedUpBy } from '../../../relay/room/handover.ts';
import type { Reframer } from '../../../relay/room/reframer.ts';
import { RoomLeg } from '../../../relay/room/room-leg.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { ConferenceSignal } from '../../support/conference-signal.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const FRAME = 320;

/** One leg of the conference, as its frames arrive. */
export interface LegScript {
  /** From the signal's beginning, ms. */
  fromMs: number;
  /** Where its frames begin on the signal, samples after `fromMs`: the platform's own grid. */
  offset?: number;
  /** On its way from the platform. */
  delayMs: number;
  /** More of that, for each frame. */
  jitterMs?: (frame: number) => number;
  /** What becomes of a frame; null: it is lost. */
  alter?: (pcm: Uint8Array, frame: number) => Uint8Array | null;
}

/** A room's sound that goes over from one leg to another. */
export class TwoLegs {
  readonly clock = new FakeClock();
  readonly sent: { message: RoomMessage; atMs: number }[] = [];
  readonly done: { by: LinedUpBy; lagMs: number; atMs: number }[] = [];
  readonly signal: ConferenceSignal;
  readonly leg: RoomLeg;
  readonly handover: Handover;
  #frames: Reframer | undefined;
  #legs: [LegScript, LegScript];
  #startMs: number;

  constructor(
    legs: [LegScript, LegScript],
    {
      dueMs = Infinity,
      isReady = (): boolean => true,
      signal = new ConferenceSignal(),
      suppressSilence = false,
    } = {},
  ) {
    this.signal = signal;
    this.#legs = legs;
    this.#startMs = this.clock.nowMs();
    const { clock } = this;
    this.leg = new RoomLeg({
      epoch: 7,
      chunkMs: 20,
      prerollMs: 80,
      suppressSilence,
      clock,
      out: (message) => this.sent.push({ message, atMs: clock.nowMs() }),
      onSound: () => {},
    });
    this.leg.open(16_000);
    this.handover = new Handover({
      leg: this.leg,
      sampleRate: 16_000,
      dueMs: this.#startMs + dueMs,
      isReady,
      onDone: (by, lagMs, frames) => {
        this.done.push({ by, lagMs, atMs: this.nowMs });
        this.#frames = frames;
      },
    });
  }

  /** Milliseconds since the signal's beginning. */
  get nowMs(): number {
    return this.clock.nowMs() - this.#startMs;
  }

  /** All frames of both that arrive within `ms`, in order. The old leg falls silent for good when it is over. */
  run(ms: number): this {
    const arrivals = this.#legs.flatMap((leg, which) =>
      arrivalsOf(leg, ms).map((each) => ({ ...each, leg, which })),
    );
    for (const { atMs, frame, leg, which } of arrivals.toSorted((a, b) => a.atMs - b.atMs)) {
      this.clock.advance(Math.max(0, atMs - this.nowMs));
      const original = this.signal.pcm(sampleOf(leg, frame));
      const pcm = leg.alter ? leg.alter(original, frame) : original;
      if (!pcm) continue;
      const nowMs = this.clock.nowMs();
      if (which === 0) this.handover.hearOld({ pcm, padded: false }, nowMs);
      else if (!this.#frames) this.handover.hearNext(pcm, nowMs);
      else for (const whole of this.#frames.pushFrame(pcm)) this.leg.hear(whole.pcm, whole.padded);
    }
    return this;
  }

  get chunks(): Chunk[] {
    return this.sent.flatMap(({ message }) => {
      const reading = message.kind === 'chunk' ? decodeChunk(message.bytes) : undefined;
      return reading?.kind === 'chunk' ? [reading.chunk] : [];
    });
  }

  /** Where the chunks do not go on where the one before ended, or say that something is missing. */
  get breaks(): number {
    const { chunks } = this;
    return chunks.filter((chunk, n) => {
      const before = chunks[n - 1];
      return (
        chunk.gapBefore || (before ? endSampleOf(before) !== chunk.firstSample : chunk.firstSample !== 0)
      );
    }).length;
  }

  /** Samples that are not those of the signal, which began where the old leg's first frame did. */
  get wrongSamples(): number {
    const first = sampleOf(this.#legs[0], 0);
    let wrong = 0;
    for (const { firstSample, pcm } of this.chunks) {
      const samples = new Int16Array(pcm.slice().buffer);
      samples.forEach(
        (sample, n) => (wrong += sample === this.signal.sampleAt(first + firstSample + n) ? 0 : 1),
      );
    }
    return wrong;
  }

  /** The longest time between two chunks, ms, from `fromMs` on. */
  longestPauseMs(fromMs = 0): number {
    return Math.max(...this.#pausesMs(fromMs));
  }

  /** Number of the chunk that came after the longest pause. */
  get pauseBefore(): number {
    const pauses = this.#pausesMs(0);
    return pauses.indexOf(Math.max(...pauses));
  }

  /** The time before each chunk, ms; 0 for what came before `fromMs`. */
  #pausesMs(fromMs: number): number[] {
    const times = this.sent
      .filter(({ message }) => message.kind === 'chunk')
      .map(({ atMs }) => atMs - this.#startMs);
    return times.map((atMs, n) => (atMs < fromMs || n === 0 ? 0 : atMs - (times[n - 1] ?? 0)));
  }
}

function sampleOf({ fromMs, offset = 0 }: LegScript, frame: number): number {
  return fromMs * 16 + offset + frame * FRAME;
}

function arrivalsOf(leg: LegScript, ms: number): { atMs: number; frame: number }[] {
  const { delayMs, jitterMs = () => 0 } = leg;
  const arrivals: { atMs: number; frame: number }[] = [];
  let lastMs = 0;
  for (let frame = 0; ; frame++) {
    const atMs = (sampleOf(leg, frame) + FRAME) / 16 + delayMs;
    if (atMs > ms) return arrivals;
    lastMs = Math.max(lastMs, atMs + jitterMs(frame));
    arrivals.push({ atMs: lastMs, frame });
  }
}
