import { describe, expect, test } from 'vitest';
import { RoomLeg } from '../../../relay/room/room-leg.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { decodeChunk, type Chunk } from '../../../wire/chunk.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const LOUD = Buffer.alloc(640, 0x20);
const SILENT = Buffer.alloc(640);

/** A leg that is fed by hand, 20 ms a frame. */
function legOf(suppressSilence: boolean, { chunkMs = 100, prerollMs = 0 } = {}) {
  const clock = new FakeClock();
  const sent: RoomMessage[] = [];
  const leg = new RoomLeg({
    epoch: 7,
    chunkMs,
    prerollMs,
    suppressSilence,
    handle: { close: () => {} },
    clock,
    out: (message) => sent.push(message),
  });
  leg.open(16_000);
  const say = (frame: Buffer, count: number): void => {
    for (let n = 0; n < count; n++) {
      clock.advance(20);
      leg.hear(frame);
    }
  };
  const chunks = (): Chunk[] =>
    sent.flatMap((message) => {
      const reading = message.kind === 'chunk' ? decodeChunk(message.bytes) : undefined;
      return reading?.kind === 'chunk' ? [reading.chunk] : [];
    });
  const quietClocks = (): number =>
    sent.filter((message) => message.kind === 'clock' && message.quiet).length;
  return { say, chunks, quietClocks, clock, leg };
}

describe('a leg in which nobody speaks', () => {
  test('sends 4 chunks of hang-over, then a quiet clock at once and every 500 ms instead of chunks', () => {
    const { say, chunks, quietClocks } = legOf(true);
    say(LOUD, 50);
    expect([chunks().length, quietClocks()]).toEqual([10, 0]);
    say(SILENT, 50);
    expect([chunks().length, quietClocks()]).toEqual([13, 2]);
  });

  test('numbers what it sends without a hole, and the media clock tells the length of the pause', () => {
    const { say, chunks } = legOf(true);
    say(LOUD, 10);
    say(SILENT, 100);
    say(LOUD, 10);
    expect(chunks().map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(chunks().map(({ firstSample }) => firstSample / 1600)).toEqual([0, 1, 2, 3, 4, 22, 23]);
  });

  test('keeps a gap that was found in the pause for the first chunk after it', () => {
    const { say, chunks, clock } = legOf(true);
    say(LOUD, 10);
    say(SILENT, 50);
    clock.advance(400);
    say(SILENT, 50);
    say(LOUD, 10);
    expect(chunks().map(({ gapBefore }) => gapBefore)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  test('in frames with 80 ms of preroll sends the 4 quiet frames before a word with it, each once', () => {
    const { say, chunks } = legOf(true, { chunkMs: 20, prerollMs: 80 });
    say(LOUD, 5);
    say(SILENT, 60);
    say(LOUD, 2);
    say(SILENT, 100);
    const frames = chunks().map(({ firstSample }) => firstSample / 320);
    // 5 loud, 19 of hang-over; 4 before the word, 2 of it, 19 of hang-over.
    expect(frames).toEqual([...Array(24).keys(), ...Array.from({ length: 25 }, (_, n) => 61 + n)]);
    expect(chunks().map(({ sequence }) => sequence)).toEqual([...frames.keys()]);
  });

  test.each([
    ['50 frames before a word is told with the first of its preroll', 50, 24],
    ['2 frames before a word is told with these 2, and what was before the gap stays out', 2, 24],
    ['right before a word is told with its first frame, and there is no preroll', 0, 24],
  ])('a gap %s', (_, quietAfter, gapAt) => {
    const { say, chunks, clock } = legOf(true, { chunkMs: 20, prerollMs: 80 });
    say(LOUD, 5);
    say(SILENT, 50);
    clock.advance(400);
    say(SILENT, quietAfter);
    say(LOUD, 10);
    expect(chunks().flatMap(({ gapBefore }, n) => (gapBefore ? [n] : []))).toEqual([gapAt]);
  });

  test('sends every chunk where the room says so', () => {
    const { say, chunks, quietClocks } = legOf(false);
    say(SILENT, 50);
    expect([chunks().length, quietClocks()]).toEqual([10, 0]);
  });
});
