import { encodeChunk, endSampleOf } from '../../wire/chunk.ts';
import { msOf, samplesIn, type SampleRate } from '../../wire/format.ts';
import type { CaptionVerdict, SpokenCaption } from '../caption.ts';
import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { LegSound } from '../relay-status.ts';
import type { RoomMessage } from '../room-message.ts';
import { Chunker, type UnnumberedChunk } from './chunker.ts';
import { LegCaptions } from './leg-captions.ts';
import { LegSoundMeter } from './leg-sound.ts';
import type { Frame } from './reframer.ts';
import { SpeechDetector } from './speech.ts';

/** Listeners are told the media clock this often while a leg is up. The protocol asks for 5 s, and one that is to go with
 * the next chunk may have to wait for the next clock. */
const CLOCK_EVERY_MS = 2400;

/** In a pause, where chunks are left out, they are told this often. */
const QUIET_CLOCK_EVERY_MS = 500;

/** What the sound is like is told this often at most. */
const SOUND_EVERY_MS = 10_000;

/** What a room's sound is made of. */
export interface RoomLegParts {
  /** Of the media clock; a leg that takes over from another goes on with that one's. */
  epoch: number;
  chunkMs: number;
  /** Sound from before somebody speaks that is sent with the speech, ms: a word begins softly. */
  prerollMs: number;
  /** Sends the media clock instead of chunks while nobody speaks. */
  suppressSilence: boolean;
  clock: Clock;
  out: (message: RoomMessage) => void;
  /** The sound is of another kind than was told last. */
  onSound: (sound: LegSound) => void;
}

/** The sound of one leg, or of several without a seam: its chunker and the clock messages that go with it. */
export class RoomLeg {
  readonly #parts: RoomLegParts;
  readonly #speech = new SpeechDetector();
  readonly #captions: LegCaptions;
  readonly #meter = new LegSoundMeter();
  #toldSound: { sound: LegSound; atMs: number } = { sound: 'none', atMs: Number.NEGATIVE_INFINITY };
  #chunker: Chunker | undefined;
  #stopClock: Cancel | undefined;
  #finished = false;
  #isRebased = false;
  #sequence = 0;
  /** What was left out last, as long as the preroll. */
  #leftOut: UnnumberedChunk[] = [];
  /** A gap that was found before a chunk that was left out for good. */
  #gapBefore = false;
  /** When the pause was last told, on the media clock; null while somebody speaks. */
  #quietToldMs: number | null = null;
  /** Monotonic milliseconds of the last frame, or of the leg's opening. */
  heardMs: number;

  constructor(parts: RoomLegParts) {
    this.#parts = parts;
    this.#captions = new LegCaptions(parts);
    this.heardMs = parts.clock.nowMs();
  }

  get epoch(): number {
    return this.#parts.epoch;
  }

  /** Samples a second; null until the leg has said its format. */
  get sampleRate(): SampleRate | null {
    return this.#chunker?.sampleRate ?? null;
  }

  /** The media clock now, milliseconds; null until the leg's first frame. */
  mediaMs(): number | null {
    return this.#chunker?.mediaMs(this.#parts.clock.nowMs()) ?? null;
  }

  /** Whether frames are held back: a leg has stalled, and what that was is not decided. */
  get isDeciding(): boolean {
    return this.#chunker?.isDeciding ?? false;
  }

  /** What the leg's sound is like now, and the loudest 20 ms of the last half second, dBFS. */
  listen(): { sound: LegSound; levelDbfs: number | null } {
    const nowMs = this.#parts.clock.nowMs();
    return { sound: this.#meter.soundAt(nowMs), levelDbfs: this.#meter.levelDbfs(nowMs) };
  }

  /** The leg said its format; a second time does nothing. */
  open(sampleRate: SampleRate): void {
    if (this.#chunker || this.#finished) return;
    const { epoch, chunkMs, clock } = this.#parts;
    this.#chunker = new Chunker({ epoch, sampleRate, chunkMs });
    this.#stopClock = repeat(clock, CLOCK_EVERY_MS, () => {
      this.#tellClock(this.#quietToldMs !== null);
      this.#tellSound();
    });
  }

  /** Takes a frame; sends the chunks it completes. A leg that is finished may still be talking: nobody hears it. */
  hear(pcm: Uint8Array, padded = false): void {
    if (!this.#chunker || this.#finished) return;
    this.heardMs = this.#parts.clock.nowMs();
    this.#meter.hear(pcm, this.heardMs);
    this.#send(this.#chunker.push(pcm, this.heardMs, padded));
    // The media clock has stepped by what the legs lie apart.
    if (this.#isRebased) this.#tellClock(this.#quietToldMs !== null);
    this.#isRebased = false;
  }

  /** Goes on with these frames, which follow on the last one, and those after them, by another leg of another delay. */
  goOnWith(frames: readonly Frame[]): void {
    this.#chunker?.rebase();
    this.#isRebased = true;
    for (const { pcm, padded } of frames) this.hear(pcm, padded);
  }

  /** Takes what was said, as text, while there is sound that it can belong to. */
  caption(spoken: SpokenCaption): CaptionVerdict {
    const mediaMs = this.#finished ? null : this.mediaMs();
    return mediaMs === null ? 'not-live' : this.#captions.take(spoken, mediaMs);
  }

  /** Sends what is left and stops the clock; a second time does nothing. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#send(this.#chunker?.flush() ?? []);
    this.#stopClock?.();
    this.#captions.close();
  }

  /** Says nothing while no frame has come: a clock that stands would make the first sound look late. */
  #tellClock(quiet: boolean): void {
    const mediaMs = this.mediaMs();
    if (mediaMs !== null) this.#parts.out({ kind: 'clock', epoch: this.epoch, mediaMs, quiet });
  }

  #tellSound(): void {
    const nowMs = this.#parts.clock.nowMs();
    const sound = this.#meter.soundAt(nowMs);
    if (sound === this.#toldSound.sound || nowMs - this.#toldSound.atMs < SOUND_EVERY_MS) return;
    this.#toldSound = { sound, atMs: nowMs };
    this.#parts.onSound(sound);
  }

  #send(chunks: readonly UnnumberedChunk[]): void {
    for (const chunk of chunks) {
      if (this.#parts.suppressSilence && !this.#speech.hears(chunk)) {
        this.#leftOut.push(chunk);
        this.#forgetBefore(endSampleOf(chunk), chunk.sampleRate);
        this.#tellPause(msOf(chunk.firstSample, chunk.sampleRate));
        continue;
      }
      this.#quietToldMs = null;
      this.#forgetBefore(chunk.firstSample, chunk.sampleRate);
      for (const spoken of [...this.#leftOut.splice(0), chunk]) {
        const gapBefore = spoken.gapBefore || this.#gapBefore;
        this.#gapBefore = false;
        const bytes = encodeChunk({ ...spoken, gapBefore, sequence: this.#sequence++ });
        this.#parts.out({ kind: 'chunk', bytes });
      }
    }
  }

  /** Lets go of what lies further before `sample` than the preroll. */
  #forgetBefore(sample: number, sampleRate: number): void {
    const fromSample = sample - samplesIn(this.#parts.prerollMs, sampleRate);
    for (let [oldest] = this.#leftOut; oldest; [oldest] = this.#leftOut) {
      if (oldest.firstSample >= fromSample) return;
      this.#gapBefore ||= oldest.gapBefore;
      this.#leftOut.shift();
    }
  }

  #tellPause(mediaMs: number): void {
    if (this.#quietToldMs !== null && mediaMs - this.#quietToldMs < QUIET_CLOCK_EVERY_MS) return;
    this.#quietToldMs = mediaMs;
    this.#tellClock(true);
  }
}
