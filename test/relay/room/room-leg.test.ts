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
  const sounds: string[] = [];
  const leg = new RoomLeg({
    epoch: 7,
    chunkMs,
    prerollMs,
    suppressSilence,
    onSound: (sound) => sounds.push(sound),
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
  const captions = () => sent.flatMap((message) => (message.kind === 'caption' ? [message.caption] : []));
  return { say, chunks, quietClocks, captions, clock, leg, sent, sounds };
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

describe('what is said of a leg’s sound, as text', () => {
  const said = { id: 'a', text: 'Good morning.', final: true };

  test('is of the last 2 s where nobody says when, and of the time that is said, on the media clock', () => {
    const { say, captions, leg } = legOf(false);
    say(LOUD, 250);
    expect(leg.caption(said)).toBe('taken');
    leg.caption({ ...said, id: 'b', startMs: 1200.4, endMs: 2300.6, speaker: 'Martin', lang: 'en' });
    const told = { type: 'caption', epoch: 7, ...said };
    expect(captions()).toEqual([
      { ...told, startMs: 3000, endMs: 5000 },
      { ...told, id: 'b', startMs: 1200, endMs: 2301, speaker: 'Martin', lang: 'en' },
    ]);
  });

  test('is of nothing that has not been heard: 1 s into the leg 0 to 1000 ms is all there is', () => {
    const { say, captions, leg } = legOf(false);
    say(LOUD, 50);
    leg.caption(said);
    leg.caption({ ...said, id: 'b', startMs: 4000, endMs: 9000 });
    expect(captions().map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 1000],
      [1000, 1000],
    ]);
  });

  test('is not taken before the first frame, nor after the end, and a partial that waits is not sent then', () => {
    const { say, captions, clock, leg } = legOf(false);
    expect(leg.caption(said)).toBe('not-live');
    say(LOUD, 50);
    leg.caption({ ...said, text: 'Good', final: false });
    leg.caption({ ...said, text: 'Good morning', final: false });
    leg.finish();
    expect(leg.caption(said)).toBe('not-live');
    clock.advance(1000);
    expect([captions().length, clock.pending]).toEqual([1, 0]);
  });
});

describe('a leg that takes over from another', () => {
  test('goes on with chunk and number where the other stopped, 150 ms later, and the clock is told at once', () => {
    const { chunks, clock, leg, say, sent } = legOf(false);
    say(LOUD, 50);
    clock.advance(150);
    leg.goOnWith([{ pcm: LOUD, padded: false }]);
    const told = sent.filter(({ kind }) => kind === 'clock').at(-1);
    expect(told).toMatchObject({ mediaMs: 1020, quiet: false });
    say(LOUD, 49);
    expect(chunks().map(({ firstSample }) => firstSample)).toEqual(
      [...Array(20).keys()].map((n) => n * 1600),
    );
    expect(chunks().filter(({ gapBefore, sequence }, n) => gapBefore || sequence !== n)).toEqual([]);
    expect(leg.mediaMs()).toBeCloseTo(2000, 6);
  });

  test('goes on when its first whole frame comes, where the splice has left a part of one', () => {
    const { chunks, clock, leg, say } = legOf(false);
    say(LOUD, 50);
    clock.advance(150);
    leg.goOnWith([]);
    expect(leg.mediaMs()).toBeCloseTo(1150, 6);
    say(LOUD, 50);
    expect(chunks().filter(({ gapBefore }) => gapBefore)).toEqual([]);
    expect(leg.mediaMs()).toBeCloseTo(2000, 6);
  });
});

test('what a leg sounds like is told when it changes, every 10 s at most', () => {
  const { say, sounds } = legOf(false);
  for (let n = 0; n < 10; n++) {
    say(LOUD, 60);
    say(SILENT, 560);
  }
  // 12.4 s a turn: as a rule both kinds would be told in each.
  expect(sounds.length).toBeGreaterThan(5);
  expect(sounds.length).toBeLessThanOrEqual(12);
  expect(sounds.every((sound, n) => sound !== sounds[n - 1])).toBe(true);
});
