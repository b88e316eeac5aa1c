import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeChunk, encodeChunk, type Chunk } from '../../wire/chunk.ts';
import { readWav } from '../../wire/wav.ts';
import { hexBytes, hunt, MOST_MS } from './campaign.ts';

const FAULTS = [
  'not-riff',
  'truncated',
  'no-format',
  'not-pcm16',
  'no-data',
  'odd-data',
  'not-mono',
  'no-conf',
  'bad-conf',
  'empty',
];

const chunk: fc.Arbitrary<Chunk> = fc.record(
  {
    epoch: fc.maxSafeNat(),
    firstSample: fc.maxSafeNat(),
    sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    gapBefore: fc.boolean(),
    padded: fc.boolean(),
    skippedBefore: fc.constant(true),
    sampleRate: fc.oneof(fc.constantFrom(8000, 16_000, 24_000), fc.integer({ min: 1, max: 0xffff_ffff })),
    pcm: fc.uint8Array({ minLength: 1, maxLength: 100 }).map((half) => new Uint8Array([...half, ...half])),
  },
  { requiredKeys: ['epoch', 'firstSample', 'sequence', 'gapBefore', 'padded', 'sampleRate', 'pcm'] },
);
const real = chunk.map((each) => encodeChunk(each));

/** A real chunk of which bytes are changed, cut out, put in or cut off. */
const edit = fc.record({ at: fc.nat(300), removed: fc.nat(12), put: fc.uint8Array({ maxLength: 12 }) });
const edited = fc
  .tuple(real, fc.array(edit, { minLength: 1, maxLength: 4 }), fc.oneof(fc.constant(999), fc.nat(300)))
  .map(([bytes, edits, length]) => {
    let mixed = [...bytes];
    for (const { at, removed, put } of edits)
      mixed = mixed.toSpliced(at % (mixed.length + 1), removed, ...put);
    return new Uint8Array(mixed.slice(0, length));
  });
const patched = fc
  .tuple(real, fc.array(fc.tuple(fc.nat(75), fc.nat(255)), { minLength: 1, maxLength: 4 }))
  .map(([bytes, changes]) => {
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });

/** A RIFF chunk: what it says of its length is true, a little off, or near the most that 32 bits can say. */
interface RiffChunk {
  id: string;
  body: Uint8Array;
  saidOff: number;
  padded: boolean;
}

const conf = fc
  .tuple(fc.uint8Array({ minLength: 24, maxLength: 26 }), fc.boolean())
  .map(([body, isPlain]) => (isPlain ? body.map((byte, at) => (at % 8 < 6 && at < 16 ? byte : 0)) : body));
const fmt = fc
  .tuple(
    fc.constantFrom(1, 1, 1, 3, 0xfffe),
    fc.constantFrom(1, 1, 1, 0, 2, 0xffff),
    fc.constantFrom(16_000, 8000, 0, 0xffff_ffff),
    fc.constantFrom(16, 16, 16, 8, 24),
    fc.integer({ min: 14, max: 18 }),
  )
  .map(([format, channels, sampleRate, bits, length]) => {
    const body = new Uint8Array(18);
    const view = new DataView(body.buffer);
    view.setUint16(0, format, true);
    view.setUint16(2, channels, true);
    view.setUint32(4, sampleRate, true);
    view.setUint16(14, bits, true);
    return body.subarray(0, length === 14 ? 14 : Math.max(16, length));
  });
const said = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -40, max: -1 }).map((below) => 2 ** 32 + below),
);
const riffChunk: fc.Arbitrary<RiffChunk> = fc.oneof(
  fc.record({ id: fc.constant('fmt '), body: fmt, saidOff: said, padded: fc.constant(true) }),
  fc.record({ id: fc.constant('conf'), body: conf, saidOff: said, padded: fc.constant(true) }),
  fc.record({
    id: fc.constantFrom('data', 'data', 'LIST', 'JUNK', 'RIFF', 'conf', 'fmt ', '\0\0\0\0'),
    body: fc.uint8Array({ maxLength: 40 }),
    saidOff: said,
    padded: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  }),
);

function riffBytes(parts: readonly RiffChunk[]): number[] {
  return parts.flatMap(({ id, body, saidOff, padded }) => {
    const head = Buffer.alloc(8);
    head.write(id, 'latin1');
    head.writeUInt32LE((body.length + saidOff) >>> 0, 4);
    return [...head, ...body, ...(padded && body.length % 2 === 1 ? [0] : [])];
  });
}

const built = fc.array(riffChunk, { maxLength: 8 }).map((parts) => {
  const inner = riffBytes(parts);
  return new Uint8Array([...Buffer.from('RIFF\x24\0\0\0WAVE', 'latin1'), ...inner]);
});
/** RIFF in RIFF: a list whose body is chunks again. */
const nested = fc.tuple(built, fc.array(riffChunk, { maxLength: 4 }), real).map(([list, more, bytes]) => {
  const foreign = riffBytes([{ id: 'LIST', body: list, saidOff: 0, padded: true }, ...more]);
  return new Uint8Array([...bytes.subarray(0, 36), ...foreign, ...bytes.subarray(36)]);
});
const madeUp: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.uint8Array({ maxLength: 120 }).map((bytes) => new Uint8Array(bytes)),
  real,
  edited,
  patched,
  built,
  nested,
);

/** The same bytes in the middle of others, at an odd place, as a socket's buffers have them. */
function embedded(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(bytes.length + 9).fill(0xff);
  wide.set(bytes, 5);
  return wide.subarray(5, 5 + bytes.length);
}

/** Id, place and length of a file's RIFF chunks, the first of each id. */
function partsOf(file: Uint8Array): [string, number, number][] | 'foreign' | 'truncated' {
  const bytes = Buffer.from(file);
  if (!/^RIFF[^]{4}WAVE/.test(bytes.toString('latin1'))) return 'foreign';
  const parts = new Map<string, [string, number, number]>();
  for (let at = 12, n = 0; at <= bytes.length - 8 && n < 64; n++) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (length > bytes.length - at - 8) return 'truncated';
    if (!parts.has(id)) parts.set(id, [id, at + 8, length]);
    at += 8 + 2 * Math.ceil(length / 2);
  }
  return [...parts.values()];
}

/** Whether these bytes are a part of those. */
function lies(inner: Uint8Array, outer: Uint8Array): boolean {
  return (
    inner.buffer === outer.buffer &&
    inner.byteOffset >= outer.byteOffset &&
    inner.byteOffset + inner.length <= outer.byteOffset + outer.length
  );
}

test(
  '10,000 files are each a whole chunk of theirs alone or a fault with its code',
  async () => {
    await hunt({ name: 'chunks', written: hexBytes, madeUp }, (bytes) => {
      const file = embedded(bytes);
      const wav = readWav(file);
      const parts = partsOf(bytes);
      expect(wav.kind === 'fault' && wav.code === 'not-riff').toBe(parts === 'foreign');
      expect(wav.kind === 'fault' && wav.code === 'truncated').toBe(parts === 'truncated');
      if (wav.kind === 'wav') {
        for (const body of wav.wav.chunks.values()) expect(lies(body, file)).toBe(true);
        expect(
          [...wav.wav.chunks].map(([id, body]) => [id, body.byteOffset - file.byteOffset, body.length]),
        ).toEqual(parts);
      }

      const reading = decodeChunk(file);
      const alone = decodeChunk(bytes);
      if (reading.kind === 'fault') {
        expect(FAULTS).toContain(reading.code);
        expect(alone).toEqual(reading);
        return;
      }
      const { pcm, ...fields } = reading.chunk;
      expect(alone).toMatchObject({ kind: 'chunk', chunk: fields });
      expect(lies(pcm, file)).toBe(true);
      expect(pcm.length > 0 && pcm.length % 2 === 0).toBe(true);
      const { epoch, firstSample, sequence, sampleRate } = fields;
      for (const number of [epoch, firstSample, sequence, sampleRate])
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
      expect(sequence <= 0xffff_ffff && sampleRate > 0).toBe(true);
      const again = encodeChunk(reading.chunk);
      expect(again.length).toBe(76 + pcm.length);
      expect(decodeChunk(again)).toEqual(reading);
    });
  },
  MOST_MS,
);
