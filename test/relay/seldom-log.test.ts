import { expect, test } from 'vitest';
import { SeldomLog } from '../../relay/seldom-log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { KeptLog } from '../support/quiet-log.ts';

test('of 10 000 warnings within a minute the first is logged, and the next minute’s first says 10 000 times', () => {
  const log = new KeptLog();
  const clock = new FakeClock();
  const seldom = new SeldomLog(log, clock, 60_000);
  for (let n = 0; n < 10_000; n++) seldom.warn('it.happened', { code: 'x' });
  seldom.warn('it.happened', { code: 'y' });
  clock.advance(59_999);
  seldom.warn('it.happened', { code: 'x' });
  clock.advance(1);
  seldom.warn('it.happened', { code: 'x' });
  expect(log.lines.map(({ code, times }) => [code, times])).toEqual([
    ['x', 1],
    ['y', 1],
    ['x', 10_001],
  ]);
});
