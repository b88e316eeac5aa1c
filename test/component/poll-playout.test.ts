import { expect } from 'chai';
import { Planner, presetOf } from '../../component/playout/planner.ts';
import { seeded } from '../support/random.ts';

/** Breaks and first delay of 30 s of speech polled once in `gapMs`, ± `jitterMs`; `presetGapMs` is what is made known. */
function poll(gapMs: number, jitterMs: number, presetGapMs: number): { underruns: number; behindMs: number } {
  const planner = new Planner();
  planner.join(0, presetOf('balanced', presetGapMs));
  const random = seeded(gapMs);
  let underruns = 0;
  let next = 0;
  let behindMs = Number.NaN;
  for (let nowMs = 1050; nowMs < 30_000; nowMs += gapMs + jitterMs * random()) {
    // Every answer begins with a hello, which tells the media clock.
    planner.sync(nowMs - 50, nowMs);
    while ((next + 1) * 100 <= nowMs - 50) {
      const plan = planner.plan({ tsMs: next++ * 100, durMs: 100, quiet: [] }, nowMs);
      if (plan.kind === 'resync') underruns++;
      if (plan.kind === 'play' && plan.underrun) underruns++;
    }
    behindMs = Number.isNaN(behindMs) ? planner.behindMs : behindMs;
  }
  return { underruns, behindMs };
}

describe('polled sound', () => {
  for (const [gapMs, jitterMs] of [
    [1020, 20],
    [1100, 100],
    [1200, 60],
  ] as const) {
    it(`in batches every ${gapMs} ms, up to ${jitterMs} ms late: no break in 30 s, less than 1.5 s behind`, () => {
      const { underruns, behindMs } = poll(gapMs, jitterMs, 1200);
      expect(underruns).to.equal(0);
      expect(behindMs).to.be.below(1500);
    });
  }

  it('breaks at least once where nobody says that it is polled', () => {
    expect(poll(1100, 100, 0).underruns).to.be.at.least(1);
  });
});
