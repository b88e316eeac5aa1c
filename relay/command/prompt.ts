import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks a person. */
export interface Prompt {
  /** The answer; undefined once there are no more. A secret is not shown while it is typed. */
  ask(question: string, isSecret: boolean): Promise<string | undefined>;
  close(): void;
}

/** What is typed, shown or not. */
class Echo extends Writable {
  isSilent = false;
  readonly #shown: NodeJS.WritableStream;

  constructor(shown: NodeJS.WritableStream) {
    super();
    this.#shown = shown;
  }

  override _write(part: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isSilent) this.#shown.write(part);
    done();
  }
}

/** A terminal, or lines that a script sends. */
export class ConsolePrompt implements Prompt {
  readonly #shown: NodeJS.WritableStream;
  readonly #echo: Echo;
  readonly #lines: Interface;
  /** Lines that came before they were asked for: a script sends all at once. */
  readonly #early: string[] = [];
  #take: ((line: string | undefined) => void) | undefined;
  #isOver = false;

  constructor(input: NodeJS.ReadStream, shown: NodeJS.WritableStream) {
    this.#shown = shown;
    this.#echo = new Echo(shown);
    // No history: arrow-up would bring a secret back.
    this.#lines = createInterface({ input, output: this.#echo, terminal: input.isTTY, historySize: 0 });
    this.#lines.on('line', (line) => {
      if (this.#take) this.#settle(line);
      else this.#early.push(line);
    });
    this.#lines.once('SIGINT', () => this.#lines.close());
    this.#lines.once('close', () => {
      this.#isOver = true;
      this.#settle(undefined);
    });
  }

  async ask(question: string, isSecret: boolean): Promise<string | undefined> {
    this.#lines.setPrompt(question);
    if (!this.#isOver) this.#lines.prompt();
    // What has been shown is the question; from here on it is the answer.
    this.#echo.isSilent = isSecret;
    const answer = this.#early.shift() ?? (this.#isOver ? undefined : await this.#next());
    this.#echo.isSilent = false;
    if (isSecret) this.#shown.write('\n');
    return answer;
  }

  close(): void {
    this.#lines.close();
  }

  #next(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#take = resolve;
    });
  }

  #settle(line: string | undefined): void {
    const take = this.#take;
    this.#take = undefined;
    take?.(line);
  }
}
