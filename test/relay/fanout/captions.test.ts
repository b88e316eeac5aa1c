import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeChunk } from '../../../wire/chunk.ts';
import type { CaptionMessage } from '../../../wire/messages.ts';
import { Feed } from '../../../relay/fanout/feed.ts';
import { Listener } from '../../../relay/fanout/listener.ts';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { caption, chunk } from '../../support/relay-words.ts';
import { FakeTransport } from './fake-transport.ts';
import { HttpEar, HttpStage } from './http-stage.ts';

/** The feed of a live room, whose clock stands at `mediaMs`; nobody has spoken for a while. */
function stage(mediaMs = 20_000) {
  const time = new FakeClock();
  const settings = { room: 'a', title: 'A', chunkMs: 100, retryWindowMs: 10_000, showListeners: false };
  const feed = new Feed(settings, time);
  feed.hear({ kind: 'status', status: { state: 'live', epoch: 1, sampleRate: 16_000 } });
  feed.hear({ kind: 'clock', epoch: 1, mediaMs, quiet: true });
  const write = (...captions: CaptionMessage[]): void => {
    for (const each of captions) feed.hear({ kind: 'caption', caption: each });
  };
  const speak = (sequence: number): void => feed.hear({ kind: 'chunk', bytes: encodeChunk(chunk(sequence)) });
  const join = (): FakeTransport => {
    const transport = new FakeTransport();
    feed.join(new Listener(transport, () => {}));
    return transport;
  };
  return { feed, time, write, speak, join };
}

/** The captions among what was heard, as `id: text`, a final with `!`. */
function read(heard: readonly unknown[]): string[] {
  return heard.flatMap((message) => {
    const { type, id, text, final } = Object(message);
    return type === 'caption' ? [`${id}: ${text}${final ? '!' : ''}`] : [];
  });
}

const SAID = [
  caption('c1', 'Good'),
  caption('c1', 'Good morning'),
  caption('c1', 'Good morning.', { final: true }),
];

describe('what is said, as text', () => {
  test('reaches who listens in a pause at once: 2 partials, then the final, every field of it', () => {
    const { write, join } = stage();
    const listener = join();
    write(...SAID);
    expect(read(listener.heard)).toEqual(['c1: Good', 'c1: Good morning', 'c1: Good morning.!']);
    expect(listener.heard.at(-1)).toEqual(SAID[2]);
  });

  test('goes with the next chunk while somebody speaks, in no write of its own, to each of 2000', () => {
    const { write, speak, join } = stage();
    const listeners = Array.from({ length: 2000 }, join);
    speak(0);
    const before = listeners.map(({ sends }) => sends);
    write(...SAID);
    expect(listeners.every(({ sends }, n) => sends === before[n])).toBe(true);
    speak(1);
    for (const { heard, sends } of listeners) {
      expect(heard.at(-1)).toBe(1);
      expect(read(heard)).toHaveLength(3);
      expect(sends).toBe(3);
    }
  });

  test('is not held back by a pause that begins right then', () => {
    const { feed, write, speak, join } = stage();
    const listener = join();
    speak(0);
    write(...SAID);
    feed.hear({ kind: 'clock', epoch: 1, mediaMs: 20_100, quiet: true });
    expect(read(listener.heard)).toHaveLength(3);
  });
});

describe('who comes late', () => {
  test('is told the finals of the last 10 s after hello, in order, and no partial', () => {
    const { write, join } = stage();
    write(
      caption('old', 'Before.', { endMs: 9999, final: true }),
      caption('c1', 'First.', { endMs: 10_000, final: true }),
      caption('c2', 'Second.', { endMs: 19_500, final: true }),
      caption('c3', 'Thi', { endMs: 20_000 }),
    );
    const { heard } = join();
    expect(Object(heard[0]).type).toBe('hello');
    expect(read(heard)).toEqual(['c1: First.!', 'c2: Second.!']);
  });

  test('is told the newest 20 of 30, and before the last second of sound', () => {
    const { write, speak, join } = stage();
    const finals = Array.from({ length: 30 }, (_, n) =>
      caption(`c${n}`, 'x', { endMs: 19_000, final: true }),
    );
    write(...finals);
    speak(0);
    const { heard } = join();
    expect(read(heard).slice(0, 1)).toEqual(['c10: x!']);
    expect(heard).toHaveLength(1 + 20 + 1);
    expect(heard.at(-1)).toBe(0);
  });

  test('between a final and the chunk that it goes with hears it once', () => {
    const { write, speak, join } = stage();
    speak(0);
    write(caption('c1', 'First.', { endMs: 19_500, final: true }));
    const late = join();
    speak(1);
    expect(read(late.heard)).toEqual(['c1: First.!']);
  });

  test('is told nothing of an epoch that is over', () => {
    const { feed, write, join } = stage();
    write(caption('c1', 'First.', { endMs: 19_500, final: true }));
    feed.hear({ kind: 'status', status: { state: 'connecting', epoch: null, sampleRate: null } });
    expect(read(join().heard)).toEqual([]);
    feed.hear({ kind: 'status', status: { state: 'live', epoch: 2, sampleRate: 16_000 } });
    feed.hear({ kind: 'clock', epoch: 2, mediaMs: 100, quiet: true });
    expect(read(join().heard)).toEqual([]);
  });
});

describe('who is too slow', () => {
  test('loses both partials and no final of 2, in speech as in a pause; the other hears all 8', () => {
    const { time, write, speak, join } = stage();
    const [slow, quick] = [join(), join()];
    speak(0);
    slow.queuedBytes = 40_000;
    speak(1);
    write(...SAID);
    speak(2);
    time.advance(200);
    write(...SAID.map((said) => ({ ...said, id: 'c2' })), caption('c3', 'And'), caption('c3', 'And so'));
    expect(read(slow.heard)).toEqual(['c1: Good morning.!', 'c2: Good morning.!']);
    expect(read(quick.heard)).toHaveLength(8);
    expect([slow.destroyed, slow.closed]).toEqual([false, undefined]);
  });
});

describe('over plain HTTP', () => {
  let http: HttpStage;
  beforeEach(async () => {
    http = new HttpStage();
    await http.open();
  });
  afterEach(() => http.close());

  /** One poll and its answer, which waits for nothing. */
  async function poll(ear: HttpEar): Promise<void> {
    const answer = fetch(`${http.url}/chunks?after=${ear.cursor}&listener=me&wait=0`);
    const answered = answer.then(async (response) => ear.push(new Uint8Array(await response.arrayBuffer())));
    let done = false;
    void answered.then(() => (done = true));
    await until('the answer', () => {
      http.clock.advance(0);
      return done;
    });
  }

  test('a stream brings 2 partials and the final, in order', async () => {
    const response = await http.client('/stream');
    const ear = new HttpEar();
    response.on('data', (bytes: Buffer) => ear.push(bytes));
    await until('hello', () => ear.messages.length === 1);
    for (const said of SAID) http.write(said);
    await until('3 captions', () => ear.messages.length === 4);
    expect(ear.messages.slice(1)).toEqual(SAID);
    response.destroy();
  });

  test('polls bring what was said between them, in order, each piece once', async () => {
    const ear = new HttpEar();
    http.speak(1);
    await poll(ear);
    const [first, second, final] = SAID;
    if (!first || !second || !final) throw new Error('nothing was said');
    http.write(first);
    await poll(ear);
    http.write(second);
    http.speak(1);
    http.clock.advance(100);
    http.write(final);
    await poll(ear);
    await poll(ear);
    expect(read(ear.messages)).toEqual(['c1: Good', 'c1: Good morning', 'c1: Good morning.!']);
    expect(ear.sequences).toEqual([0, 1]);
  });

  test('a poll that is given up leaves what was said to the next one', async () => {
    const ear = new HttpEar();
    await poll(ear);
    const aborter = new AbortController();
    const { signal } = aborter;
    const given = fetch(`${http.url}/chunks?after=0.0&listener=me&wait=2`, { signal }).catch(
      () => 'given up',
    );
    await fetch(`${http.url}/nothing?wait=x`);
    for (const said of SAID) http.write(said);
    aborter.abort();
    expect(await given).toBe('given up');
    await fetch(`${http.url}/nothing?wait=x`);
    await poll(ear);
    expect(read(ear.messages)).toHaveLength(3);
  });

  test('the plain stream has no words: 44 bytes of header and nothing of a caption', async () => {
    const response = await http.client('/stream.wav');
    let bytes = 0;
    response.on('data', (part: Buffer) => (bytes += part.length));
    await until('the header', () => bytes > 0);
    for (const said of SAID) http.write(said);
    await fetch(`${http.url}/nothing?wait=x`);
    expect(bytes).toBe(44);
    response.destroy();
  });
});
