import type { Cancel, ClockScope } from './clock.ts';
import type { InputAction } from './ncco.ts';

/** What the caller typed. */
export interface DigitResult {
  digits: string;
  /** The last key was longer ago than `timeOut`, rather than the input being full or closed with `#`. */
  timedOut: boolean;
}

/** Collects the digits of one `input` action. */
export class DigitInput {
  readonly #clock: ClockScope;
  readonly #rules: InputAction['dtmf'];
  readonly #signal: AbortSignal;
  #onDone: (result: DigitResult) => void = () => {};
  readonly #onAbort = (): void => this.#finish(true);
  #digits = '';
  #cancelTimeout: Cancel = () => {};
  #done = false;

  /** Resolves once: full, `#`, timed out, or (as a timeout) when `signal` aborts. */
  readonly result: Promise<DigitResult>;

  constructor(clock: ClockScope, rules: InputAction['dtmf'], signal: AbortSignal) {
    this.#clock = clock;
    this.#rules = rules;
    this.#signal = signal;
    this.result = new Promise((resolve) => {
      this.#onDone = resolve;
    });
    signal.addEventListener('abort', this.#onAbort);
    this.#waitForKey();
  }

  press(digit: string): void {
    if (this.#done) return;
    if (digit === '#' && this.#rules.submitOnHash) return this.#finish(false);
    this.#digits += digit;
    if (this.#digits.length >= this.#rules.maxDigits) return this.#finish(false);
    this.#waitForKey();
  }

  #waitForKey(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = this.#clock.after(this.#rules.timeOut * 1000, () => this.#finish(true));
  }

  #finish(timedOut: boolean): void {
    this.#done = true;
    this.#cancelTimeout();
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#onDone({ digits: this.#digits, timedOut });
  }
}
