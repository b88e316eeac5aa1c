import { expect } from 'chai';
import fc from 'fast-check';
import { Planner, PRESETS, presetOf } from '../../component/playout/planner.ts';
import { seeded } from '../support/random.ts';

const names = fc.constantFrom('low', 'balanced', 'smooth');
const chunkMs = fc.integer({ min: 1, max: 50 }).map((frames) => frames * 20);
const rates = fc.constantFrom(8000, 16_000, 24_000);

/** What comes: how late, whether at all, and what of it is a pause. */
const arrivals = fc.array(
  fc.record({
    lateMs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 30 }) },
      fc.integer({ min: 0, max: 6000 }),
    ),
    missing: fc.oneof({ weight: 19, arbitrary: fc.constant(false) }, fc.boolean()),
    quiet: fc.boolean(),
    sync: fc.boolean(),
  }),
  { minLength: 1, maxLength: 120 },
);

/** Delay of the last chunk after 60 s, ms. */
function settled(durMs: number, sampleRate: number, seed: number): number {
  const random = seeded(seed);
  const planner = new Planner(PRESETS.balanced);
  const samples = (durMs * sampleRate) / 1000;
  let delayMs = 0;
  planner.join(0);
  for (let n = 0; n * durMs < 60_000; n++) {
    const tsMs = (n * samples * 1000) / sampleRate;
    const plan = planner.plan({ tsMs, durMs, quiet: [] }, tsMs + durMs + random() * 10);
    if (plan.kind === 'play') delayMs = plan.startMs - (tsMs + durMs);
  }
  return delayMs;
}

describe('planner, for any trace', function () {
  this.timeout(60_000);

  it('in 1000 traces never overlaps, never plays in the past, never passes its bound, never edits outside a pause', () => {
    fc.assert(
      fc.property(names, chunkMs, arrivals, (name, durMs, trace) => {
        const preset = presetOf(name);
        const planner = new Planner(preset);
        let nowMs = 0;
        let endMs = -Infinity;
        planner.join(nowMs);
        for (const [n, { lateMs, missing, quiet, sync }] of trace.entries()) {
          const tsMs = n * durMs;
          nowMs = Math.max(nowMs, tsMs + durMs + lateMs);
          if (sync) planner.sync(tsMs + durMs, nowMs);
          if (missing) continue;
          const plan = planner.plan(
            { tsMs, durMs, quiet: quiet ? [{ startMs: 0, endMs: durMs }] : [] },
            nowMs,
          );
          expect(planner.targetMs).to.be.within(preset.minMs, preset.maxMs);
          if (plan.kind !== 'play') continue;
          expect(plan.startMs).to.be.at.least(Math.max(endMs, nowMs + 20));
          expect(plan.endMs).to.be.above(plan.startMs);
          expect(plan.rate).to.be.within(0.99, 1.005);
          expect(planner.behindMs).to.be.at.most(preset.maxMs + 500 + 1000 + 1e-6);
          if (!quiet) expect(plan.splices).to.deep.equal([]);
          for (const { fromMs, toMs } of plan.splices) {
            expect(Math.min(fromMs, toMs)).to.be.at.least(4);
            expect(Math.max(fromMs, toMs)).to.be.at.most(durMs);
          }
          endMs = plan.endMs;
        }
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('in 60 traces of 60 s keeps the same delay, ±20 ms, for any chunk of 20 to 1000 ms at 8, 16 and 24 kHz', () => {
    fc.assert(
      fc.property(chunkMs, rates, fc.integer(), (durMs, sampleRate, seed) => {
        expect(settled(durMs, sampleRate, seed)).to.be.closeTo(settled(100, 16_000, seed), 20);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
