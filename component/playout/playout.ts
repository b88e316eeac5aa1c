import type { Chunk } from '../../wire/chunk.ts';
import { msOf, SAMPLE_BYTES, viewOf } from '../../wire/format.ts';
import { AudioClock } from './audio-clock.ts';
import { Loudness, type FrameLevel } from './loudness.ts';
import { Planner, type Preset } from './planner.ts';
import { noCounts, type PlayoutCounters } from './playout-counters.ts';
import { Resampler } from './resampler.ts';
import { Speaker } from './speaker.ts';
import { spliced } from './splice.ts';
import { Timeline } from './timeline.ts';

/** While nobody speaks the relay says so every 500 ms; unsaid for this long, the network may be keeping sound back. */
const QUIET_MS = 2000;

/** Chunks in, sound out: own Int16 conversion → planner → resampler → speaker. No timers; acts when a chunk comes. */
export class Playout {
  readonly counters: PlayoutCounters;
  readonly #context: AudioContext;
  readonly #wallMs: () => number;
  readonly #clock: AudioClock;
  #planner = new Planner();
  readonly #speaker: Speaker;
  readonly #loudness = new Loudness();
  readonly #timeline = new Timeline();
  #resampler: { fromRate: number; converter: Resampler } | undefined;
  /** Where the last chunk was put: its first sample on the media clock and on the audio clock, ms. */
  #placed: { tsMs: number; startMs: number } | undefined;
  #epoch = -Infinity;
  #sequence: number | undefined;
  /** When the relay last said that nobody speaks, or the queue was withdrawn, and no chunk since; wall clock. */
  #quietAtMs = -Infinity;

  /**
   * Plays into a running context; `wallMs` is a clock that never jumps, ms (`performance.now`). `counters` go on from
   * those of the playout before; `output` is the context's own by default.
   */
  constructor(context: AudioContext, wallMs: () => number, counters = noCounts(), output?: AudioNode) {
    this.counters = counters;
    this.#context = context;
    this.#wallMs = wallMs;
    this.#clock = new AudioClock(context.baseLatency * 1000);
    this.#speaker = new Speaker(context, output);
  }

  /** How far what was last planned lies behind the earliest it could have been heard, device apart, ms. */
  get behindMs(): number {
    return this.#planner.behindMs;
  }

  /** Speech held back beyond the longest chunk, ms. */
  get targetMs(): number {
    return this.#planner.targetMs;
  }

  /** Sound queued and not yet played, ms. */
  get bufferedMs(): number {
    return Math.max(0, (this.#speaker.endSec - this.#context.currentTime) * 1000);
  }

  /** For how long the sound device has been standing still, ms. */
  get stalledForMs(): number {
    this.#now();
    return this.#clock.stalledForMs(this.#wallMs());
  }

  /** Whether there is sound that has not been heard to its end, or the relay says that nobody speaks. */
  get sounding(): boolean {
    return this.#speaker.endSec > this.#heardSec || this.#wallMs() - this.#quietAtMs < QUIET_MS;
  }

  /** For how long nothing but quiet has been heard, seconds. */
  get quietForSec(): number {
    return this.#timeline.quietForSec(this.#heardSec);
  }

  /** Loudness of what is heard right now; undefined while nothing sounds. */
  get heard(): FrameLevel | undefined {
    return this.#timeline.at(this.#heardSec);
  }

  /** What is heard now, on the media clock of its epoch, ms; within the few tens of ms that pauses were cut by. */
  get heardMedia(): { epoch: number; mediaMs: number } | undefined {
    return (
      this.#placed && {
        epoch: this.#epoch,
        mediaMs: this.#placed.tsMs + this.#heardSec * 1000 - this.#placed.startMs,
      }
    );
  }

  /** Withdraws what is queued and forgets the jitter learnt: the next chunk sounds as soon as a newcomer's would. */
  goLive(preset: Preset): void {
    // Until the next chunk nothing is queued; that is no break.
    if (this.sounding) this.#quietAtMs = this.#wallMs();
    this.#speaker.clear();
    this.#timeline.clear();
    this.#planner = new Planner(preset);
    this.counters.resyncs++;
  }

  /** A connection begins, numbered anew: what follows may be a backlog, of which only the live edge is played. */
  join(preset?: Preset): void {
    this.#sequence = undefined;
    this.#planner.join(this.#now(), preset);
  }

  /** The relay's media clock of an epoch, ms (`hello`, `clock`); `quiet`: no chunk follows until somebody speaks. */
  sync(epoch: number, mediaMs: number, quiet = false): void {
    const nowMs = this.#now();
    if (!this.#enter(epoch, nowMs)) return;
    this.#planner.sync(mediaMs, nowMs);
    if (!quiet) return;
    this.#quietAtMs = this.#wallMs();
    this.#speaker.hush();
    this.#timeline.begin(this.#heardSec);
  }

  /** Takes the next chunk, in growing (epoch, sequence). Returns the ms until it sounds; undefined when dropped. */
  push(chunk: Chunk): number | undefined {
    const nowMs = this.#now();
    if (!this.#enter(chunk.epoch, nowMs)) return undefined;
    if (chunk.skippedBefore) {
      this.counters.resyncs++;
      this.join();
    }
    if (this.#sequence !== undefined) this.counters.lost += chunk.sequence - this.#sequence - 1;
    this.#sequence = chunk.sequence;
    this.#quietAtMs = -Infinity;
    if (this.#clock.stalledForMs(this.#wallMs()) > 0) return this.#drop();

    const samples = samplesOf(chunk.pcm);
    const tsMs = msOf(chunk.firstSample, chunk.sampleRate);
    const { frames, quiet } = this.#loudness.measure(samples, chunk.sampleRate, tsMs);
    const durMs = msOf(samples.length, chunk.sampleRate);
    const plan = this.#planner.plan({ tsMs, durMs, quiet }, nowMs);
    switch (plan.kind) {
      case 'drop':
        return this.#drop();
      case 'resync':
        this.counters.resyncs++;
        return this.#drop();
      case 'play': {
        const sameRate = this.#resampler?.fromRate === chunk.sampleRate;
        const joined = plan.joined && sameRate && !chunk.gapBefore && !chunk.skippedBefore;
        const converter = this.#converter(chunk.sampleRate);
        if (!joined) converter.reset();
        const edited = spliced(samples, plan.splices, chunk.sampleRate);
        this.counters.concealedMs += this.#speaker.play(
          converter.push(edited, plan.rate),
          plan.startMs,
          joined,
        );
        this.#timeline.add(frames, plan.startMs / 1000);
        this.#placed = { tsMs, startMs: plan.startMs };
        this.counters.played++;
        if (plan.underrun) this.counters.underruns++;
        for (const { fromMs, toMs } of plan.splices) {
          if (toMs > fromMs) this.counters.cutMs += toMs - fromMs;
          else this.counters.paddedMs += fromMs - toMs;
        }
        return plan.startMs - nowMs;
      }
      default:
        return plan satisfies never;
    }
  }

  /** Loudness in 0…1, and whether it is muted; a muted playout keeps its clock and its place. */
  setVolume(volume: number, muted: boolean): void {
    this.#speaker.setVolume(volume, muted);
  }

  /** Ends the sound with a short fade and lets go of the context. */
  close(): void {
    this.#speaker.close();
    this.#timeline.clear();
  }

  /** The time of what reaches the ear now, seconds on the audio clock. */
  get #heardSec(): number {
    const { currentTime, outputLatency, baseLatency } = this.#context;
    // WebKit has no outputLatency; engines say 0 until they know it.
    return currentTime - (outputLatency || baseLatency);
  }

  /** Reads the audio clock, ms; after a stall everything queued is out of date. */
  #now(): number {
    const stalled = this.#clock.stalledForMs(this.#wallMs()) > 0;
    const { nowMs, state } = this.#clock.read(this.#context.currentTime * 1000, this.#wallMs());
    if (state === 'stalled' && !stalled) this.counters.stalls++;
    if (state === 'recovered') {
      this.#speaker.clear();
      this.#timeline.clear();
      this.#planner.reset(nowMs);
    }
    return nowMs;
  }

  /** Whether `epoch` is the one being played, after moving on to it when it is new. */
  #enter(epoch: number, nowMs: number): boolean {
    if (epoch < this.#epoch) return false;
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#placed = undefined;
      this.#sequence = undefined;
      this.#planner.restart(nowMs);
      this.#loudness.reset();
    }
    return true;
  }

  #converter(fromRate: number): Resampler {
    if (this.#resampler?.fromRate !== fromRate) {
      this.#resampler = { fromRate, converter: new Resampler(fromRate, this.#context.sampleRate) };
    }
    return this.#resampler.converter;
  }

  #drop(): undefined {
    this.counters.lateChunks++;
  }
}

/** Little-endian 16-bit samples as −1…1; the bytes may lie at an odd address. */
function samplesOf(pcm: Uint8Array): Float32Array {
  const view = viewOf(pcm);
  const samples = new Float32Array(pcm.length / SAMPLE_BYTES);
  for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(n * SAMPLE_BYTES, true) / 32768;
  return samples;
}
