import { describeError, type Log } from './log.ts';

/** A relay that has failed at what nobody caught says goodbye for no longer than this, and its supervisor starts it anew. */
const FAILED_CLOSE_MS = 5000;
/** Once the relay is closed, what still keeps the process alive, such as an unanswered request, may do so no longer. */
const LINGER_MS = 1000;
/** So much of the way to the error is told. */
const PLACES = 3;

/** When and how this process is to end. One for a process. */
export class ServiceEnd {
  /** Resolves when it is told to stop, or has failed. */
  readonly began: Promise<void>;
  readonly #log: Log;
  #stopping = false;
  #failed = false;

  /** From now on the first SIGTERM or SIGINT begins the end; another one ends the process at once with code 1. */
  constructor(log: Log) {
    this.#log = log;
    this.began = new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => {
          if (this.#stopping || this.#failed) process.exit(1);
          this.#stopping = true;
          resolve();
        });
      }
      // Node turns a rejection that nobody handles into one of these.
      process.on('uncaughtException', (error) => {
        this.#fail(error);
        resolve();
      });
    });
  }

  /** 0 for an end that was asked for, 1 for one that was not. The process goes very soon, whatever else it does. */
  finish(): 0 | 1 {
    const code = this.#failed ? 1 : 0;
    setTimeout(() => process.exit(code), LINGER_MS).unref();
    return code;
  }

  /** Once: what fails after that, fails because of it. */
  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    setTimeout(() => process.exit(1), FAILED_CLOSE_MS);
    // Not its message: nobody knows this error, and it may quote what must not be told.
    const { message: _, ...known } = describeError(error);
    this.#log.error('relay.failed', { ...known, at: placesOf(error) });
  }
}

/** The way to the error, without its message. */
function placesOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack?.split('\n') ?? []) : [];
  const places = lines.filter((line) => line.startsWith('    at ')).map((line) => line.trim());
  return places.slice(0, PLACES).join(' ');
}
