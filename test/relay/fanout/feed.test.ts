import { describe, expect, test } from 'vitest';
import { encodeChunk, type Chunk } from '../../../wire/chunk.ts';
import type { RoomState } from '../../../wire/messages.ts';
import { Feed } from '../../../relay/fanout/feed.ts';
import { Listener } from '../../../relay/fanout/listener.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
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
  const time = { nowMs: 0 };
  const feed = new Feed(
    { room: 'allhands', title: 'All hands', chunkMs: 100, retryWindowMs: 10_000, showListeners },
    () => time.nowMs,
  );
  const hear = (...messages: RoomMessage[]): void => messages.forEach((message) => feed.hear(message));
  const join = (): FakeTransport => {
    const transport = new FakeTransport();
    feed.join(new Listener(transport));
    return transport;
  };
  if (chunks > 0) hear(status('live'), ...Array.from({ length: chunks }, (_, n) => sent(n)));
  return { feed, time, hear, join };
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
    time.nowMs = 250;
    expect(join().heard[0]).toMatchObject({ mediaMs: 3950 });
  });

  test('a room that shows its listeners reads how many there are, itself included', () => {
    const { join } = stage({ showListeners: true });
    join();
    expect(join().heard[0]).toMatchObject({ listeners: 2 });
  });
});

describe('the last second', () => {
  test('is bound by time, not by number: 20 ms chunks and a gap of 900 ms leave 5', () => {
    const { hear, join } = stage();
    const pcm = new Uint8Array(640);
    hear(status('live'));
    for (let n = 0; n < 100; n++) hear(sent(n, { pcm, firstSample: n * 320 }));
    for (let n = 100; n < 105; n++) hear(sent(n, { pcm, firstSample: n * 320 + 900 * 16 }));
    expect(join().chunks.map(({ sequence }) => sequence)).toEqual(numbers(100, 104));
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

  test('and is too slow is closed with 4008 and gets no more; the other 99 hear all 20 chunks', () => {
    const { hear, join } = stage();
    const listeners = Array.from({ length: 100 }, join);
    const slow = listeners[50];
    if (!slow) throw new Error('no listener');
    hear(...numbers(0, 9).map((n) => sent(n)));
    slow.queuedBytes = 256 * 1024 + 1;
    hear(...numbers(10, 19).map((n) => sent(n)));
    expect(slow.closed).toEqual({ code: 4008, reason: 'too slow' });
    expect(listeners.map(({ chunks }) => chunks.length)).toEqual(
      listeners.map((each) => (each === slow ? 10 : 20)),
    );
  });
});

test('bytes that are no chunk are a fault of the program and throw', () => {
  expect(() => stage().hear({ kind: 'chunk', bytes: new Uint8Array(9) })).toThrow('not-riff');
});
