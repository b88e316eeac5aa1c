import { describe, expect, test } from 'vitest';
import { KEEPING_UP, step, type Pace, type PaceEvent, type PaceVerdict } from '../../../relay/fanout/pace.ts';
import { Probe } from '../../../relay/fanout/probe.ts';

/** What becomes of a listener to whom this happens, by seconds. */
function life(...events: [atSec: number, event: PaceEvent][]): PaceVerdict[] {
  let pace: Pace = KEEPING_UP;
  return events.map(([atSec, event]) => {
    const [next, verdict] = step(pace, event, atSec * 1000);
    pace = next;
    return verdict;
  });
}

const beat = (behindMs: number): PaceEvent => ({ kind: 'beat', behindMs });
const caughtUp: PaceEvent = { kind: 'caught-up' };
const full: PaceEvent = { kind: 'full' };

describe('a listener', () => {
  test('that answers within 4 s is kept, beat after beat', () => {
    expect(life([5, beat(0)], [10, beat(3999)], [15, beat(4000)])).toEqual(['keep', 'keep', 'keep']);
  });

  test('that is 4001 ms behind is dropped to live once, and closed when it is again 59 s later', () => {
    expect(life([0, beat(4001)], [3, caughtUp], [59, beat(4001)])).toEqual(['skip', 'keep', 'close']);
  });

  test('is forgiven after 60 s', () => {
    expect(life([0, beat(4001)], [3, caughtUp], [60, beat(4001)])).toEqual(['skip', 'keep', 'skip']);
  });

  test('that is being skipped is not judged again until it has caught up', () => {
    expect(life([0, full], [1, full], [5, beat(5000)], [6, caughtUp], [7, full])).toEqual([
      'skip',
      'keep',
      'keep',
      'keep',
      'close',
    ]);
  });

  test('that has answered nothing for 10 s is cut, skipped or not', () => {
    expect(life([0, beat(10_000)])).toEqual(['cut']);
    expect(life([0, beat(5000)], [5, beat(10_000)])).toEqual(['skip', 'cut']);
  });
});

describe('a probe', () => {
  test('says how long an answer has been awaited, then how long it took, until the next question', () => {
    const probe = new Probe();
    expect([probe.pending, probe.behindMs(500)]).toEqual([false, 0]);
    probe.asked(1000);
    expect([probe.pending, probe.behindMs(5000)]).toEqual([true, 4000]);
    probe.answered(5500);
    expect([probe.pending, probe.behindMs(9000)]).toEqual([false, 4500]);
    probe.asked(10_000);
    probe.answered(10_020);
    expect(probe.behindMs(15_000)).toBe(20);
  });

  test('takes no answer that nobody asked for', () => {
    const probe = new Probe();
    probe.answered(700);
    expect(probe.behindMs(800)).toBe(0);
  });
});
