/** Exit code of a command: 0 done, 1 failed, 2 wrong usage or settings. */
export type ExitCode = 0 | 1 | 2;

/** Where a command writes to. */
export interface Terminal {
  /** What was asked for. */
  out(text: string): void;
  /** What is wrong, or to be known beside it. */
  err(text: string): void;
}

/** One line about what is to be known. */
export function warn(terminal: Terminal, message: string): void {
  terminal.err(`conf-relay: ${message}\n`);
}

/** The same about wrong usage or settings, with the exit code for it. */
export function refuse(terminal: Terminal, message: string): 2 {
  warn(terminal, message);
  return 2;
}

/** A value for scripts. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, null, 2)}\n`);
}
