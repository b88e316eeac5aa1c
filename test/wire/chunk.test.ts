import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_HEADER_BYTES, decodeChunk, encodeChunk, follows, type Chunk } from '../../wire/chunk.ts';

function chunk(fields: Partial<Chunk> = {}): Chunk {
  const pcm = new Uint8Array(3200).map((_, n) => n & 0xff);
  return {
    epoch: 1_795_224_993_123,
    firstSample: 8_000_000_000,
    sequence: 7,
    gapBefore: false,
    padded: false,
    sampleRate: 16_000,
    pcm,
    ...fields,
  };
}

function decoded(bytes: Uint8Array): Chunk {
  const reading = decodeChunk(bytes);
  if (reading.kind === 'fault') throw new Error(reading.code);
  return reading.chunk;
}

function text(bytes: Uint8Array, at: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(at, at + 4));
}

function flagsOf(fields: Partial<Chunk>): number {
  return new DataView(encodeChunk(chunk(fields)).buffer).getUint32(64, true);
}

describe('a chunk on the wire', () => {
  const bytes = encodeChunk(chunk());
  const view = new DataView(bytes.buffer);

  test('row 0: RIFF, the size of the rest, WAVE', () => {
    expect([text(bytes, 0), view.getUint32(4, true), text(bytes, 8)]).toEqual([
      'RIFF',
      bytes.length - 8,
      'WAVE',
    ]);
  });

  test('row 12: fmt of 16 bytes says PCM, 1 channel, 16000 Hz, 32000 bytes/s, 2-byte blocks, 16 bit', () => {
    expect([text(bytes, 12), view.getUint32(16, true)]).toEqual(['fmt ', 16]);
    expect([view.getUint16(20, true), view.getUint16(22, true)]).toEqual([1, 1]);
    expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([16_000, 32_000]);
    expect([view.getUint16(32, true), view.getUint16(34, true)]).toEqual([2, 16]);
  });

  test('row 36: conf of 24 bytes carries epoch, firstSample, sequence', () => {
    expect([text(bytes, 36), view.getUint32(40, true)]).toEqual(['conf', 24]);
    expect([view.getBigUint64(44, true), view.getBigUint64(52, true)]).toEqual([
      1_795_224_993_123n,
      8_000_000_000n,
    ]);
    expect(view.getUint32(60, true)).toBe(7);
  });

  test('row 64: flag bit 0 is a gap before, bit 1 is padding, bit 2 is skipped before', () => {
    expect(flagsOf({})).toBe(0);
    expect(flagsOf({ gapBefore: true })).toBe(1);
    expect(flagsOf({ padded: true })).toBe(2);
    expect(flagsOf({ skippedBefore: true })).toBe(4);
    expect(flagsOf({ gapBefore: true, padded: true })).toBe(3);
  });

  test('row 68: data has its true length, samples start at byte 76', () => {
    expect([text(bytes, 68), view.getUint32(72, true)]).toEqual(['data', 3200]);
    expect(CHUNK_HEADER_BYTES).toBe(76);
    expect(bytes.subarray(76)).toEqual(chunk().pcm);
  });
});

describe('reading a chunk', () => {
  test('gives back what was encoded, for 1000 random chunks', () => {
    const any = fc.record({
      epoch: fc.maxSafeNat(),
      firstSample: fc.maxSafeNat(),
      sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
      gapBefore: fc.boolean(),
      padded: fc.boolean(),
      sampleRate: fc.constantFrom(8000, 16_000, 24_000, 48_000),
      pcm: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((half) => new Uint8Array([...half, ...half])),
    });
    fc.assert(
      fc.property(any, (original) => {
        expect(decoded(encodeChunk(original))).toEqual(original);
      }),
      { numRuns: 1000 },
    );
  });

  test('skips a foreign RIFF chunk of odd length between fmt and conf', () => {
    const bytes = encodeChunk(chunk());
    const foreign = [0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0];
    const mixed = new Uint8Array([...bytes.subarray(0, 36), ...foreign, ...bytes.subarray(36)]);
    expect(decoded(mixed).sequence).toBe(7);
  });

  test('names the fault of 9 kinds of foreign bytes', () => {
    const good = encodeChunk(chunk());
    const patched = (at: number, ...values: number[]) => {
      const copy = good.slice();
      copy.set(values, at);
      return copy;
    };
    const faults = [
      new Uint8Array(0),
      patched(0, 0x52, 0x49, 0x46, 0x58),
      good.subarray(0, 100),
      patched(12, 0x78),
      patched(20, 7),
      patched(22, 2),
      patched(36, 0x78),
      patched(51, 0xff),
      patched(68, 0x78),
    ].map((bytes) => decodeChunk(bytes));
    expect(faults.map((reading) => (reading.kind === 'fault' ? reading.code : 'none'))).toEqual([
      'not-riff',
      'not-riff',
      'truncated',
      'no-format',
      'not-pcm16',
      'not-mono',
      'no-conf',
      'bad-conf',
      'no-data',
    ]);
  });

  test('never throws on 10000 mutations of a good chunk', () => {
    const good = encodeChunk(chunk());
    const mutation = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(mutation, fc.nat(good.length), (edits, cut) => {
        const bytes = good.slice(0, cut % 3 === 0 ? cut : good.length);
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        expect(['chunk', 'fault']).toContain(decodeChunk(bytes).kind);
      }),
      { numRuns: 10_000 },
    );
  });
});

test('encoding refuses half a sample and a sequence beyond 32 bits', () => {
  expect(() => encodeChunk(chunk({ pcm: new Uint8Array(3) }))).toThrow(RangeError);
  expect(() => encodeChunk(chunk({ sequence: 2 ** 32 }))).toThrow(RangeError);
});

test('only a strictly growing (epoch, sequence) follows', () => {
  const last = { epoch: 5, sequence: 9 };
  expect(follows({ epoch: 5, sequence: 10 }, last)).toBe(true);
  expect(follows({ epoch: 6, sequence: 0 }, last)).toBe(true);
  expect(follows({ epoch: 5, sequence: 9 }, last)).toBe(false);
  expect(follows({ epoch: 4, sequence: 99 }, last)).toBe(false);
  expect(follows({ epoch: 1, sequence: 0 }, undefined)).toBe(true);
});
