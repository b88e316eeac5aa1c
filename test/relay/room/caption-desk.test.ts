import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaptionMessage } from '../../../wire/messages.ts';
import { NOTHING_WRITTEN, step, tickDueMs, type CaptionAction } from '../../../relay/room/caption-desk.ts';

function caption(id: string, text: string, final = false): CaptionMessage {
  return { type: 'caption', id, epoch: 1, startMs: 0, endMs: 0, text, final };
}

/** What goes out of captions that come at these times, ms, with the ticks that fall due between and after them. */
function sentOf(coming: readonly (readonly [atMs: number, CaptionMessage])[]) {
  let desk = NOTHING_WRITTEN;
  const sent: { atMs: number; id: string; text: string; final: boolean }[] = [];
  let refused = 0;
  const perform = (action: CaptionAction, atMs: number): void => {
    if (action.kind === 'too-many') refused++;
    if (action.kind !== 'send') return;
    const { id, text, final } = action.caption;
    sent.push({ atMs, id, text, final });
  };
  const tickUntil = (endMs: number): void => {
    for (let dueMs = tickDueMs(desk); dueMs !== null && dueMs <= endMs; dueMs = tickDueMs(desk)) {
      const [next, action] = step(desk, { kind: 'tick' }, dueMs);
      desk = next;
      perform(action, dueMs);
    }
  };
  for (const [atMs, each] of coming) {
    tickUntil(atMs);
    const [next, action] = step(desk, { kind: 'caption', caption: each }, atMs);
    desk = next;
    perform(action, atMs);
  }
  tickUntil(Infinity);
  return { sent, refused, desk };
}

describe('of the captions of a leg', () => {
  test('a partial, a longer one 300 ms later and the final go out as they come', () => {
    const { sent } = sentOf([
      [0, caption('a', 'Good')],
      [300, caption('a', 'Good morning')],
      [350, caption('a', 'Good morning.', true)],
    ]);
    expect(sent.map(({ atMs, text, final }) => [atMs, text, final])).toEqual([
      [0, 'Good', false],
      [300, 'Good morning', false],
      [350, 'Good morning.', true],
    ]);
  });

  test('100 partials within a second are 4 and the newest, each 250 ms after the one before', () => {
    const { sent, refused } = sentOf(Array.from({ length: 100 }, (_, n) => [10 * n, caption('a', `${n}`)]));
    expect(sent.map(({ atMs, text }) => [atMs, text])).toEqual([
      [0, '0'],
      [250, '24'],
      [500, '49'],
      [750, '74'],
      [1000, '99'],
    ]);
    expect(refused).toBe(0);
  });

  test('a partial that waits is dropped by its final, and not by that of another', () => {
    const own = sentOf([
      [0, caption('a', 'one')],
      [10, caption('a', 'one two')],
      [20, caption('a', 'One, two.', true)],
    ]);
    expect(own.sent.map(({ text }) => text)).toEqual(['one', 'One, two.']);
    const others = sentOf([
      [0, caption('a', 'one')],
      [10, caption('b', 'yes')],
      [20, caption('a', 'One.', true)],
    ]);
    expect(others.sent.map(({ text }) => text)).toEqual(['one', 'One.', 'yes']);
  });

  test('a final goes out once, and nothing of its id after it', () => {
    const { sent } = sentOf([
      [0, caption('a', 'One.', true)],
      [500, caption('a', 'One.', true)],
      [1000, caption('a', 'one or')],
    ]);
    expect(sent).toHaveLength(1);
  });

  test('a partial that says what the last one said is not repeated', () => {
    const { sent } = sentOf([0, 300, 600].map((atMs) => [atMs, caption('a', 'same')]));
    expect(sent).toHaveLength(1);
  });

  test('the 11th final within a second is refused, and one a second later goes out', () => {
    const finals = Array.from({ length: 11 }, (_, n) => [n, caption(`f${n}`, 'x', true)] as const);
    const { sent, refused } = sentOf([...finals, [1000, caption('late', 'x', true)]]);
    expect([sent.length, refused]).toEqual([11, 1]);
    expect(sent.at(-1)?.id).toBe('late');
  });

  test('1000 finals leave 64 ids in memory', () => {
    const { desk } = sentOf(
      Array.from({ length: 1000 }, (_, n) => [200 * n, caption(`f${n}`, 'x', true)] as const),
    );
    expect([desk.finalIds.length, desk.finalsAtMs.length <= 10]).toEqual([64, true]);
  });

  test('of 1000 made-up runs none has 5 partials in a second, two finals of an id, or lacks the newest words', () => {
    const coming = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 400 }),
        id: fc.constantFrom('a', 'b'),
        text: fc.constantFrom('1', '2', '3'),
        final: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(coming, (each) => {
        let atMs = 0;
        const timed = each.map(
          ({ afterMs, id, text, final }) => [(atMs += afterMs), caption(id, text, final)] as const,
        );
        const { sent } = sentOf(timed);
        const partialsMs = sent.filter(({ final }) => !final).map((one) => one.atMs);
        for (const [n, at] of partialsMs.entries())
          expect(at - (partialsMs[n - 4] ?? -Infinity)).toBeGreaterThanOrEqual(1000);
        const finals = sent.filter(({ final }) => final).map(({ id }) => id);
        expect(new Set(finals).size).toBe(finals.length);
        const last = timed.at(-1)?.[1];
        if (!last || finals.includes(last.id)) return;
        expect(sent.findLast(({ id }) => id === last.id)).toMatchObject({ text: last.text });
      }),
      { numRuns: 1000 },
    );
  });
});
