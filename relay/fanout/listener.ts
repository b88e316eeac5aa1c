import type { Chunk } from '../../wire/chunk.ts';
import { CloseCode } from '../../wire/messages.ts';

/** One chunk on its way out: the bytes as they go on the wire, and what is in them. */
export interface SentChunk {
  bytes: Uint8Array;
  chunk: Chunk;
}

/** What carries a listener's sound: a WebSocket, a plain audio stream. */
export interface Transport {
  /** For the log. */
  readonly kind: 'websocket' | 'wav';
  /** Bytes handed over but not yet taken by the kernel. */
  readonly queuedBytes: number;
  /** More than this in the queue and the listener is too slow. */
  readonly maxQueuedBytes: number;
  text(message: string): void;
  chunk(sent: SentChunk): void;
  /** Nobody has spoken up to `mediaMs`: no chunk will come for what is not sent by now. */
  pass(epoch: number, mediaMs: number): void;
  /** Asks for a sign of life; false when the last one was never given. */
  beat(): boolean;
  close(code: number, reason: string): void;
  /** Cuts the connection without a word. */
  destroy(): void;
}

/** One connected player, whatever carries its sound. */
export class Listener {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a control message, already JSON. */
  tell(message: string): void {
    this.#transport.text(message);
  }

  /** Sends a chunk; one whose queue is full is closed with 4008 instead, and comes back at the live edge. */
  offer(sent: SentChunk): void {
    if (this.#keepsUp()) this.#transport.chunk(sent);
  }

  /** Time passes in silence, which may be sent like sound. */
  pass(epoch: number, mediaMs: number): void {
    if (this.#keepsUp()) this.#transport.pass(epoch, mediaMs);
  }

  #keepsUp(): boolean {
    if (this.#transport.queuedBytes <= this.#transport.maxQueuedBytes) return true;
    this.#transport.close(CloseCode.tooSlow, 'too slow');
    return false;
  }

  /** Cuts a listener that gave no sign of life since the last beat. */
  beat(): void {
    if (!this.#transport.beat()) this.#transport.destroy();
  }

  /** Says goodbye and closes. */
  close(code: number, reason: string): void {
    this.#transport.close(code, reason);
  }
}
