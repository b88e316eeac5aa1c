import { expect } from 'vitest';
import { memory, SIZE_TELLS } from '../support/memory.ts';

/** What a process may grow by over a campaign, once it is warm, bytes. */
const MOST_GROWN_BYTES = 20 * 1024 * 1024;
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];

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
