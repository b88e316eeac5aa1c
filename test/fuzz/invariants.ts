import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

/** What a process may grow by over a campaign, once it is warm, bytes. */
const MOST_GROWN_BYTES = 20 * 1024 * 1024;
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];

setFlagsFromString('--expose_gc');
const gc: unknown = runInNewContext('gc');

/**
 * Watches this process for what no input may do to it: change a prototype, leave a promise's failure to nobody, throw
 * where nobody catches, keep memory.
 */
export class Invariants {
  readonly #before = PROTOTYPES.map(describe);
  readonly #escaped: unknown[] = [];
  readonly #keep = (failure: unknown): void => void this.#escaped.push(failure);
  #warmBytes = Number.NaN;

  constructor() {
    process.on('unhandledRejection', this.#keep);
    process.on('uncaughtException', this.#keep);
  }

  /** What the process has by now, it may keep. */
  async warm(): Promise<void> {
    this.#warmBytes = await residentBytes();
  }

  /** Bytes grown by since {@link warm}. Throws when anything has happened that must not. */
  async hold(): Promise<number> {
    const grownBytes = (await residentBytes()) - this.#warmBytes;
    expect(PROTOTYPES.map(describe)).toEqual(this.#before);
    expect(this.#escaped).toEqual([]);
    expect(grownBytes).toBeLessThanOrEqual(MOST_GROWN_BYTES);
    return grownBytes;
  }

  close(): void {
    process.off('unhandledRejection', this.#keep);
    process.off('uncaughtException', this.#keep);
  }
}

function describe(prototype: object): unknown[] {
  return Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)]);
}

/** Memory of the process without its garbage, as the system sees it. */
async function residentBytes(): Promise<number> {
  if (typeof gc !== 'function') throw new Error('this Node has no gc');
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  return process.memoryUsage.rss();
}
