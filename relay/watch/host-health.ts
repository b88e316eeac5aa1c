import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { EgressPrice } from '../config/config.ts';
import type { HostStatus } from '../relay-status.ts';
import { LoopDelayMeter, type LoopDelays } from './loop-delay.ts';

/** CPU and egress are told over this time, ms: shorter, and one chunk more or less shows. */
const RATE_OVER_MS = 10_000;
const SAMPLE_EVERY_MS = 1000;
const HOUR_SEC = 3600;
const GB = 1e9;

/** What is read of the machine. */
export interface Machine {
  /** CPU that this process has used since its start, microseconds, kernel and user. */
  cpuMicros(): number;
  rssBytes(): number;
}

const THIS_MACHINE: Machine = {
  cpuMicros() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  rssBytes: () => process.memoryUsage.rss(),
};

/** What the host's health is made of. */
export interface HostHealthParts {
  clock: Clock;
  /** Bytes of sound sent since the start; grows only. */
  bytesSent: () => number;
  /** Undefined where no estimate is wanted. */
  price: EgressPrice | undefined;
  machine?: Machine;
  loop?: { readonly delays: LoopDelays; close(): void };
}

interface Sample {
  atMs: number;
  cpuMicros: number;
  bytes: number;
}

/** How the machine under the relay does. Ten samples are kept, one a second. */
export class HostHealth {
  readonly #parts: HostHealthParts;
  readonly #machine: Machine;
  readonly #loop: NonNullable<HostHealthParts['loop']>;
  readonly #samples: Sample[] = [];
  readonly #stop: Cancel;

  /** Begins to measure. */
  constructor(parts: HostHealthParts) {
    this.#parts = parts;
    this.#machine = parts.machine ?? THIS_MACHINE;
    this.#loop = parts.loop ?? new LoopDelayMeter(parts.clock);
    this.#samples.push(this.#sampleNow());
    this.#stop = repeat(parts.clock, SAMPLE_EVERY_MS, () => this.#keep(this.#sampleNow()));
  }

  /** Now; zeros where too little time has passed for a rate. */
  status(): HostStatus {
    const now = this.#sampleNow();
    const [oldest = now] = this.#samples;
    const spanMs = now.atMs - oldest.atMs;
    const bytesPerSec = spanMs > 0 ? ((now.bytes - oldest.bytes) / spanMs) * 1000 : 0;
    return {
      eventLoopMs: this.#loop.delays,
      rssBytes: this.#machine.rssBytes(),
      cpu: spanMs > 0 ? (now.cpuMicros - oldest.cpuMicros) / 1000 / spanMs : 0,
      egressBitsPerSec: bytesPerSec * 8,
      egressCostPerHour: this.#costOf(bytesPerSec),
    };
  }

  /** Measures no more. */
  close(): void {
    this.#stop();
    this.#loop.close();
  }

  #costOf(bytesPerSec: number): HostStatus['egressCostPerHour'] {
    const { price } = this.#parts;
    return price ? { amount: ((bytesPerSec * HOUR_SEC) / GB) * price.perGb, currency: price.currency } : null;
  }

  #keep(sample: Sample): void {
    this.#samples.push(sample);
    const sinceMs = sample.atMs - RATE_OVER_MS;
    while ((this.#samples[0]?.atMs ?? sinceMs) < sinceMs) this.#samples.shift();
  }

  #sampleNow(): Sample {
    const { bytesSent, clock } = this.#parts;
    return { atMs: clock.nowMs(), cpuMicros: this.#machine.cpuMicros(), bytes: bytesSent() };
  }
}
