import type { Log, LogFields } from '../../relay/log.ts';
import { leakWatch } from './leak-watch.ts';

/** One line of a log. */
export interface LogLine extends LogFields {
  level: keyof Log;
  event: string;
}

/** A log that keeps its lines for the test. They are searched for secrets (leak-watch.ts). */
export class KeptLog implements Log {
  readonly lines: LogLine[] = [];

  debug(event: string, fields: LogFields = {}): void {
    this.#keep({ ...fields, level: 'debug', event });
  }

  info(event: string, fields: LogFields = {}): void {
    this.#keep({ ...fields, level: 'info', event });
  }

  warn(event: string, fields: LogFields = {}): void {
    this.#keep({ ...fields, level: 'warn', event });
  }

  error(event: string, fields: LogFields = {}): void {
    this.#keep({ ...fields, level: 'error', event });
  }

  /** Warnings and errors. */
  get complaints(): LogLine[] {
    return this.lines.filter(({ level }) => level === 'warn' || level === 'error');
  }

  /** Lines of one event. */
  of(event: string): LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  #keep(line: LogLine): void {
    leakWatch.line(line);
    this.lines.push(line);
  }
}
