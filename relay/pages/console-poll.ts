const EVERY_MS = 1000;
const MOST_MS = 5000;

/** How long to wait before the next question, when so many in a row were not answered. */
export function pauseMs(failures: number): number {
  return Math.min(MOST_MS, EVERY_MS * 2 ** failures);
}

/** Asks again and again while the page is seen, one question at a time. */
export class Poll {
  readonly #ask: () => Promise<boolean>;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRunning = false;
  #isAsking = false;

  /** `ask` resolves to whether there was an answer, and never rejects. */
  constructor(ask: () => Promise<boolean>) {
    this.#ask = ask;
  }

  /** Asks at once, and goes on. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    document.addEventListener('visibilitychange', this.#seen);
    this.#seen();
  }

  /** Asks no more. */
  stop(): void {
    this.#isRunning = false;
    this.#failures = 0;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#seen);
  }

  /** Asks now, as after something was done that changes the answer. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isRunning || this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    const isAnswered = await this.#ask();
    this.#isAsking = false;
    this.#failures = isAnswered ? 0 : this.#failures + 1;
    clearTimeout(this.#timer);
    if (this.#isRunning) this.#timer = setTimeout(() => void this.now(), pauseMs(this.#failures));
  }

  readonly #seen = (): void => {
    if (!document.hidden) void this.now();
    else clearTimeout(this.#timer);
  };
}
