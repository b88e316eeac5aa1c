import { pino } from 'pino';

/** What a log line may carry beside its event: ids, counts, codes. Never a ticket, key, PIN or phone number. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line per event of the relay's life. `event` is a stable, dotted name such as `leg.opened`. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Levels from most to least talkative. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line of the log, as who watches the relay sees it. */
export interface Happening {
  /** Unix milliseconds. */
  atMs: number;
  level: 'info' | 'warn' | 'error';
  event: string;
  fields: LogFields;
}

/** The same log, of which `watch` is told too, whatever the log's own level; not of what is said for debugging. */
export function watched(log: Log, wallMs: () => number, watch: (happening: Happening) => void): Log {
  const tell =
    (level: Happening['level']) =>
    (event: string, fields: LogFields = {}): void => {
      log[level](event, fields);
      watch({ atMs: wallMs(), level, event, fields });
    };
  return {
    debug: (event, fields) => log.debug(event, fields),
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
  };
}

/** A log that can be told to say more, or less. */
export interface LevelledLog extends Log {
  setLevel(level: LogLevel): void;
}

/** A log of one JSON object a line on `stream` (default: standard output). */
export function createLog(level: LogLevel, stream?: { write(line: string): void }): LevelledLog {
  const options = { level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime };
  const out = stream ? pino(options, stream) : pino(options);
  return {
    debug: (event, fields = {}) => out.debug(fields, event),
    info: (event, fields = {}) => out.info(fields, event),
    warn: (event, fields = {}) => out.warn(fields, event),
    error: (event, fields = {}) => out.error(fields, event),
    setLevel: (next) => {
      out.level = next;
    },
  };
}

/**
 * What may be told of a caught error: its name, code and message. Never the error itself: the Vonage SDK hangs the
 * bearer token on its errors (`VetchError.config.headers`), so objects stay out of the log.
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, message: error.message, code };
}
