import type { Chunk } from '../../../wire/chunk.ts';
import type { SentChunk, Transport } from '../../../relay/fanout/listener.ts';

/** A listener's connection that keeps what it was told. */
export class FakeTransport implements Transport {
  readonly kind = 'websocket';
  readonly maxQueuedBytes = 256 * 1024;
  queuedBytes = 0;
  alive = true;
  /** Everything in order: texts as objects, chunks as their sequence. */
  readonly heard: unknown[] = [];
  readonly chunks: Chunk[] = [];
  closed: { code: number; reason: string } | undefined;
  destroyed = false;

  text(message: string): void {
    this.heard.push(JSON.parse(message));
  }

  chunk({ chunk }: SentChunk): void {
    this.heard.push(chunk.sequence);
    this.chunks.push(chunk);
  }

  pass(): void {}

  beat(): boolean {
    const { alive } = this;
    this.alive = false;
    return alive;
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  destroy(): void {
    this.destroyed = true;
  }
}
