import { join } from 'node:path';
import { repeat, type Cancel, type Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { Backlog } from './backlog.ts';
import { FIXES, type HistoryFault } from './history-fault.ts';
import type { HistoryEntry } from './history-store.ts';
import { Opening } from './opening.ts';
import { HISTORY_FILE } from './records.ts';

/** What the writer needs. */
export interface WriterParts {
  /** Directory of the file; made where it is missing. */
  dir: string;
  /** What is older is forgotten. */
  days: number;
  clock: Clock;
  /** May be the one whose lines are written. */
  log: Log;
  /** File that the thread runs. */
  worker: string;
}

/** A relay that is killed loses so much at most. */
const FLUSH_MS = 1000;
const RETRY_MS = 30_000;
const TIDY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A disk that takes longer is told of. */
const SLOW_MS = 10_000;
/** Lines that wait while nothing can be written: some 5 MB. */
const MAX_WAITING = 10_000;
/** Written at once, so that handing them to the thread takes the sound's thread a few ms at most. */
const MAX_BATCH = 1000;

type Phase =
  | { kind: 'opening' | 'idle' | 'busy'; opening: Opening }
  /** Nothing is tried for a while. The file may be open. */
  | { kind: 'resting'; opening: Opening | null }
  | { kind: 'closed' };

/**
 * Keeps a thread writing: what is added waits until the file is open, well and not busy. What is wrong is told to the log
 * once, by `history.failed`, and tried again every 30 s.
 */
export class HistoryWriter {
  readonly #parts: WriterParts;
  readonly #backlog = new Backlog<HistoryEntry>(MAX_WAITING);
  /** What the thread has been told to do and has not done; a tidying is an empty one. */
  #underWay: (readonly HistoryEntry[])[] = [];
  #phase: Phase = { kind: 'resting', opening: null };
  #fault: HistoryFault | null = null;
  #tidyDue = true;
  #isFirst = true;
  #setAsideAtMs = -Infinity;
  /** Those that the thread choked on. */
  #choked = 0;
  #isDropTold = false;
  #fileBytes = 0;
  #cancelFlush: Cancel | undefined;
  #cancelWait: Cancel | undefined;
  readonly #cancelTidy: Cancel;

  /** Opens the file in the background. */
  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#begin(false);
    this.#cancelTidy = repeat(parts.clock, TIDY_MS, () => {
      this.#tidyDue = true;
      this.#advance();
    });
  }

  /** What is wrong; null while all is well. */
  get fault(): HistoryFault | null {
    return this.#fault;
  }

  /** Lines and samples that will never be written, since the start. */
  get dropped(): number {
    return this.#backlog.dropped + this.#choked;
  }

  /** Bytes of the file and its log, as last known; 0 before. */
  get fileBytes(): number {
    return this.#fileBytes;
  }

  /** Where to read; or why nothing can be read now. */
  get source(): Opening | HistoryFault {
    if (this.#phase.kind === 'closed') return 'closed';
    return this.#phase.opening ?? this.#fault ?? 'io';
  }

  /** Writes `entry` within a second, or as soon as that is possible; beyond 10,000 the oldest goes. */
  add(entry: HistoryEntry): void {
    if (this.#phase.kind === 'closed') return;
    const { dropped } = this.#backlog;
    this.#backlog.push(entry);
    if (this.#backlog.dropped > dropped) this.#tellDropped();
    this.#cancelFlush ??= this.#parts.clock.after(FLUSH_MS, () => {
      this.#cancelFlush = undefined;
      this.#advance();
    });
  }

  /** Writes what waits and closes the file; 2 s at most. */
  async close(): Promise<void> {
    const phase = this.#phase;
    if (phase.kind === 'closed') return;
    this.#phase = { kind: 'closed' };
    this.#cancelFlush?.();
    this.#cancelWait?.();
    this.#cancelTidy();
    if (phase.opening) {
      const rest = this.#backlog.take(MAX_WAITING);
      if (rest.length > 0) this.#order(phase.opening, rest);
      await phase.opening.close();
    }
    const lost = this.#underWay.flat().length + this.#backlog.length;
    if (lost > 0) this.#parts.log.warn('history.lost', { lines: lost });
  }

  /** Gives an idle thread the next thing to do. After a fault lines go first: only they show that it is over. */
  #advance(): void {
    const phase = this.#phase;
    if (phase.kind !== 'idle') return;
    const waiting = this.#backlog.length;
    const isDue = waiting >= MAX_BATCH || (waiting > 0 && (!this.#cancelFlush || this.#fault !== null));
    if (!isDue && !this.#tidyDue) return;
    this.#phase = { kind: 'busy', opening: phase.opening };
    this.#watchSlow();
    if (isDue) return this.#order(phase.opening, this.#backlog.take(MAX_BATCH));
    this.#underWay.push([]);
    const { clock, days } = this.#parts;
    phase.opening.order({ kind: 'tidy', keepFromMs: clock.wallMs() - days * DAY_MS });
  }

  #order(opening: Opening, entries: readonly HistoryEntry[]): void {
    this.#underWay.push(entries);
    opening.order({ kind: 'write', entries });
  }

  #begin(setAside: boolean): void {
    this.#watchSlow();
    try {
      this.#phase = { kind: 'opening', opening: this.#open(setAside) };
    } catch (error) {
      // The system may have no thread left, or the installation no such file.
      this.#rest(null, 'internal', error instanceof Error ? error.message : typeof error);
    }
  }

  #open(setAside: boolean): Opening {
    const { dir, clock, worker } = this.#parts;
    const start = { dir, atMs: clock.wallMs(), setAside, endLeftCalls: this.#isFirst };
    return new Opening(worker, start, clock, {
      onOpened: (report) => {
        this.#isFirst = false;
        this.#tidyDue = true;
        this.#fileBytes = report.fileBytes;
        if (report.setAside) this.#parts.log.warn('history.set-aside', { file: report.setAside });
        if (report.leftCalls > 0) this.#parts.log.warn('history.left-calls', { calls: report.leftCalls });
        this.#goOn();
      },
      onChanged: ({ fileBytes }) => {
        if (this.#underWay.shift()?.length === 0) this.#tidyDue = false;
        this.#fileBytes = fileBytes;
        this.#recover();
        this.#goOn();
      },
      onFailed: (code, detail) => this.#fail(code, detail, true),
      onOver: (code, detail) => this.#fail(code, detail, false),
    });
  }

  /** The thread has done what it was told. */
  #goOn(): void {
    const phase = this.#phase;
    if (phase.kind !== 'opening' && phase.kind !== 'busy') return;
    this.#cancelWait?.();
    this.#phase = { kind: 'idle', opening: phase.opening };
    this.#advance();
  }

  #fail(code: HistoryFault, detail: string, isOpen: boolean): void {
    const phase = this.#phase;
    if (phase.kind === 'closed') return;
    this.#cancelWait?.();
    const entries = this.#underWay.flat();
    this.#underWay = [];
    // What the thread chokes on would choke it for ever.
    if (code === 'internal') this.#choked += entries.length;
    else this.#backlog.giveBack(entries);
    const nowMs = this.#parts.clock.nowMs();
    if (code === 'corrupt' && nowMs - this.#setAsideAtMs >= RETRY_MS) {
      this.#setAsideAtMs = nowMs;
      return this.#begin(true);
    }
    this.#rest(isOpen ? phase.opening : null, code, detail);
  }

  #rest(opening: Opening | null, code: HistoryFault, detail: string): void {
    this.#phase = { kind: 'resting', opening };
    this.#cancelWait?.();
    this.#cancelWait = this.#parts.clock.after(RETRY_MS, () => this.#retry(opening));
    this.#tellFault(code, detail);
  }

  #retry(opening: Opening | null): void {
    if (!opening) return this.#begin(false);
    this.#phase = { kind: 'idle', opening };
    this.#advance();
  }

  #watchSlow(): void {
    this.#cancelWait?.();
    this.#cancelWait = this.#parts.clock.after(SLOW_MS, () => this.#tellFault('slow', 'no answer'));
  }

  #tellFault(code: HistoryFault, detail: string): void {
    if (this.#fault === code) return;
    this.#fault = code;
    const file = join(this.#parts.dir, HISTORY_FILE);
    this.#parts.log.error('history.failed', { code, file, fix: FIXES[code], detail });
  }

  #recover(): void {
    if (!this.#fault) return;
    this.#fault = null;
    this.#isDropTold = false;
    this.#parts.log.info('history.recovered', { dropped: this.dropped });
  }

  #tellDropped(): void {
    if (this.#isDropTold) return;
    this.#isDropTold = true;
    this.#parts.log.warn('history.dropped', { code: 'backlog' });
  }
}
