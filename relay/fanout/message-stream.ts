import { encodeStreamMessage } from '../../wire/stream.ts';
import type { EndlessResponse } from './endless-response.ts';
import type { Transport } from './listener.ts';
import type { Parcel } from './parcel.ts';
import type { Probe } from './probe.ts';

const BEAT = encodeStreamMessage('beat', new Uint8Array());

/** A listener's messages as one response without an end (wire/stream.ts): where a proxy lets no WebSocket through. */
export class StreamTransport implements Transport {
  readonly kind = 'stream';
  readonly probe: Probe;
  readonly #response: EndlessResponse;

  constructor(response: EndlessResponse) {
    this.#response = response;
    this.probe = response.probe;
  }

  get queuedBytes(): number {
    return this.#response.queuedBytes;
  }

  isFull(chunk: Parcel): boolean {
    return chunk.overfills(this.queuedBytes);
  }

  send(parcel: Parcel): void {
    this.#response.write(parcel.stream);
  }

  /** The clock message says it. */
  pass(): void {}

  beat(nowMs: number): void {
    this.#response.beat(nowMs, () => this.#response.write(BEAT));
  }

  /** The `bye` before it has said why. */
  close(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }
}
