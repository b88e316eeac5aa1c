import { Worker } from 'node:worker_threads';
import { within, type Clock } from '../clock.ts';
import type { HistoryFault } from './history-fault.ts';
import type { HistoryQuery, HistoryTable } from './records.ts';
import type { WorkerOrder, WorkerReport, WorkerStart } from './worker-words.ts';

/** Rows or CSV, as the thread sent them. */
export type ReadReport = (WorkerReport & { kind: 'rows' | 'csv' }) | { kind: 'not-read'; code: HistoryFault };

/** What an opening tells; after `over` nothing more. */
export interface OpeningOutlet {
  onOpened(report: WorkerReport & { kind: 'opened' }): void;
  onChanged(report: WorkerReport & { kind: 'changed' }): void;
  /** The thread lives on, and may be told to try again. */
  onFailed(code: HistoryFault, message: string): void;
  /** The thread has ended by itself: the file is closed. */
  onOver(code: HistoryFault, message: string): void;
}

/** Megabytes that the thread's own heap may grow to; SQLite's memory is beside it. */
const MAX_HEAP_MB = 64;
/** So many readers may wait; a page of 1,000 rows takes some 10 ms. */
const MAX_READS = 100;
const READ_WITHIN_MS = 5000;
const CLOSE_WITHIN_MS = 2000;

/** One opening of the history's file, and the thread that holds it. It keeps a process alive only while that waits for an answer. */
export class Opening {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #ended: Promise<void>;
  readonly #reads = new Map<number, (report: ReadReport) => void>();
  #lastRead = 0;
  #isClosing = false;

  constructor(file: string, start: WorkerStart, clock: Clock, outlet: OpeningOutlet) {
    this.#clock = clock;
    // Nothing of the relay's environment, which may hold its secrets, is for the thread.
    this.#worker = new Worker(file, {
      workerData: start,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    let why: [HistoryFault, string] = ['internal', 'the thread ended'];
    this.#worker.on('message', (report: WorkerReport) => {
      switch (report.kind) {
        case 'opened':
          return outlet.onOpened(report);
        case 'changed':
          return outlet.onChanged(report);
        case 'failed':
          if (!report.over) return outlet.onFailed(report.code, report.message);
          why = [report.code, report.message];
          return;
        case 'rows':
        case 'csv':
        case 'not-read':
          this.#reads.get(report.id)?.(report);
          return;
        default:
          report satisfies never;
      }
    });
    this.#worker.on(
      'error',
      (error) => (why = ['internal', error instanceof Error ? error.message : 'thrown']),
    );
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        for (const answer of this.#reads.values()) answer({ kind: 'not-read', code: why[0] });
        if (!this.#isClosing) outlet.onOver(...why);
        resolve();
      });
    });
    // Listening for messages had taken hold of the process again.
    this.#worker.unref();
  }

  /** Orders are carried out one after the other. */
  order(order: WorkerOrder & { kind: 'write' | 'tidy' }): void {
    this.#tell(order);
  }

  /** Takes 5 s at most. */
  read(as: 'rows' | 'csv', table: HistoryTable, query: HistoryQuery): Promise<ReadReport> {
    if (this.#reads.size >= MAX_READS) return Promise.resolve({ kind: 'not-read', code: 'slow' });
    const id = ++this.#lastRead;
    return new Promise<ReadReport>((resolve) => {
      const cancel = this.#clock.after(READ_WITHIN_MS, () => answer({ kind: 'not-read', code: 'slow' }));
      const answer = (report: ReadReport): void => {
        cancel();
        this.#reads.delete(id);
        if (this.#reads.size === 0 && !this.#isClosing) this.#worker.unref();
        resolve(report);
      };
      this.#reads.set(id, answer);
      this.#worker.ref();
      this.#tell({ kind: 'read', id, as, table, query });
    });
  }

  /** Lets the thread do what it was told, then ends it; by force after 2 s. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    this.#tell({ kind: 'close' });
    await within(this.#clock, CLOSE_WITHIN_MS, this.#ended);
    // A thread that waits for its disk cannot be ended: nobody waits for it, and it keeps nothing alive.
    this.#worker.unref();
    void this.#worker.terminate();
  }

  #tell(order: WorkerOrder): void {
    this.#worker.postMessage(order, []);
  }
}
