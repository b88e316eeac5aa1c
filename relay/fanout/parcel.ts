import { encodeChunk, type Chunk } from '../../wire/chunk.ts';
import type { RelayMessage } from '../../wire/messages.ts';
import { encodeStreamMessage } from '../../wire/stream.ts';
import { webSocketFrame } from './websocket-frame.ts';

/** Asks a listener's browser for a pong, which it gives by itself. */
export const PING = webSocketFrame('ping', new Uint8Array());

/** One message on its way to many listeners. Each form it takes on a wire is made once, when the first one needs it. */
export class Parcel {
  /** Undefined where the message is a text. */
  readonly chunk: Chunk | undefined;
  /** The message itself: a chunk's WAV file, or JSON in UTF-8. */
  readonly bytes: Uint8Array;
  /** What is to be said right before the chunk, in the same write. */
  readonly texts: readonly Parcel[];
  /** Undefined where the message is no caption. A partial may be left out: what replaces it follows. */
  readonly caption: 'partial' | 'final' | undefined;
  readonly #secondBytes: number;
  #webSocket: Buffer | undefined;
  #webSocketAndPing: Buffer | undefined;
  #stream: Uint8Array | undefined;
  #afterSkip: Parcel | undefined;

  private constructor(
    bytes: Uint8Array,
    chunk?: Chunk,
    texts: readonly Parcel[] = [],
    caption?: 'partial' | 'final',
  ) {
    this.bytes = bytes;
    this.caption = caption;
    this.chunk = chunk;
    this.texts = texts;
    this.#secondBytes = chunk ? (bytes.length * chunk.sampleRate) / (chunk.pcm.length / 2) : Infinity;
  }

  /** Packs a message that is no chunk. */
  static ofText(message: RelayMessage): Parcel {
    const bytes = Buffer.from(JSON.stringify(message));
    if (message.type !== 'caption') return new Parcel(bytes);
    return new Parcel(bytes, undefined, [], message.final ? 'final' : 'partial');
  }

  /** Packs a chunk. */
  static ofChunk(chunk: Chunk): Parcel {
    return new Parcel(encodeChunk(chunk), chunk);
  }

  /** The same with texts to be said before it. */
  after(texts: readonly Parcel[]): Parcel {
    return texts.length === 0 ? this : new Parcel(this.bytes, this.chunk, texts);
  }

  /** The same without what is said before it. */
  get alone(): Parcel {
    return this.texts.length === 0 ? this : new Parcel(this.bytes, this.chunk);
  }

  /** Whether a queue of so many bytes would hold more than a second of such chunks with this one. */
  overfills(queuedBytes: number): boolean {
    return queuedBytes > 0 && queuedBytes + this.bytes.length > this.#secondBytes;
  }

  /** As one WebSocket frame, behind those of its texts. */
  get webSocket(): Buffer {
    if (this.#webSocket) return this.#webSocket;
    const own = webSocketFrame(this.chunk ? 'binary' : 'text', this.bytes);
    const before = this.texts.map((text) => text.webSocket);
    return (this.#webSocket = before.length === 0 ? own : Buffer.concat([...before, own]));
  }

  /** The same with a ping behind it. */
  get webSocketAndPing(): Buffer {
    return (this.#webSocketAndPing ??= Buffer.concat([this.webSocket, PING]));
  }

  /** As one message of a byte stream, behind those of its texts. */
  get stream(): Uint8Array {
    if (this.#stream) return this.#stream;
    const own = encodeStreamMessage(this.chunk ? 'chunk' : 'text', this.bytes);
    const before = this.texts.map((text) => text.stream);
    return (this.#stream = before.length === 0 ? own : Buffer.concat([...before, own]));
  }

  /** The same chunk for a listener that was too slow for the ones before it. */
  get afterSkip(): Parcel {
    if (!this.chunk) return this;
    return (this.#afterSkip ??= Parcel.ofChunk({ ...this.chunk, skippedBefore: true }).after(this.texts));
  }
}
