import type { ServerResponse } from 'node:http';
import { endSampleOf } from '../../wire/chunk.ts';
import { samplesIn } from '../../wire/format.ts';
import { ENDLESS_DATA_BYTES, wavHeaderBytes, writeWavHeader } from '../../wire/wav.ts';
import type { Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import { Probe } from './probe.ts';
import { Upsampler } from './upsampler.ts';

/**
 * What the plain stream is sent as. Chromium's `<audio>` plays after some 236 kB and stays that far behind: 7.3 s of
 * 16 kHz mono, 1.25 s of 48 kHz stereo (measured), of which the last second comes at once.
 */
const STREAM_RATE = 48_000;
const CHANNELS = 2;
/** Two seconds: it begins with one at once, which takes a slow line some round trips. */
const MAX_QUEUED_BYTES = 2 * STREAM_RATE * CHANNELS * 2;
/** Lost sound is made up with silence up to this, so that the stream keeps time with the room. */
const MAX_SILENCE_SEC = 5;
/** How late a chunk may still come against the room's media clock. */
const UNSENT_MS = 100;

/** A listener's sound as one WAV file without an end: for `<audio>` without script, curl, ffmpeg, VLC. */
export class WavTransport implements Transport {
  readonly kind = 'wav';
  readonly probe = new Probe();
  readonly #response: ServerResponse;
  #epoch: number | undefined;
  #nextSample = 0;
  #sampleRate = STREAM_RATE;
  #upsampler: Upsampler | undefined;

  /** Sends the file's header at once. */
  constructor(response: ServerResponse) {
    this.#response = response;
    const header = new Uint8Array(wavHeaderBytes());
    writeWavHeader(header, { sampleRate: STREAM_RATE, channels: CHANNELS }, ENDLESS_DATA_BYTES);
    response.write(header);
  }

  get queuedBytes(): number {
    return this.#response.writableLength;
  }

  isFull(): boolean {
    return this.queuedBytes > MAX_QUEUED_BYTES;
  }

  /** A plain stream has no room for words. */
  send({ chunk }: Parcel): void {
    if (!chunk) return;
    const factor = STREAM_RATE / chunk.sampleRate;
    if (!this.#upsampler || this.#epoch !== chunk.epoch) {
      this.#upsampler = new Upsampler(factor);
      this.#epoch = chunk.epoch;
      this.#nextSample = chunk.firstSample;
    }
    this.#silence(chunk.firstSample, chunk.sampleRate);
    this.#response.write(stereo(this.#upsampler.push(chunk.pcm)));
    this.#nextSample = endSampleOf(chunk);
    this.#sampleRate = chunk.sampleRate;
  }

  /** A pause is sent as silence, or the player would run dry and start anew; what may still come stays out. */
  pass(epoch: number, mediaMs: number): void {
    if (epoch !== this.#epoch) return;
    this.#silence(samplesIn(Math.max(0, mediaMs - UNSENT_MS), this.#sampleRate), this.#sampleRate);
  }

  #silence(untilSample: number, sampleRate: number): void {
    const samples = Math.min(untilSample - this.#nextSample, MAX_SILENCE_SEC * sampleRate);
    if (samples <= 0) return;
    this.#response.write(new Uint8Array((samples * STREAM_RATE * CHANNELS * 2) / sampleRate));
    this.#nextSample = untilSample;
  }

  beat(): void {}

  /** Ends the stream; one whose queue is full is cut, for its end would wait behind the queue. */
  close(): void {
    if (this.isFull()) this.destroy();
    else this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
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
