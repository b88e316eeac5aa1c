import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endSampleOf, type Chunk } from '../../../wire/chunk.ts';
import { Cutter } from '../../../relay/fanout/cutter.ts';

/** Frame `n` of an epoch at 16 kHz, filled with its number. */
function frame(n: number, fields: Partial<Chunk> = {}): Chunk {
  const place = { epoch: 1, firstSample: n * 320, sequence: n, gapBefore: false, padded: false };
  return { ...place, sampleRate: 16_000, pcm: new Uint8Array(640).fill(n), ...fields };
}

function cut(cutter: Cutter, frames: readonly Chunk[]): Chunk[] {
  return frames.flatMap((each) => cutter.push(each));
}

const frames = (from: number, count: number): Chunk[] =>
  Array.from({ length: count }, (_, n) => frame(from + n));

/** First frame and length in frames. */
const spans = (chunks: readonly Chunk[]) =>
  chunks.map(({ firstSample, pcm }) => [firstSample / 320, pcm.length / 640]);

describe('a cutter of 200 ms', () => {
  test.each([0, 20, 180])('with offset %i ms ends its chunks there, the first one short', (offsetMs) => {
    const chunks = cut(new Cutter(200, offsetMs), frames(0, 30));
    const ends = chunks.map((chunk) => endSampleOf(chunk) / 16);
    const first = offsetMs || 200;
    expect(ends).toEqual([first, first + 200, first + 400].filter((endMs) => endMs <= 600));
    expect(chunks.map(({ sequence }) => sequence)).toEqual(chunks.map((_, n) => n));
  });

  test('gives pieces of its own length on as they are', () => {
    const piece = frame(0, { pcm: new Uint8Array(6400) });
    expect(new Cutter(200, 0).push(piece)).toEqual([{ ...piece, sequence: 0 }]);
  });

  test('cuts pieces of 100 ms that never end at its offset after 200 ms', () => {
    const pieces = Array.from({ length: 6 }, (_, n) => frame(5 * n, { pcm: new Uint8Array(3200) }));
    expect(spans(cut(new Cutter(200, 20), pieces))).toEqual([
      [0, 10],
      [10, 10],
      [20, 10],
    ]);
  });

  test('begins a new chunk where samples are missing, at a gap, another rate and another epoch', () => {
    const cutter = new Cutter(200, 0);
    const chunks = cut(cutter, [
      frame(0),
      frame(2),
      frame(3, { gapBefore: true }),
      frame(4, { sampleRate: 8000, firstSample: 640 }),
      frame(5, { epoch: 2 }),
    ]);
    expect([...chunks, ...cutter.flush()].map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 0],
    ]);
    expect(cutter.flush()).toEqual([]);
  });

  test('is padded where one of its frames is, and has a gap before it only where its first has', () => {
    const chunk = cut(new Cutter(200, 0), [frame(8, { gapBefore: true }), frame(9, { padded: true })])[0];
    expect([chunk?.gapBefore, chunk?.padded]).toEqual([true, true]);
  });

  test('that goes on from another has its open frames and its next number, and leaves it alone', () => {
    const first = new Cutter(200, 0);
    cut(first, frames(0, 12));
    const second = new Cutter(200, 60, first);
    expect(spans(cut(second, frames(12, 11)))).toEqual([
      [10, 3],
      [13, 10],
    ]);
    const [chunk] = cut(first, frames(12, 8));
    expect([chunk?.sequence, chunk?.firstSample, chunk?.pcm.length]).toEqual([1, 3200, 6400]);
  });
});

test('10,000 streams with pauses, gaps and epochs: every frame comes out once, in order, +1, within 200 ms', () => {
  const word = fc.record({
    frames: fc.integer({ min: 1, max: 25 }),
    lost: fc.integer({ min: 0, max: 3 }),
    flush: fc.boolean(),
    epoch: fc.integer({ min: 0, max: 9 }),
  });
  const place = fc.record({
    chunkMs: fc.integer({ min: 1, max: 10 }),
    offset: fc.integer({ min: 0, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), place, (words, { chunkMs, offset }) => {
      const cutter = new Cutter(chunkMs * 20, (offset % chunkMs) * 20);
      const sent: string[] = [];
      const heard: string[] = [];
      const last = { epoch: 0, sequence: -1 };
      const hear = (chunks: readonly Chunk[]): void => {
        for (const { epoch, firstSample, pcm, sequence } of chunks) {
          expect(pcm.length / 640).toBeLessThanOrEqual(chunkMs);
          expect(sequence).toBe(epoch === last.epoch ? last.sequence + 1 : 0);
          Object.assign(last, { epoch, sequence });
          for (let n = 0; n < pcm.length / 640; n++)
            heard.push(`${epoch}:${firstSample / 320 + n}:${pcm[640 * n]}`);
        }
      };
      let [epoch, at] = [1, 0];
      for (const each of words) {
        if (each.epoch === 0) [epoch, at] = [epoch + 1, 0];
        at += each.lost;
        for (let n = 0; n < each.frames; n++, at++) {
          sent.push(`${epoch}:${at}:${at & 0xff}`);
          hear(cutter.push(frame(at, { epoch, gapBefore: n === 0 && each.lost > 0 })));
        }
        if (each.flush) hear(cutter.flush());
      }
      hear(cutter.flush());
      expect(heard).toEqual(sent);
    }),
    { numRuns: 10_000 },
  );
});
