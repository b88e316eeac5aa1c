import { endSampleOf } from '../../wire/chunk.ts';
import { FRAME_MS, samplesIn } from '../../wire/format.ts';
import { ENDLESS_DATA_BYTES, wavHeaderBytes, writeWavHeader } from '../../wire/wav.ts';
import type { EndlessResponse } from './endless-response.ts';
import type { Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import type { Probe } from './probe.ts';
import { Upsampler } from './upsampler.ts';

/**
 * What the plain stream is sent as. Chromium's `<audio>` plays after some 236 kB and stays that far behind: 7.3 s of
 * 16 kHz mono, 1.25 s of 48 kHz stereo (measured), of which the last second comes at once.
 */
const STREAM_RATE = 48_000;
const CHANNELS = 2;
/** A second and a quarter: it begins with one second at once, which takes a slow line some round trips. */
const MAX_QUEUED_BYTES = 1.25 * STREAM_RATE * CHANNELS * 2;
/** Lost sound is made up with silence up to this, so that the stream keeps time with the room. */
const MAX_SILENCE_SEC = 5;
/** How late a chunk may still come against the room's media clock. */
const UNSENT_MS = 100;

/** A listener's sound as one WAV file without an end: for `<audio>` without script, curl, ffmpeg, VLC. */
export class WavTransport implements Transport {
  readonly kind = 'wav';
  readonly probe: Probe;
  readonly #response: EndlessResponse;
  #epoch: number | undefined;
  #nextSample = 0;
  #sampleRate = STREAM_RATE;
  #upsampler: Upsampler | undefined;

  /** Sends the file's header at once. */
  constructor(response: EndlessResponse) {
    this.#response = response;
    this.probe = response.probe;
    const header = new Uint8Array(wavHeaderBytes());
    writeWavHeader(header, { sampleRate: STREAM_RATE, channels: CHANNELS }, ENDLESS_DATA_BYTES);
    response.write(header);
  }

  get queuedBytes(): number {
    return this.#response.queuedBytes;
  }

  isFull(): boolean {
    return this.queuedBytes > MAX_QUEUED_BYTES;
  }

  /** A plain stream has no room for words. */
  send({ chunk }: Parcel): void {
    if (!chunk) return;
    if (!this.#upsampler || this.#epoch !== chunk.epoch) {
      this.#upsampler = new Upsampler(STREAM_RATE / chunk.sampleRate);
      this.#epoch = chunk.epoch;
      this.#sampleRate = chunk.sampleRate;
      this.#nextSample = chunk.firstSample;
    }
    this.#silenceUntil(chunk.firstSample);
    this.#response.write(stereo(this.#upsampler.push(chunk.pcm)));
    this.#nextSample = endSampleOf(chunk);
  }

  /** A pause is sent as silence, or the player would run dry and start anew; what may still come stays out. */
  pass(epoch: number, mediaMs: number): void {
    if (epoch !== this.#epoch) return;
    this.#silenceUntil(samplesIn(Math.max(0, mediaMs - UNSENT_MS), this.#sampleRate));
  }

  /**
   * Where nothing was sent for a whole beat, a frame of silence is. It belongs to the pause it is in: what follows
   * on the same clock comes after so much less silence.
   */
  beat(nowMs: number): void {
    this.#response.beat(nowMs, () => this.#writeSilence(samplesIn(FRAME_MS, this.#sampleRate)));
  }

  close(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  #silenceUntil(sample: number): void {
    const samples = Math.min(sample - this.#nextSample, MAX_SILENCE_SEC * this.#sampleRate);
    if (samples <= 0) return;
    this.#writeSilence(samples);
    this.#nextSample = sample;
  }

  #writeSilence(samples: number): void {
    this.#response.write(new Uint8Array((samples * STREAM_RATE * CHANNELS * 2) / this.#sampleRate));
    this.#nextSample += samples;
  }
}

/** The same samples on both channels, as little-endian bytes. */
function stereo(mono: Int16Array): Uint8Array {
  const bytes = new Uint8Array(mono.length * CHANNELS * 2);
  const view = new DataView(bytes.buffer);
  for (let n = 0; n < mono.length; n++) {
    view.setInt16(4 * n, mono[n] ?? 0, true);
    view.setInt16(4 * n + 2, mono[n] ?? 0, true);
  }
  return bytes;
}
