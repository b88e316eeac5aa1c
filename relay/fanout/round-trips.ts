/** So many answers are kept: of 256 listeners a beat, or of the last minutes of a few. */
const KEPT = 256;

/** How long the last answers to pings took, ms. Takes no memory before the first one, and never more than 2 kB. */
export class RoundTrips {
  #ring: Float64Array | undefined;
  #count = 0;

  /** Takes an answer in; the oldest of 256 makes room. */
  add(tookMs: number): void {
    this.#ring ??= new Float64Array(KEPT);
    this.#ring[this.#count++ % KEPT] = tookMs;
  }

  /** Forgets them: those who answered have gone. */
  clear(): void {
    this.#count = 0;
  }

  /** Half of the answers came within `p50`, 19 of 20 within `p95`; null while there is none. */
  get quantiles(): { p50: number; p95: number } | null {
    const sorted = this.#ring?.slice(0, Math.min(this.#count, KEPT)).toSorted();
    if (!sorted || sorted.length === 0) return null;
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return { p50: at(0.5), p95: at(0.95) };
  }
}
