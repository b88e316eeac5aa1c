import type { ServerResponse } from 'node:http';
import type { Cancel, Clock } from '../clock.ts';
import { Probe } from './probe.ts';
import type { Unacked } from './unacked.ts';

const CLOSE_GRACE_MS = 2000;

/** What an HTTP response without an end needs of the relay. */
export interface EndlessParts {
  clock: Clock;
  unacked: Unacked;
}

/** An HTTP response that goes on until one side goes, and what is known of how far its client is. */
export class EndlessResponse {
  /** Asks the kernel whether the client's has acknowledged what was written: HTTP has no ping. */
  readonly probe = new Probe();
  readonly #response: ServerResponse;
  readonly #parts: EndlessParts;
  #wroteSinceBeat = false;
  #stopAsking: Cancel | undefined;
  #cancelReset: Cancel | undefined;

  /** Writes nothing by itself; the response has its head, and its connection for itself. */
  constructor(response: ServerResponse, parts: EndlessParts) {
    this.#response = response;
    this.#parts = parts;
    response.req.socket.setNoDelay();
    response.once('close', () => {
      this.#stopAsking?.();
      this.#cancelReset?.();
    });
  }

  get queuedBytes(): number {
    return this.#response.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.#response.writableEnded) return;
    this.#wroteSinceBeat = true;
    this.#response.write(bytes);
    // Node holds all of this turn's writes back: sound that came in a burst would look like a queue.
    this.#response.req.socket.uncork();
  }

  /**
   * Puts the probe's question, unless one is pending. `filler` is written when nothing else was since the last beat:
   * proxies cut a connection on which nothing comes for 60 s.
   */
  beat(nowMs: number, filler: () => void): void {
    if (this.probe.pending || this.#response.writableEnded) return;
    if (!this.#wroteSinceBeat) filler();
    this.#wroteSinceBeat = false;
    this.probe.asked(nowMs);
    const { clock, unacked } = this.#parts;
    this.#stopAsking = unacked.whenTaken(this.#response.req.socket, () => this.probe.answered(clock.nowMs()));
  }

  /** Ends the response; what its client has not taken in 2 s is dropped. */
  end(): void {
    if (this.#response.writableEnded) return;
    this.#response.end();
    this.#cancelReset = this.#parts.clock.after(CLOSE_GRACE_MS, () => this.destroy());
  }

  /** With a reset: without one the kernel keeps what was not sent, megabytes at worst, until it gives up. */
  destroy(): void {
    this.#response.req.socket.resetAndDestroy();
  }
}
