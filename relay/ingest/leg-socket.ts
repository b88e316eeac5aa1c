import type { WebSocket } from 'ws';
import { frameBytes, isSampleRate, type SampleRate } from '../../wire/format.ts';
import { CloseCode } from '../../wire/messages.ts';
import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { LegEnd, LegHandle, LegSink } from '../leg.ts';
import type { Log } from '../log.ts';
import { readCaption } from './caption-text.ts';

/** Largest message a leg may send: its first text carries our 512 bytes of headers, a frame has 960 bytes, a caption some
 * 2 kB. */
export const LEG_MAX_PAYLOAD_BYTES = 4096;

const FIRST_TEXT_MS = 10_000;
const PING_EVERY_MS = 5000;
const CLOSE_GRACE_MS = 2000;
const CLOSED_IN_ORDER = 1000;
const CONTENT_TYPE = /^audio\/l16; *rate=(\d{4,5})$/i;

/** What a leg socket is made of. */
export interface LegSocketParts {
  socket: WebSocket;
  /** Gives the sink; called once, at once. */
  sink: (handle: LegHandle) => LegSink;
  /** For the log only. */
  room: string;
  clock: Clock;
  log: Log;
}

/** Reads a leg from here on; the socket keeps its reader alive and the reader closes what it opened. */
export function connectLeg(parts: LegSocketParts): LegHandle {
  return new LegSocket(parts);
}

/**
 * Reads one leg: a first text with the format, then frames. Sends nothing but pings, for whatever else it sent would
 * be played into the conference. Anything the protocol does not allow closes the leg with 4400 and one log line.
 */
class LegSocket implements LegHandle {
  readonly #parts: LegSocketParts;
  readonly #sink: LegSink;
  #frameBytes: number | undefined;
  #answered = true;
  #faulty = false;
  #captionRefused = false;
  readonly #timers: Cancel[];

  constructor(parts: LegSocketParts) {
    const { socket, clock } = parts;
    this.#parts = parts;
    this.#timers = [
      clock.after(FIRST_TEXT_MS, () => {
        if (this.#frameBytes === undefined)
          this.#fault('no-first-text', `nothing said within ${FIRST_TEXT_MS} ms`);
      }),
      repeat(clock, PING_EVERY_MS, () => this.#ping()),
    ];
    socket.on('message', (data, isBinary) => {
      this.#answered = true;
      if (this.#faulty || !Buffer.isBuffer(data)) return;
      if (isBinary) this.#onFrame(data);
      else this.#onText(data.toString('utf8'));
    });
    socket.on('pong', () => (this.#answered = true));
    // `ws` has sent a close code of its own by now (1009 for a message too long); ours cuts who does not answer it.
    socket.on('error', (error) =>
      this.#fault('code' in error ? String(error.code) : error.name, error.message),
    );
    socket.once('close', (code) => this.#onClose(code));
    this.#sink = parts.sink(this);
  }

  /** Closes the socket; one that does not answer is cut after 2 s. */
  close(code: number, reason: string): void {
    const { socket, clock } = this.#parts;
    socket.close(code, reason);
    this.#timers.push(clock.after(CLOSE_GRACE_MS, () => socket.terminate()));
  }

  #onText(text: string): void {
    const message = parseText(text);
    if (!message) return this.#fault('not-json', 'a text is not a JSON object');
    if (this.#frameBytes !== undefined) {
      if (message.get('event') === 'websocket:media:update') this.#sink.held(message.get('active') === false);
      if (message.get('type') === 'caption') this.#onCaption(Object.fromEntries(message));
      return;
    }
    const sampleRate = parseRate(message.get('content-type'));
    if (sampleRate === undefined) {
      return this.#fault(
        'bad-content-type',
        'the first text names no audio/l16 with rate 8000, 16000 or 24000',
      );
    }
    this.#frameBytes = frameBytes(sampleRate);
    this.#sink.opened(sampleRate);
  }

  /** What is wrong with its text does no harm to the sound. One line a leg: captions come four times a second. */
  #onCaption(text: unknown): void {
    const reading = readCaption(text);
    const verdict = reading.kind === 'caption' ? this.#sink.caption(reading.caption) : 'bad-caption';
    if (verdict === 'taken' || this.#captionRefused) return;
    this.#captionRefused = true;
    const detail = reading.kind === 'fault' ? reading.detail : undefined;
    this.#parts.log.warn('caption.refused', { room: this.#parts.room, code: verdict, detail });
  }

  #onFrame(frame: Buffer): void {
    const fullBytes = this.#frameBytes;
    if (fullBytes === undefined)
      return this.#fault('frame-before-text', 'a frame came before the first text');
    if (frame.length === 0 || frame.length > fullBytes || frame.length % 2 !== 0) {
      return this.#fault('wrong-frame-size', `a frame has ${frame.length} bytes instead of ${fullBytes}`);
    }
    this.#sink.frame(frame);
  }

  #fault(code: string, detail: string): void {
    this.#note(code, detail);
    this.close(CloseCode.badRequest, code);
  }

  #note(code: string, detail: string): void {
    if (this.#faulty) return;
    this.#faulty = true;
    this.#parts.log.warn('leg.fault', { room: this.#parts.room, code, detail });
  }

  /** Frames are as good a sign of life as pongs. */
  #ping(): void {
    if (!this.#answered) {
      this.#note('no-sign-of-life', `neither pong nor frame within ${PING_EVERY_MS} ms`);
      return this.#parts.socket.terminate();
    }
    this.#answered = false;
    this.#parts.socket.ping();
  }

  #onClose(code: number): void {
    for (const cancel of this.#timers) cancel();
    const end: LegEnd = code === CLOSED_IN_ORDER && !this.#faulty ? 'ended' : 'lost';
    this.#sink.closed(end);
  }
}

function parseText(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined; // not JSON: the caller's fault value
  }
}

function parseRate(contentType: unknown): SampleRate | undefined {
  const hz = typeof contentType === 'string' ? Number(CONTENT_TYPE.exec(contentType)?.[1]) : Number.NaN;
  return isSampleRate(hz) ? hz : undefined;
}
