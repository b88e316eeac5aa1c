import { describe, expect, test } from 'vitest';
import { encodeChunk, type Chunk } from '../../../wire/chunk.ts';
import type { RoomState } from '../../../wire/messages.ts';
import { Feed } from '../../../relay/fanout/feed.ts';
import { Listener } from '../../../relay/fanout/listener.ts';
import type { PaceVerdict } from '../../../relay/fanout/pace.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { chunk } from '../../support/relay-words.ts';
import { FakeTransport } from './fake-transport.ts';

/** Chunk `sequence` of epoch 1, 100 ms, as the room sends it. */
function sent(sequence: number, fields: Partial<Chunk> = {}): RoomMessage {
  return { kind: 'chunk', bytes: encodeChunk(chunk(sequence, fields)) };
}

function status(state: RoomState, epoch: number | null = 1): RoomMessage {
  return { kind: 'status', status: { state, epoch, sampleRate: epoch === null ? null : 16_000 } };
}

/** A feed of a live room with `chunks` behind it. */
function stage({ chunks = 0, showListeners = false } = {}) {
  const time = new FakeClock();
  const verdicts: PaceVerdict[] = [];
  const feed = new Feed(
    { room: 'allhands', title: 'All hands', chunkMs: 100, retryWindowMs: 10_000, showListeners },
    time,
  );
  const hear = (...messages: RoomMessage[]): void => messages.forEach((message) => feed.hear(message));
  const join = (): FakeTransport => {
    const transport = new FakeTransport();
    feed.join(new Listener(transport, (verdict) => verdicts.push(verdict)));
    return transport;
  };
  if (chunks > 0) hear(status('live'), ...Array.from({ length: chunks }, (_, n) => sent(n)));
  return { feed, time, verdicts, hear, join };
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('who joins', () => {
  test('an idle room gets a hello with every field, and nothing else', () => {
    expect(stage().join().heard).toEqual([
      {
        type: 'hello',
        protocol: 1,
        room: 'allhands',
        title: 'All hands',
        state: 'idle',
        epoch: null,
        sampleRate: null,
        chunkMs: 100,
        mediaMs: null,
        retryWindowMs: 10_000,
      },
    ]);
  });

  test('a live room after 37 chunks gets the hello, then the last 10 chunks, then what happens', () => {
    const { join, hear } = stage({ chunks: 37 });
    const late = join();
    hear(sent(37));
    expect(late.heard[0]).toMatchObject({ type: 'hello', state: 'live', epoch: 1, sampleRate: 16_000 });
    expect(late.heard.slice(1)).toEqual(numbers(27, 37));
  });

  test('reads the media clock of this moment: 3.7 s of chunks and 0.25 s since', () => {
    const { join, hear, time } = stage({ chunks: 1 });
    hear({ kind: 'clock', epoch: 1, mediaMs: 3700, quiet: false });
    time.advance(250);
    expect(join().heard[0]).toMatchObject({ mediaMs: 3950 });
  });

  test('a room that shows its listeners reads how many there are, itself included', () => {
    const { join } = stage({ showListeners: true });
    join();
    expect(join().heard[0]).toMatchObject({ listeners: 2 });
  });
});

describe('a notice', () => {
  const UNTIL_MS = 5 * 60_000;
  const LATE: RoomMessage = { kind: 'notice', text: 'We begin late.' };

  test('is told at once, with its end 5 min later, and taken back then', () => {
    const { hear, join, time } = stage({ chunks: 10 });
    const listener = join();
    hear(LATE);
    const until = time.wallMs() + UNTIL_MS;
    expect(listener.heard.slice(11)).toEqual([{ type: 'notice', text: 'We begin late.', until }]);
    time.advance(UNTIL_MS - 1);
    expect(listener.heard).toHaveLength(12);
    time.advance(1);
    expect(listener.heard.slice(12)).toEqual([{ type: 'notice', text: '' }]);
    expect(time.pending).toBe(0);
  });

  test('stands in the hello of whoever comes before its end, and of nobody after it', () => {
    const { hear, join, time } = stage();
    hear(LATE);
    time.advance(UNTIL_MS - 1);
    expect(join().heard).toEqual([expect.objectContaining({ type: 'hello', notice: 'We begin late.' })]);
    time.advance(1);
    expect(join().heard[0]).not.toHaveProperty('notice');
  });

  test('takes the place of the one before, end and all; an empty one takes it back, once', () => {
    const { hear, join, time } = stage();
    const listener = join();
    hear(LATE);
    time.advance(UNTIL_MS - 1000);
    const untilMs = time.wallMs() + 2000;
    hear({ kind: 'notice', text: 'We begin.', untilMs });
    time.advance(1999);
    expect(listener.heard.slice(2)).toEqual([{ type: 'notice', text: 'We begin.', until: untilMs }]);
    hear({ kind: 'notice', text: '' }, { kind: 'notice', text: '' });
    time.advance(UNTIL_MS);
    expect(listener.heard.slice(3)).toEqual([{ type: 'notice', text: '' }]);
  });

  test('that is to end in the past is none, and none lasts longer than 24 h', () => {
    const { hear, join, time } = stage();
    const listener = join();
    hear({ ...LATE, untilMs: time.wallMs() });
    expect(listener.heard).toHaveLength(1);
    hear({ ...LATE, untilMs: time.wallMs() + 1e10 });
    expect(listener.heard.at(-1)).toMatchObject({ until: time.wallMs() + 86_400_000 });
    time.advance(86_400_000);
    expect(listener.heard.at(-1)).toEqual({ type: 'notice', text: '' });
  });

  test('of 201 characters, or of two lines, is a fault of the program', () => {
    const { hear } = stage();
    expect(() => hear({ ...LATE, text: 'x'.repeat(201) })).toThrow('201 characters');
    expect(() => hear({ ...LATE, text: 'one\ntwo' })).toThrow('no notice');
  });

  test('ends by nobody’s doing once the feed is closed: no timer is left', () => {
    const { feed, hear, time } = stage();
    hear(LATE);
    feed.close();
    expect(time.pending).toBe(0);
  });
});

describe('a room that opens later', () => {
  const opensAtMs = 1_795_698_000_000;
  const closed: RoomMessage = {
    kind: 'status',
    status: { state: 'waiting', epoch: null, sampleRate: null, opensAtMs },
  };

  test('says when: in the hello, and as it changes, once', () => {
    const { hear, join } = stage();
    const early = join();
    hear(closed, closed);
    expect(early.heard.slice(1)).toEqual([{ type: 'state', state: 'waiting', opensAt: opensAtMs }]);
    expect(join().heard[0]).toMatchObject({ state: 'waiting', opensAt: opensAtMs });
    hear(status('waiting', null));
    expect(early.heard.slice(2)).toEqual([{ type: 'state', state: 'waiting' }]);
    expect(join().heard[0]).not.toHaveProperty('opensAt');
  });
});

describe('the last second', () => {
  test('is bound by time, not by number: after a gap of 900 ms only the chunk behind it is left', () => {
    const { hear, join } = stage();
    const pcm = new Uint8Array(640);
    hear(status('live'));
    for (let n = 0; n < 100; n++) hear(sent(n, { pcm, firstSample: n * 320 }));
    for (let n = 100; n < 105; n++) hear(sent(n, { pcm, firstSample: n * 320 + 900 * 16 }));
    expect(join().chunks.map(({ sequence, firstSample }) => [sequence, firstSample])).toEqual([[20, 46_400]]);
  });

  test('is forgotten when the room stops being live, and when a new epoch begins', () => {
    const { hear, join } = stage({ chunks: 10 });
    hear(sent(0, { epoch: 2 }));
    expect(join().chunks.map(({ epoch }) => epoch)).toEqual([2]);
    hear(status('waiting', 2));
    expect(join().chunks).toEqual([]);
  });

  test('ages in a pause too: 600 ms of quiet leave 400 ms of speech', () => {
    const { hear, join } = stage({ chunks: 10 });
    hear({ kind: 'clock', epoch: 1, mediaMs: 1600, quiet: true });
    expect(join().chunks.map(({ sequence }) => sequence)).toEqual(numbers(6, 9));
  });
});

describe('who listens', () => {
  test('hears each state once, and the clock in whole milliseconds', () => {
    const { hear, join } = stage();
    const listener = join();
    hear(status('connecting', null), status('waiting'), status('waiting'));
    hear({ kind: 'clock', epoch: 1, mediaMs: 1234.56, quiet: false });
    hear({ kind: 'clock', epoch: 1, mediaMs: 2000, quiet: true });
    expect(listener.heard.slice(1)).toEqual([
      { type: 'state', state: 'connecting' },
      { type: 'state', state: 'waiting' },
      { type: 'clock', epoch: 1, mediaMs: 1235 },
      { type: 'clock', epoch: 1, mediaMs: 2000, quiet: true },
    ]);
  });

  test('is passed only a growing (epoch, sequence): 2 of these 6 chunks are old', () => {
    const { hear, join } = stage();
    const listener = join();
    hear(sent(0), sent(1), sent(1), sent(0, { epoch: 2 }), sent(2), sent(1, { epoch: 2 }));
    expect(listener.chunks.map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
  });

  test('and has a second in its queue gets no more until that is gone; the other 99 hear all 20 chunks', () => {
    const { hear, join, verdicts } = stage();
    const listeners = Array.from({ length: 100 }, join);
    const slow = listeners[50];
    if (!slow) throw new Error('no listener');
    hear(...numbers(0, 9).map((n) => sent(n)));
    slow.queuedBytes = 9 * 3276;
    hear(sent(10));
    slow.queuedBytes = 10 * 3276;
    hear(...numbers(11, 15).map((n) => sent(n)));
    slow.queuedBytes = 0;
    hear(...numbers(16, 19).map((n) => sent(n)));
    expect(verdicts).toEqual(['skip']);
    expect(slow.chunks.map(({ sequence, skippedBefore }) => [sequence, skippedBefore])).toEqual([
      ...numbers(0, 10).map((n) => [n, undefined]),
      [16, true],
      ...numbers(17, 19).map((n) => [n, undefined]),
    ]);
    expect(listeners.filter((each) => each !== slow).every(({ chunks }) => chunks.length === 20)).toBe(true);
  });

  test('and falls behind twice within a minute is closed with 4008', () => {
    const { hear, join, time, verdicts } = stage();
    const slow = join();
    for (const [atMs, queuedBytes] of [
      [0, 40_000],
      [1000, 0],
      [59_000, 40_000],
    ] as const) {
      time.advance(1000 + atMs - time.nowMs());
      slow.queuedBytes = queuedBytes;
      hear(sent(atMs));
    }
    expect([verdicts, slow.closed]).toEqual([['skip', 'close'], { code: 4008, reason: 'too slow' }]);
  });

  test('and takes not even texts is cut at 256 kB', () => {
    const { hear, join } = stage();
    const stuck = join();
    stuck.queuedBytes = 256 * 1024;
    hear(status('waiting'));
    expect(stuck.destroyed).toBe(false);
    stuck.queuedBytes++;
    hear(status('live'));
    expect(stuck.destroyed).toBe(true);
  });
});

/** Frame `n` of epoch 1, 20 ms, as the room sends it. */
function frame(n: number, fields: Partial<Chunk> = {}): RoomMessage {
  return sent(n, { firstSample: n * 320, pcm: new Uint8Array(640).fill(n), ...fields });
}

/** Which frames a chunk is made of. */
function framesIn(pcm: Uint8Array = new Uint8Array()): number[] {
  return Array.from({ length: pcm.length / 640 }, (_, n) => pcm[n * 640] ?? -1);
}

describe('frames become chunks', () => {
  test('5 frames of 20 ms are one chunk of 100 ms, numbered from 0', () => {
    const { hear, join } = stage();
    const listener = join();
    hear(...numbers(0, 14).map((n) => frame(n)));
    expect(
      listener.chunks.map(({ sequence, firstSample, pcm }) => [sequence, firstSample, pcm.length]),
    ).toEqual([
      [0, 0, 3200],
      [1, 1600, 3200],
      [2, 3200, 3200],
    ]);
    expect(framesIn(listener.chunks[1]?.pcm)).toEqual([5, 6, 7, 8, 9]);
  });

  test('a pause, a gap and the end of being live end a chunk early', () => {
    const { hear, join } = stage();
    const listener = join();
    hear(status('live'), frame(0), frame(1), { kind: 'clock', epoch: 1, mediaMs: 40, quiet: true });
    hear(
      frame(12),
      frame(13, { firstSample: 6400, gapBefore: true }),
      frame(14, { firstSample: 6720, padded: true }),
    );
    hear(status('waiting'));
    expect(
      listener.chunks.map(({ sequence, firstSample, pcm, gapBefore, padded }) => [
        sequence,
        firstSample / 320,
        pcm.length / 640,
        gapBefore,
        padded,
      ]),
    ).toEqual([
      [0, 0, 2, false, false],
      [1, 12, 1, false, false],
      [2, 20, 2, true, true],
    ]);
    expect(listener.heard.at(-1)).toEqual({ type: 'state', state: 'waiting' });
  });
});

describe('an audience of 2000', () => {
  test('gets a chunk of 100 ms in 4 phases of 500, 20 ms apart, each listener every frame once', () => {
    const { hear, join } = stage();
    hear(...numbers(0, 9).map((n) => frame(n)));
    const listeners = Array.from({ length: 2000 }, join);
    const ends = new Map<number, number>();
    for (let n = 10; n < 60; n++) {
      hear(frame(n));
      const reached = listeners.filter(({ chunks }) => chunks.at(-1)?.pcm.at(-1) === n).length;
      ends.set(n % 5, (ends.get(n % 5) ?? 0) + (n >= 20 ? reached : 0));
    }
    expect([...ends.values()].toSorted((a, b) => a - b)).toEqual([0, 4000, 4000, 4000, 4000]);
    for (const { chunks } of listeners) {
      const heard = chunks.flatMap(({ pcm }) => framesIn(pcm));
      expect(heard).toEqual(numbers(0, heard.length - 1));
      expect(chunks.map(({ sequence }) => sequence)).toEqual(numbers(0, chunks.length - 1));
      expect(chunks.every(({ pcm }) => pcm.length <= 6400)).toBe(true);
      expect(heard.length).toBeGreaterThanOrEqual(56);
    }
  });

  test('is told the media clock with the next chunk, each phase the clock of its moment, in no write of its own', () => {
    const { hear, join, time } = stage();
    const listeners = Array.from({ length: 2000 }, join);
    hear(status('live'));
    for (let n = 0; n < 10; n++) {
      time.advance(20);
      if (n === 4) hear({ kind: 'clock', epoch: 1, mediaMs: 80, quiet: false });
      hear(frame(n));
    }
    const clocks = listeners.map(({ heard }) =>
      heard.flatMap((message) => (Object(message).type === 'clock' ? [Object(message).mediaMs] : [])),
    );
    expect(clocks.every((each) => each.length === 1)).toBe(true);
    expect(new Set(clocks.flat())).toEqual(new Set([80, 100, 120, 140]));
    const first = listeners[0];
    const at = first?.heard.findIndex((message) => Object(message).type === 'clock') ?? 0;
    expect([first?.heard[at + 1], first?.sends]).toEqual([0, 4]);
  });

  test('is told a state one phase after the other, and before any chunk that follows', () => {
    const { hear, join, time } = stage();
    const listeners = Array.from({ length: 2000 }, join);
    const told = () => listeners.filter(({ heard }) => Object(heard[1]).state === 'live').length;
    hear(status('live'));
    expect(told()).toBe(500);
    hear(frame(0));
    time.advance(0);
    expect(told()).toBe(2000);
    hear(...numbers(1, 9).map((n) => frame(n)));
    for (const { heard } of listeners) {
      expect(heard.filter((message) => Object(message).state === 'live')).toHaveLength(1);
      expect(heard.indexOf(0)).toBe(2);
    }
  });

  test('that has gone leaves one phase: the next listener gets its chunk at the first offset', () => {
    const { feed, hear, join } = stage();
    const leaves = Array.from({ length: 2000 }, () => feed.join(new Listener(new FakeTransport(), () => {})));
    for (const leave of leaves) leave();
    expect(feed.size).toBe(0);
    const listener = join();
    hear(...numbers(0, 4).map((n) => frame(n)));
    expect(listener.chunks).toHaveLength(1);
  });
});

test('bytes that are no chunk are a fault of the program and throw', () => {
  expect(() => stage().hear({ kind: 'chunk', bytes: new Uint8Array(9) })).toThrow('not-riff');
});
