import { expect, test } from 'vitest';
import { systemClock } from '../../../relay/clock.ts';
import { problem, type Problem } from '../../../relay/errors.ts';
import { OpenFiles, type FileCount } from '../../../relay/watch/open-files.ts';
import { Readiness } from '../../../relay/watch/readiness.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('ready up to 101 files below the limit, then not: connections need them', () => {
  let count: FileCount | undefined;
  let refusal: Problem | undefined;
  const readiness = new Readiness({
    admission: () => refusal,
    files: {
      get count() {
        return count;
      },
    },
  });
  expect(readiness.hindrance).toBeUndefined();
  count = { open: 899, limit: 1000 };
  expect(readiness.hindrance).toBeUndefined();
  count = { open: 900, limit: 1000 };
  expect(readiness.hindrance).toMatchObject({ code: 'files-full', status: 503, retryAfterSec: 5 });
  refusal = problem('shutting-down', 'Going away.');
  expect(readiness.hindrance).toBe(refusal);
});

test('open files are read once a second at most, and listed once in 10 s', async () => {
  const clock = new FakeClock();
  const reads: boolean[] = [];
  const files = new OpenFiles(clock, async (mayList) => {
    reads.push(mayList);
    return mayList ? { open: reads.length, limit: 100 } : undefined;
  });
  await files.settled();
  for (let ms = 0; ms < 20_500; ms += 100) {
    void files.count;
    await files.settled();
    clock.advance(100);
  }
  expect(reads).toHaveLength(21);
  expect(reads.filter(Boolean)).toHaveLength(3);
  expect(files.count).toEqual({ open: 21, limit: 100 });
});

test('this process has some files open, and a limit above them', async () => {
  const files = new OpenFiles(systemClock);
  await files.settled();
  const { open = 0, limit = 0 } = files.count ?? {};
  expect(open).toBeGreaterThan(3);
  expect(limit).toBeGreaterThan(open);
});
