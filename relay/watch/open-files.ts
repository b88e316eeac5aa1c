import { readFile, readdir, stat } from 'node:fs/promises';
import type { Clock } from '../clock.ts';

const READ_EVERY_MS = 1000;
const LIST_EVERY_MS = 10_000;
const FILES = '/proc/self/fd';
const LIMITS = '/proc/self/limits';

/** File descriptors of this process; a connection takes one. */
export interface FileCount {
  open: number;
  /** The soft limit. */
  limit: number;
}

/** What `/proc` says now; `mayList`: also where that means to list them all. Undefined where it says nothing. */
export type ReadFiles = (mayList: boolean) => Promise<FileCount | undefined>;

/** Linux since 6.2 tells how many there are as a size; before that each is listed, 2 µs apiece in another thread. */
async function readProc(mayList: boolean): Promise<FileCount | undefined> {
  try {
    const { size } = await stat(FILES);
    if (size === 0 && !mayList) return undefined;
    const open = size > 0 ? size : (await readdir(FILES)).length;
    const limit = Number(/^Max open files\s+(\d+)/m.exec(await readFile(LIMITS, 'utf8'))?.[1] ?? Infinity);
    return { open, limit };
  } catch {
    return undefined; // no /proc here: other systems have none, a jail may hide it
  }
}

/** How many files are open, read in the background, once a second at most, and only when somebody asks. */
export class OpenFiles {
  readonly #clock: Clock;
  readonly #read: ReadFiles;
  #count: FileCount | undefined;
  #readAtMs: number;
  #listedAtMs: number;
  #reading: Promise<void>;

  /** Begins the first reading. */
  constructor(clock: Clock, read: ReadFiles = readProc) {
    this.#clock = clock;
    this.#read = read;
    this.#readAtMs = clock.nowMs();
    this.#listedAtMs = this.#readAtMs;
    this.#reading = this.#refresh(true);
  }

  /** What was last read; undefined where it is not known, or not yet. */
  get count(): FileCount | undefined {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#readAtMs >= READ_EVERY_MS) {
      const mayList = nowMs - this.#listedAtMs >= LIST_EVERY_MS;
      if (mayList) this.#listedAtMs = nowMs;
      this.#readAtMs = nowMs;
      this.#reading = this.#reading.then(() => this.#refresh(mayList));
    }
    return this.#count;
  }

  /** Resolves when what is being read has been read. */
  settled(): Promise<void> {
    return this.#reading;
  }

  async #refresh(mayList: boolean): Promise<void> {
    this.#count = (await this.#read(mayList)) ?? this.#count;
  }
}
