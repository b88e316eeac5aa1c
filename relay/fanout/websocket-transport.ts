import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import type { Transport } from './listener.ts';
import { PING, type Parcel } from './parcel.ts';
import { Probe } from './probe.ts';
import { SocketWriter } from './socket-write.ts';

const CLOSE_GRACE_MS = 2000;

/**
 * A listener's sound over a WebSocket: chunks as binary messages, control as text. What many listeners get alike is
 * framed once and written to the connection itself; `ws` does the rest, and its own frames are whole writes too
 * (nothing is compressed), so the two never mix.
 */
export class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly probe = new Probe();
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #writer: SocketWriter;
  readonly #clock: Clock;
  /** Sound was sent last, so that something follows soon. */
  #isBusy = false;
  /** The next message takes a ping along: one write instead of two. */
  #isPingDue = false;
  #cancelCut: (() => void) | undefined;

  /** `socket` is the connection under `webSocket`. */
  constructor(webSocket: WebSocket, socket: Duplex, clock: Clock) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#writer = new SocketWriter(socket);
    this.#clock = clock;
  }

  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  isFull(chunk: Parcel): boolean {
    return chunk.overfills(this.#writer.queuedBytes);
  }

  send(parcel: Parcel): void {
    this.#isBusy = parcel.chunk !== undefined;
    if (!this.#isPingDue) return this.#write(parcel.webSocket);
    this.#isPingDue = false;
    this.probe.asked(this.#clock.nowMs());
    this.#write(parcel.webSocketAndPing);
  }

  /** The clock message says it. */
  pass(): void {}

  beat(nowMs: number): void {
    if (this.probe.pending) return;
    this.#isPingDue = this.#isBusy;
    this.#isBusy = false;
    if (this.#isPingDue) return;
    this.probe.asked(nowMs);
    this.#write(PING);
  }

  /** A pong has come; false when nobody asked for it. */
  answered(): boolean {
    const { pending } = this.probe;
    this.probe.answered(this.#clock.nowMs());
    return pending;
  }

  close(code: number, reason: string): void {
    if (this.#cancelCut) return;
    this.#webSocket.close(code, reason);
    this.#cancelCut = this.#clock.after(CLOSE_GRACE_MS, () => this.destroy());
  }

  /** With a reset: without one the kernel keeps what was not sent, megabytes at worst, until it gives up. */
  destroy(): void {
    if (this.#socket instanceof Socket) this.#socket.resetAndDestroy();
    else this.#webSocket.terminate();
  }

  /** Lets go of the timer of a close that has happened. */
  release(): void {
    this.#cancelCut?.();
  }

  #write(frame: Buffer): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#writer.write(frame);
  }
}
