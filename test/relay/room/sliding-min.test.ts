import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingMin } from '../../../relay/room/sliding-min.ts';

test('before the first value there is no minimum', () => {
  expect(new SlidingMin(1000).value).toBeUndefined();
});

test('agrees with a plain search over the window, for 300 random series', () => {
  const entry = fc.record({ value: fc.integer({ min: -50, max: 50 }), stepMs: fc.nat(400) });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 80 }), (entries) => {
      const sliding = new SlidingMin(1000);
      const seen: { value: number; atMs: number }[] = [];
      let atMs = 0;
      for (const { value, stepMs } of entries) {
        atMs += stepMs;
        seen.push({ value, atMs });
        sliding.push(value, atMs);
        const inWindow = seen.filter((each) => each.atMs >= atMs - 1000);
        expect(sliding.value).toBe(Math.min(...inWindow.map((each) => each.value)));
      }
    }),
    { numRuns: 300 },
  );
});

test('a pause of an hour forgets nothing before the next value', () => {
  const sliding = new SlidingMin(1000);
  sliding.push(3, 0);
  expect(sliding.value).toBe(3);
  sliding.push(7, 3_600_000);
  expect(sliding.value).toBe(7);
});
