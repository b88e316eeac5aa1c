import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameBytes, msOf, samplesIn, type SampleRate } from '../../../wire/format.ts';
import { Chunker, type UnnumberedChunk } from '../../../relay/room/chunker.ts';
import { seeded } from '../../support/random.ts';

const EPOCH = 1_795_224_993_123;
const RATE = 16_000;

/** A leg of 20 ms frames, each holding its own number, and the chunks that came of it. */
class Leg {
  readonly chunks: UnnumberedChunk[] = [];
  readonly chunker: Chunker;
  readonly #sampleRate: SampleRate;
  nowMs: number;
  #number = 0;

  constructor({
    chunkMs = 100,
    sampleRate = RATE,
    startMs = 5000,
  }: { chunkMs?: number; sampleRate?: SampleRate; startMs?: number } = {}) {
    this.#sampleRate = sampleRate;
    this.nowMs = startMs;
    this.chunker = new Chunker({ epoch: EPOCH, sampleRate, chunkMs });
  }

  /** `count` frames, one every `everyMs`, each `jitterMs()` late. */
  frames(count: number, everyMs = 20, jitterMs: () => number = () => 0): this {
    let arrivedMs = 0;
    for (let n = 0; n < count; n++) {
      arrivedMs = Math.max(arrivedMs, this.nowMs + jitterMs());
      this.frame(arrivedMs);
      this.nowMs += everyMs;
    }
    return this;
  }

  /** The next frame, at `arrivedMs`; `bytes` of it. */
  frame(arrivedMs: number, bytes = frameBytes(this.#sampleRate)): UnnumberedChunk[] {
    const frame = new Uint8Array(bytes);
    new Uint16Array(frame.buffer).fill(++this.#number);
    const chunks = this.chunker.push(frame, arrivedMs);
    this.chunks.push(...chunks);
    return chunks;
  }

  /** Nothing arrives for `ms`; what was spoken meanwhile is still to come. */
  stall(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Nothing arrives for `ms`; what was spoken meanwhile never comes. */
  lose(ms: number): this {
    this.#number += ms / 20;
    return this.stall(ms);
  }

  end(): this {
    this.chunks.push(...this.chunker.flush());
    return this;
  }

  get gaps(): number[] {
    return this.chunks.flatMap((chunk, n) => (chunk.gapBefore ? [n] : []));
  }

  /** Numbers of the frames that came through, in order. */
  get numbers(): number[] {
    const samples = samplesIn(20, this.#sampleRate);
    return this.chunks.flatMap(({ pcm }) => {
      const values = new Uint16Array(pcm.slice().buffer);
      return Array.from({ length: values.length / samples }, (_, n) => values[n * samples] ?? -1);
    });
  }
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

function endOf(chunk: UnnumberedChunk | undefined): number {
  return chunk ? chunk.firstSample + chunk.pcm.length / 2 : Number.NaN;
}

describe('frames become chunks', () => {
  test('5 frames make one 100 ms chunk of 1600 samples, the 4 before it none', () => {
    const leg = new Leg().frames(4);
    expect(leg.chunks).toEqual([]);
    leg.frames(1);
    expect(leg.chunks.map(({ pcm, ...rest }) => ({ ...rest, pcmBytes: pcm.length }))).toEqual([
      {
        epoch: EPOCH,
        firstSample: 0,
        gapBefore: false,
        padded: false,
        sampleRate: RATE,
        pcmBytes: 3200,
      },
    ]);
    expect(leg.numbers).toEqual([1, 2, 3, 4, 5]);
  });

  test.each([8000, 16_000, 24_000] as const)(
    'at %i Hz all 50 multiples of 20 ms in 20…1000 give chunks of that length',
    (sampleRate) => {
      for (let chunkMs = 20; chunkMs <= 1000; chunkMs += 20) {
        const leg = new Leg({ chunkMs, sampleRate }).frames((3 * chunkMs) / 20);
        const samples = samplesIn(chunkMs, sampleRate);
        expect(leg.chunks.map(({ firstSample }) => firstSample)).toEqual([0, samples, 2 * samples]);
      }
    },
  );

  test('the media clock is not known before the first frame, then runs with the frames', () => {
    const leg = new Leg();
    expect(leg.chunker.mediaMs(leg.nowMs)).toBeNull();
    leg.frames(10);
    expect(leg.chunker.mediaMs(leg.nowMs)).toBeCloseTo(220, 6);
    expect(leg.chunker.mediaMs(leg.nowMs + 1000)).toBeCloseTo(1220, 6);
  });

  test('a frame of 100 bytes is filled up with silence and its chunk says so, the next does not', () => {
    const leg = new Leg().frames(4);
    leg.frame(leg.nowMs, 100);
    leg.nowMs += 20;
    leg.frames(5);
    expect(leg.chunks.map(({ padded, pcm }) => [padded, pcm.length])).toEqual([
      [true, 3200],
      [false, 3200],
    ]);
    expect(leg.chunks[0]?.pcm.subarray(4 * 640 + 100).every((byte) => byte === 0)).toBe(true);
  });

  test('flush gives the last 2 frames as a 40 ms chunk, and nothing the second time', () => {
    const leg = new Leg().frames(7).end();
    expect(leg.chunks.map(({ firstSample, pcm }) => [firstSample, pcm.length])).toEqual([
      [0, 3200],
      [1600, 1280],
    ]);
    expect(leg.chunker.flush()).toEqual([]);
  });

  test('flush gives frames that were held back too', () => {
    const leg = new Leg().frames(10).stall(500);
    leg.frame(leg.nowMs);
    expect(leg.end().numbers).toEqual(numbers(1, 11));
  });
});

describe('loss is read from time', () => {
  test('a stall of 1000 ms and a burst lose nothing and flag nothing', () => {
    const leg = new Leg().frames(50).stall(1000).frames(50, 0).frames(50).end();
    expect(leg.gaps).toEqual([]);
    expect(leg.numbers).toEqual(numbers(1, 150));
    expect(endOf(leg.chunks.at(-1))).toBe(150 * 320);
  });

  test('a burst that comes in 5 parts, 80 ms apart, is still no loss', () => {
    const leg = new Leg().frames(50).stall(1000);
    for (let part = 0; part < 5; part++) leg.frames(14, 0).stall(80);
    leg.frames(50).end();
    expect(leg.gaps).toEqual([]);
    expect(leg.numbers).toEqual(numbers(1, 170));
  });

  test.each([100, 400, 1000, 5000])(
    'a loss of %i ms jumps the clock by as much (±20 ms), once, and ends the open chunk first',
    (lostMs) => {
      const leg = new Leg().frames(52).lose(lostMs).frames(100).end();
      expect(leg.gaps).toHaveLength(1);
      const gap = leg.chunks.findIndex((chunk) => chunk.gapBefore);
      const before = leg.chunks[gap - 1];
      expect(before?.pcm.length).toBe(2 * 640);
      const jumpMs = msOf((leg.chunks[gap]?.firstSample ?? 0) - endOf(before), RATE);
      expect(Math.abs(jumpMs - lostMs)).toBeLessThanOrEqual(20);
      expect(leg.numbers).toEqual([...numbers(1, 52), ...numbers(53 + lostMs / 20, 152 + lostMs / 20)]);
    },
  );

  test('after a loss the first chunk is out within 100 ms of the first frame', () => {
    const leg = new Leg({ chunkMs: 20 }).frames(50).lose(1000);
    const resumedMs = leg.nowMs;
    let sent: UnnumberedChunk[] = [];
    while (sent.length === 0) {
      sent = leg.frame(leg.nowMs);
      leg.nowMs += 20;
    }
    expect(leg.nowMs - 20 - resumedMs).toBeLessThanOrEqual(100);
    expect(leg.gaps).toHaveLength(1);
  });

  test('frames that come two by two, as platforms send them, do not hide a loss for longer than 160 ms', () => {
    const leg = new Leg({ chunkMs: 20 });
    for (let pair = 0; pair < 50; pair++) leg.frames(2, 0).stall(40);
    const sentBefore = leg.chunks.length;
    leg.lose(1000);
    for (let pair = 0; pair < 4; pair++) leg.frames(2, 0).stall(40);
    expect(sentBefore).toBe(100);
    expect(leg.chunks.length).toBeGreaterThan(100);
    expect(leg.gaps).toEqual([100]);
  });

  test('a stall of 1 s of which only half comes after it jumps by the other half', () => {
    const leg = new Leg().frames(50).stall(1000).frames(25, 0).frames(100).end();
    expect(leg.gaps).toHaveLength(1);
    expect(Math.abs(endOf(leg.chunks.at(-1)) - (50 + 25 + 25 + 100) * 320)).toBeLessThanOrEqual(320);
  });

  test('a stall of 10 s and a burst of 500 frames hold at most 3 s back and invent no time', () => {
    const leg = new Leg().frames(50).stall(10_000).frames(500, 0).frames(100).end();
    expect(leg.numbers).toEqual(numbers(1, 650));
    expect(leg.gaps).toEqual([]);
    expect(endOf(leg.chunks.at(-1))).toBe(650 * 320);
  });

  test('while it decides, it holds at most 150 frames', () => {
    const leg = new Leg({ chunkMs: 20 }).frames(50).stall(60_000);
    let given = 0;
    for (let n = 0; n < 2000; n++) given += leg.frame(leg.nowMs).length;
    expect(2000 - given).toBeLessThanOrEqual(150);
  });

  test('two losses make two gaps and 40 ms of lateness make none', () => {
    const leg = new Leg()
      .frames(50)
      .lose(300)
      .frames(50)
      .lose(500)
      .frames(50)
      .stall(40)
      .frames(2, 0)
      .frames(50);
    expect(leg.end().gaps).toHaveLength(2);
  });

  test.each([200, -200])('a source clock %i ppm off makes no gap in 2 h', (ppm) => {
    const leg = new Leg({ chunkMs: 1000 });
    const everyMs = 20 * (1 + ppm / 1e6);
    let gaps = 0;
    for (let n = 0; n < (2 * 3600 * 1000) / 20; n++) {
      for (const chunk of leg.chunker.push(new Uint8Array(640), leg.nowMs)) gaps += chunk.gapBefore ? 1 : 0;
      leg.nowMs += everyMs;
    }
    expect(gaps).toBe(0);
  });

  test('jitter of ±30 ms makes no gap and moves no sample in 10 minutes', () => {
    const random = seeded(7);
    const leg = new Leg().frames(30_000, 20, () => 30 + 30 * (2 * random() - 1)).end();
    expect(leg.gaps).toEqual([]);
    expect(endOf(leg.chunks.at(-1))).toBe(30_000 * 320);
  });

  test('200 random legs: positions are the sum of lengths and gaps, no frame is lost', () => {
    const word = fc.oneof(
      fc.record({ say: fc.constant('frames' as const), count: fc.integer({ min: 1, max: 80 }) }),
      fc.record({ say: fc.constant('burst' as const), count: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ say: fc.constant('stall' as const), count: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ say: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 200 }) }),
    );
    const chunkMs = fc.integer({ min: 1, max: 50 }).map((frames) => frames * 20);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), chunkMs, (words, ms) => {
        const leg = new Leg({ chunkMs: ms });
        let sent = 0;
        for (const { say, count } of words) {
          if (say === 'stall') leg.stall(count * 20);
          else if (say === 'lose') leg.lose(count * 20);
          else leg.frames(count, say === 'burst' ? 0 : 20);
          if (say === 'frames' || say === 'burst') sent += count;
        }
        leg.end();
        expect(leg.numbers).toHaveLength(sent);
        expect(leg.numbers).toEqual(leg.numbers.toSorted((a, b) => a - b));
        let end = 0;
        for (const chunk of leg.chunks) {
          if (!chunk.gapBefore) expect(chunk.firstSample).toBe(end);
          else expect(chunk.firstSample).toBeGreaterThan(end);
          end = endOf(chunk);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the same sound comes another way', () => {
  test.each([150, -150, 600])(
    'which is %i ms later: with a rebase no gap, no frame held back, and the media clock steps by as much',
    (laterMs) => {
      const leg = new Leg({ chunkMs: 20 }).frames(500);
      const before = leg.chunker.mediaMs(leg.nowMs) ?? 0;
      leg.chunker.rebase();
      expect(leg.chunker.mediaMs(leg.nowMs)).toBe(before);
      leg.nowMs += laterMs;
      leg.frames(500);
      expect([leg.gaps, leg.chunks.length, leg.chunker.isDeciding]).toEqual([[], 1000, false]);
      expect(leg.numbers).toEqual(numbers(1, 1000));
      expect(leg.chunker.mediaMs(leg.nowMs)).toBeCloseTo(before + 500 * 20, 6);
      expect(leg.end().chunks.at(-1)?.firstSample).toBe(999 * 320);
    },
  );

  test('which is 150 ms later: without a rebase that is a loss', () => {
    const leg = new Leg({ chunkMs: 20 }).frames(500);
    leg.nowMs += 150;
    expect(leg.frames(100).gaps).toHaveLength(1);
  });

  test('a loss of 1 s after a rebase is found as before it', () => {
    const leg = new Leg({ chunkMs: 20 }).frames(100);
    leg.chunker.rebase();
    leg.stall(150).frames(100).lose(1000).frames(100);
    expect(leg.gaps).toEqual([200]);
  });

  test('while a stall is being judged, it says so', () => {
    const leg = new Leg({ chunkMs: 20 }).frames(100).stall(500).frames(1);
    expect(leg.chunker.isDeciding).toBe(true);
    expect(leg.frames(50).chunker.isDeciding).toBe(false);
  });
});

test('a frame that was filled up with silence before it came makes its chunk say so', () => {
  const chunker = new Chunker({ epoch: EPOCH, sampleRate: RATE, chunkMs: 20 });
  const padded = [true, false].map(
    (filled, n) => chunker.push(new Uint8Array(640), n * 20, filled)[0]?.padded,
  );
  expect(padded).toEqual([true, false]);
});
