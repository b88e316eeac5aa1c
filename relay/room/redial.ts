const FIRST_MS = 500;
const CAP_MS = 30_000;

/**
 * Milliseconds to wait before the next call after `attempt` calls (1, 2, …): doubling from 0.5 s to 30 s, of which a
 * random half is taken off so that rooms that fell together do not dial together. `random` is in [0, 1).
 */
export function redialDelayMs(attempt: number, random: number): number {
  const fullMs = Math.min(CAP_MS, FIRST_MS * 2 ** Math.max(0, attempt - 1));
  return fullMs * (1 - random / 2);
}
