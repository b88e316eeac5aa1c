import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';

/** What a process may grow by over a campaign, once it is warm, bytes. */
const MOST_GROWN_BYTES = 20 * 1024 * 1024;
/**
 * From Node 24 on V8 takes its young heap into use late and in lumps of up to 80 MB, and then no more (60,000 streams:
 * 2.8 MB): there, what is held after a collection tells, and the size of the process does not.
 */
const SIZE_TELLS = Number(process.versions.node.split('.')[0]) < 24;
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
  #warm = { heldBytes: Number.NaN, residentBytes: Number.NaN };

  constructor() {
    process.on('unhandledRejection', this.#keep);
    process.on('uncaughtException', this.#keep);
  }

  /** What the process has by now, it may keep. */
  async warm(): Promise<void> {
    this.#warm = await memory();
  }

  /** Bytes grown by since {@link warm}. Throws when anything has happened that must not. */
  async hold(): Promise<number> {
    const { heldBytes, residentBytes } = await memory();
    const grownBytes = residentBytes - this.#warm.residentBytes;
    expect(PROTOTYPES.map(describe)).toEqual(this.#before);
    expect(this.#escaped).toEqual([]);
    expect(heldBytes - this.#warm.heldBytes).toBeLessThanOrEqual(MOST_GROWN_BYTES);
    if (SIZE_TELLS) expect(grownBytes).toBeLessThanOrEqual(MOST_GROWN_BYTES);
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

/** Memory of the process without its garbage: what it holds, and what the system sees. */
async function memory(): Promise<{ heldBytes: number; residentBytes: number }> {
  if (typeof gc !== 'function') throw new Error('this Node has no gc');
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldBytes: heapUsed + external, residentBytes: rss };
}
