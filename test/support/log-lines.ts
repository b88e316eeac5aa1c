import { createLog, type Log } from '../../relay/log.ts';

/** One line of the relay's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A log that keeps its lines, as the relay writes them. */
export function collectLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string): void => {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) lines.push(Object.fromEntries(Object.entries(value)));
  };
  return { log: createLog('info', { write }), lines };
}
