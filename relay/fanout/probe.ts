/** A question that a listener can answer only when it has taken all that was sent before it. Pure: times are given. */
export class Probe {
  #askedAtMs: number | undefined;
  #answeredInMs = 0;
  /** The last answer, until it is taken. */
  #untakenMs: number | undefined;

  /** Whether the last question is not answered yet. */
  get pending(): boolean {
    return this.#askedAtMs !== undefined;
  }

  /** For how long the last answer has been awaited or, when it has come, how long it took, ms. */
  behindMs(nowMs: number): number {
    return this.#askedAtMs === undefined ? this.#answeredInMs : nowMs - this.#askedAtMs;
  }

  /** The question has been put; only while none is pending. */
  asked(nowMs: number): void {
    this.#askedAtMs = nowMs;
  }

  /** The answer has come; one that nobody asked for does nothing. */
  answered(nowMs: number): void {
    if (this.#askedAtMs === undefined) return;
    this.#answeredInMs = nowMs - this.#askedAtMs;
    this.#askedAtMs = undefined;
    this.#untakenMs = this.#answeredInMs;
  }

  /** How long the last answer took, ms; undefined when it has been taken already, or none has come. */
  takeAnswer(): number | undefined {
    const tookMs = this.#untakenMs;
    this.#untakenMs = undefined;
    return tookMs;
  }
}
