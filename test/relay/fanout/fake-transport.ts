import type { Chunk } from '../../../wire/chunk.ts';
import type { Transport } from '../../../relay/fanout/listener.ts';
import type { Parcel } from '../../../relay/fanout/parcel.ts';
import { Probe } from '../../../relay/fanout/probe.ts';

/** A listener's connection that keeps what it was told. */
export class FakeTransport implements Transport {
  readonly kind = 'websocket';
  readonly probe = new Probe();
  queuedBytes = 0;
  /** Times something was sent: texts go with a chunk in one. */
  sends = 0;
  /** Whether it answers at once. */
  alive = true;
  /** Everything in order: texts as objects, chunks as their sequence. */
  readonly heard: unknown[] = [];
  readonly chunks: Chunk[] = [];
  closed: { code: number; reason: string } | undefined;
  destroyed = false;

  isFull(chunk: Parcel): boolean {
    return chunk.overfills(this.queuedBytes);
  }

  send({ chunk, bytes, texts }: Parcel): void {
    this.sends++;
    for (const text of texts) this.heard.push(JSON.parse(Buffer.from(text.bytes).toString()));
    if (chunk) this.chunks.push(chunk);
    this.heard.push(chunk ? chunk.sequence : JSON.parse(Buffer.from(bytes).toString()));
  }

  pass(): void {}

  beat(nowMs: number): void {
    if (this.probe.pending) return;
    this.probe.asked(nowMs);
    if (this.alive) this.probe.answered(nowMs);
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  destroy(): void {
    this.destroyed = true;
  }
}
