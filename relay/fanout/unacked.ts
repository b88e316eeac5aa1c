import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import { rowKey, unackedBytes, type Ends } from './tcp-table.ts';

const LOOK_EVERY_MS = 1000;
/** A look that takes longer tells nothing in time: the table is long where many thousands have just left. */
const MAX_LOOK_MS = 1000;
const READ_BYTES = 64 * 1024;
const NOTHING_READ = { bytesRead: 0 };

/** What is looked at of a socket. */
export type WatchedSocket = Ends & Pick<Socket, 'bytesWritten' | 'writableLength'>;

interface Question {
  socket: WatchedSocket;
  /** So much of `bytesWritten` is to be acknowledged. */
  markBytes: number;
  onTaken: () => void;
}

/**
 * Tells when the peers of sockets have taken what was written to them. HTTP has no ping, and the kernel swallows
 * megabytes before `writableLength` moves; but the kernel counts what its peer has not acknowledged. One look, once a
 * second, answers for all sockets of the process, and only while somebody asks.
 */
export class Unacked {
  readonly #clock: Clock;
  readonly #readTables: () => AsyncIterable<string>;
  readonly #questions = new Set<Question>();
  #cancelLook: Cancel | undefined;
  #looking = false;

  /** `readTables` gives the kernel's connections, whole rows at a time; nothing where it does not tell. */
  constructor(clock: Clock, readTables: () => AsyncIterable<string> = kernelTables) {
    this.#clock = clock;
    this.#readTables = readTables;
  }

  /**
   * Calls `onTaken` once when the socket's peer has acknowledged all that is written to it by now; at the next look
   * where that cannot be known (other systems than Linux, a connection that is gone, a table that takes too long).
   */
  whenTaken(socket: WatchedSocket, onTaken: () => void): Cancel {
    const question = { socket, markBytes: socket.bytesWritten, onTaken };
    this.#questions.add(question);
    this.#lookLater();
    return () => {
      this.#questions.delete(question);
      if (this.#questions.size > 0) return;
      this.#cancelLook?.();
      this.#cancelLook = undefined;
    };
  }

  #lookLater(): void {
    if (this.#cancelLook || this.#looking || this.#questions.size === 0) return;
    this.#cancelLook = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#cancelLook = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const keys = new Set<string>();
    const asked = [...this.#questions].map((question) => {
      const { socket } = question;
      const key = rowKey(socket) ?? '';
      keys.add(key);
      // Before the table is read: what is handed over later must not pass for acknowledged.
      return { question, key, handedOver: socket.bytesWritten - socket.writableLength };
    });
    const unacked = await this.#find(keys);
    this.#looking = false;
    for (const { question, key, handedOver } of asked) {
      const bytes = unacked.get(key);
      const taken = bytes === undefined || handedOver - bytes >= question.markBytes;
      if (taken && this.#questions.delete(question)) question.onTaken();
    }
    this.#lookLater();
  }

  /** What the kernel tells of these; what it does not tell in time is left out. */
  async #find(keys: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    const giveUpAtMs = this.#clock.nowMs() + MAX_LOOK_MS;
    for await (const rows of this.#readTables()) {
      if (this.#clock.nowMs() > giveUpAtMs) return new Map();
      for (const [key, bytes] of unackedBytes(rows, keys)) found.set(key, bytes);
      if (found.size === keys.size) break;
    }
    return found;
  }
}

/** Linux' connections, both address families in turn. The kernel gives 4 kB of whole rows a read, so that other work comes in between. */
export async function* kernelTables(): AsyncIterable<string> {
  const page = Buffer.alloc(READ_BYTES);
  for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
    // Other systems have no such file, and a sandbox may hide it.
    const file = await open(path).catch(() => undefined);
    if (!file) continue;
    try {
      for (;;) {
        const { bytesRead } = await file.read(page, 0, READ_BYTES, null).catch(() => NOTHING_READ);
        if (bytesRead === 0) break;
        yield page.toString('latin1', 0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}
