/** Makes the page's timers run `times` as fast until what is returned is called. Clocks go on as they are. */
export function hurry(times: number): () => void {
  const real = globalThis.setTimeout;
  Reflect.set(globalThis, 'setTimeout', (act: () => void, ms = 0) => real(act, ms / times));
  return () => {
    globalThis.setTimeout = real;
  };
}
