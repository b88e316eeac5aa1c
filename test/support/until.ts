const POLL_MS = 10;

/** Polls until `check` gives a value other than undefined and false; rejects after `withinMs`, saying what was awaited. */
export async function until<Value>(
  what: string,
  check: () => Value | Promise<Value>,
  withinMs = 10_000,
): Promise<Exclude<Awaited<Value>, undefined | false>> {
  const giveUpMs = performance.now() + withinMs;
  for (;;) {
    const value = await check();
    if (isThere(value)) return value;
    if (performance.now() > giveUpMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isThere<Value>(value: Value): value is Exclude<Value, undefined | false> {
  return value !== undefined && value !== false;
}
