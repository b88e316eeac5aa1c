/** `performance.now()` counts from the start of its process; the machine's monotonic clock from a common zero. */
const offsetUs = Math.max(
  ...Array.from({ length: 20 }, () => Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000),
);

/** Microseconds on the clock that all processes of a machine share. */
export function monotonicUs(): number {
  return performance.now() * 1000 + offsetUs;
}

/** Resolves after so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Resolves when {@link monotonicUs} has come this far. */
export function sleepUntil(atUs: number): Promise<void> {
  return sleep(Math.max(0, (atUs - monotonicUs()) / 1000));
}
