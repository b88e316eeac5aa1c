import { once } from 'node:events';
import { WebSocket } from 'ws';
import { decodeChunk } from '../../wire/chunk.ts';
import { parseRelayMessage, type CaptionMessage, type RelayMessage } from '../../wire/messages.ts';

/** A listener over a bare WebSocket that keeps count of what it is sent. */
export class Witness {
  readonly socket: WebSocket;
  readonly messages: RelayMessage[] = [];
  readonly sequences: number[] = [];
  closeCode: number | undefined;
  closeReason = '';

  /** Connects to a room under the relay's `http:` address. */
  constructor(url: string, room: string, subprotocols: readonly string[] = ['conf.v1']) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/v1/rooms/${room}/listen`, [...subprotocols]);
    this.socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (isBinary) this.#onChunk(data);
      else this.#onText(data.toString());
    });
    this.socket.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = reason.toString();
    });
    this.socket.on('error', () => {});
  }

  /** Resolves with the close code, at once when it is closed already. */
  async closed(): Promise<number> {
    if (this.closeCode === undefined) await once(this.socket, 'close');
    return this.closeCode ?? 0;
  }

  /** How often a chunk did not follow the one before it by 1. */
  get holes(): number {
    return this.sequences.slice(1).filter((sequence, n) => sequence !== (this.sequences[n] ?? 0) + 1).length;
  }

  /** What was said, as text. */
  get captions(): CaptionMessage[] {
    return this.messages.filter((message) => message.type === 'caption');
  }

  #onChunk(bytes: Buffer): void {
    const reading = decodeChunk(bytes);
    if (reading.kind === 'fault') throw new Error(`the relay sent no chunk: ${reading.code}`);
    this.sequences.push(reading.chunk.sequence);
  }

  #onText(text: string): void {
    const parsed = parseRelayMessage(text);
    if (parsed.kind !== 'message') throw new Error(`the relay sent ${text}`);
    this.messages.push(parsed.message);
  }
}
