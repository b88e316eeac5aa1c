import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeStreamMessage, STREAM_KINDS, StreamReader, type StreamMessage } from '../../wire/stream.ts';

/** Everything a reader gives for these pieces. Throws when it finds a fault. */
function read(pieces: readonly Uint8Array[]): StreamMessage[] {
  const reader = new StreamReader();
  return pieces.flatMap((piece) => {
    const reading = reader.push(piece);
    if (reading.kind === 'fault') throw new Error(reading.code);
    return reading.messages;
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** `bytes` cut before each of these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((end, n) => bytes.subarray(sorted[n], end));
}

/** A message's head that promises so many bytes. */
function head(kind: number, length: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, length, true);
  return bytes;
}

describe('a message of a byte stream', () => {
  test.each([
    ['beat', 0],
    ['text', 1],
    ['chunk', 2],
  ] as const)('row 0: a %s is kind %i', (kind, number) => {
    expect(encodeStreamMessage(kind, new Uint8Array())[0]).toBe(number);
  });

  test('row 1 and row 5: 258 bytes follow their length as u32, little-endian', () => {
    const bytes = Uint8Array.from({ length: 258 }, (_, n) => n & 0xff);
    const message = encodeStreamMessage('chunk', bytes);
    expect([...message.subarray(1, 5)]).toEqual([2, 1, 0, 0]);
    expect(message.subarray(5)).toEqual(bytes);
  });
});

test('any messages, cut at any places, come out the same', () => {
  const message = fc.record({
    kind: fc.constantFrom(...STREAM_KINDS),
    bytes: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.nat(600), { maxLength: 20 }),
      (messages, places) => {
        const stream = joined(messages.map(({ kind, bytes }) => encodeStreamMessage(kind, bytes)));
        const found = read(cut(stream, places));
        expect(found.map(({ kind, bytes }) => [kind, [...bytes]])).toEqual(
          messages.map(({ kind, bytes }) => [kind, [...bytes]]),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('a message of kind 3 or 255, from the future, is skipped with its bytes', () => {
  const stream = joined([
    head(3, 2),
    new Uint8Array([1, 2]),
    encodeStreamMessage('text', new Uint8Array([65])),
    head(255, 0),
    encodeStreamMessage('beat', new Uint8Array()),
  ]);
  expect(read([stream]).map(({ kind }) => kind)).toEqual(['text', 'beat']);
});

test('a length of 1 MiB is waited for, one byte more is a fault before any of it has come', () => {
  const most = 1024 * 1024;
  expect(new StreamReader().push(head(2, most))).toEqual({ kind: 'messages', messages: [] });
  expect(new StreamReader().push(head(2, most + 1))).toEqual({ kind: 'fault', code: 'too-long' });
  expect(new StreamReader().push(head(200, 0xffff_ffff))).toEqual({ kind: 'fault', code: 'too-long' });
});

test('random bytes of any shape never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 }), (pieces) => {
      const reader = new StreamReader();
      for (const piece of pieces) reader.push(piece);
    }),
  );
});
