import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { encodeStreamMessage, STREAM_KINDS, StreamReader, type StreamMessage } from '../../wire/stream.ts';
import { hexBytes, hunt, MOST_MS } from './campaign.ts';

/** Whole messages, then bytes of any kind; the network cuts both where it likes. */
const Case = v.strictObject({
  messages: v.array(v.strictObject({ kind: v.picklist(STREAM_KINDS), bytes: hexBytes })),
  tail: hexBytes,
  cuts: v.array(v.number()),
});

/** A head of any kind with a length near what is allowed, near what 32 bits can say, or short. */
const head = fc
  .tuple(
    fc.nat(255),
    fc.oneof(
      fc.nat(20),
      fc.integer({ min: 1024 * 1024 - 2, max: 1024 * 1024 + 2 }),
      fc.integer({ min: 0xffff_fff0, max: 0xffff_ffff }),
    ),
    fc.uint8Array({ maxLength: 20 }),
  )
  .map(([kind, length, rest]) => {
    const bytes = new Uint8Array(5 + rest.length);
    new DataView(bytes.buffer).setUint32(1, length, true);
    bytes[0] = kind;
    bytes.set(rest, 5);
    return bytes;
  });

const madeUp: fc.Arbitrary<v.InferOutput<typeof Case>> = fc.record({
  messages: fc.array(
    fc.record({ kind: fc.constantFrom(...STREAM_KINDS), bytes: fc.uint8Array({ maxLength: 60 }) }),
    { maxLength: 6 },
  ),
  tail: fc.oneof(head, fc.array(head, { maxLength: 4 }).map(joined), fc.uint8Array({ maxLength: 60 })),
  cuts: fc.array(fc.nat(500), { maxLength: 30 }),
});

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return places.slice(1).map((end, n) => bytes.subarray(places[n], end));
}

interface Heard {
  messages: StreamMessage[];
  broken: boolean;
}

/** What a reader makes of these pieces, up to its fault. */
function hear(reader: StreamReader, pieces: readonly Uint8Array[]): Heard {
  const messages: StreamMessage[] = [];
  for (const piece of pieces) {
    const reading = reader.push(piece);
    if (reading.kind === 'fault') return { messages, broken: true };
    messages.push(...reading.messages);
  }
  return { messages, broken: false };
}

/** Whether some message in it says to be longer than 1 MiB. */
function isBroken(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 5 <= bytes.length; at += 5 + view.getUint32(at + 1, true))
    if (view.getUint32(at + 1, true) > 2 ** 20) return true;
  return false;
}

function plain(messages: readonly StreamMessage[]): unknown[] {
  return messages.map(({ kind, bytes }) => [kind, Buffer.from(bytes).toString('hex')]);
}

test(
  '10,000 streams give back the whole messages they begin with, and are read alike wherever they are cut',
  async () => {
    await hunt({ name: 'stream', written: Case, madeUp }, ({ messages, tail, cuts }) => {
      const good = joined(messages.map(({ kind, bytes }) => encodeStreamMessage(kind, bytes)));
      const inPieces = new StreamReader();
      const heard = hear(inPieces, cutAt(good, cuts));
      expect([heard.broken, plain(heard.messages)]).toEqual([false, plain(messages)]);

      const rest = hear(inPieces, cutAt(tail, cuts));
      const atOnce = hear(new StreamReader(), [tail]);
      const byteByByte = hear(new StreamReader(), cutAt(tail, [...tail.keys()]));
      const broken = isBroken(tail);
      expect([rest.broken, atOnce.broken, byteByByte.broken]).toEqual([broken, broken, broken]);
      // What comes before a fault is heard or not as the network cuts it; without one, all of it is.
      if (!broken) expect(plain(rest.messages)).toEqual(plain(atOnce.messages));
      expect(plain(byteByByte.messages).slice(0, rest.messages.length)).toEqual(plain(rest.messages));
    });
  },
  MOST_MS,
);
