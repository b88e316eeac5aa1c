import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunk, type Chunk } from '../../../wire/chunk.ts';
import { parseRoomId } from '../../../wire/room-id.ts';
import type { LegEnd } from '../../../relay/leg.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { Room } from '../../../relay/room/room.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { FakePlatform } from './fake-platform.ts';
import { DIALLED, PUBLISHED } from './lifecycle-settings.ts';

const ID = parseRoomId('allhands');
if (!ID) throw new Error('not a room id');
const id = ID;

/** A room on a platform and a clock of the test's own. */
function stage({ dials = true, chunkMs = 100, suppressSilence = false } = {}) {
  const clock = new FakeClock();
  const platform = new FakePlatform(clock);
  const log = new KeptLog();
  const out: RoomMessage[] = [];
  const room = new Room({
    id,
    chunkMs,
    prerollMs: 0,
    suppressSilence,
    lifecycle: dials ? DIALLED : PUBLISHED,
    calls: dials ? platform : null,
    clock,
    random: () => 0,
    log,
    out: (message) => out.push(message),
  });
  const states = () => out.flatMap((message) => (message.kind === 'status' ? [message.status.state] : []));
  const chunks = (): Chunk[] =>
    out.flatMap((message) => {
      if (message.kind !== 'chunk') return [];
      const reading = decodeChunk(message.bytes);
      if (reading.kind === 'fault') throw new Error(reading.code);
      return [reading.chunk];
    });
  /** `ms` of sound from the newest leg. */
  const talk = (ms: number): void => {
    for (let n = 0; n < ms; n += 20) {
      platform.speak();
      clock.advance(20);
    }
  };
  /** A listener, a call and its leg, up. */
  const goLive = async (): Promise<void> => {
    room.audience(1);
    platform.answer();
    await settled();
    platform.connect(room);
    talk(1000);
  };
  return { clock, platform, log, out, room, states, chunks, talk, goLive };
}

describe('a dialled room', () => {
  test('tells idle people: connecting, waiting, live; then waiting 2 s after the last frame', async () => {
    const { room, states, goLive, clock } = stage();
    expect(room.describe()).toMatchObject({ state: 'idle', epoch: null, sampleRate: null, mediaMs: null });
    await goLive();
    expect(states()).toEqual(['connecting', 'waiting', 'waiting', 'live']);
    clock.advance(1900);
    expect(states().at(-1)).toBe('live');
    clock.advance(100);
    expect(states().at(-1)).toBe('waiting');
  });

  test('10 chunks of 100 ms come of one second of frames, of the epoch that was dialled', async () => {
    const { chunks, platform, goLive } = stage();
    await goLive();
    expect(chunks().map(({ sequence, firstSample }) => [sequence, firstSample])).toEqual(
      Array.from({ length: 10 }, (_, n) => [n, n * 1600]),
    );
    expect(new Set(chunks().map(({ epoch }) => epoch))).toEqual(new Set([platform.last.epoch]));
  });

  test('the media clock is told every 2.4 s once there was a frame, and not before', async () => {
    const { clock, out, platform, room, talk } = stage();
    room.audience(1);
    platform.answer();
    await settled();
    platform.connect(room);
    clock.advance(9000);
    const clocks = () => out.filter(({ kind }) => kind === 'clock');
    expect(clocks()).toEqual([]);
    expect(room.describe()).toMatchObject({ sampleRate: 16_000, mediaMs: null });
    talk(8000);
    expect(clocks()).toHaveLength(4);
    expect(clocks()[0]).toMatchObject({ epoch: platform.last.epoch, mediaMs: 620 });
    expect(room.describe().mediaMs).toBeCloseTo(8020, 3);
  });

  test('a burst of 1000 listeners while the event loop lags 600 ms does not tell anybody "waiting"', async () => {
    const { clock, room, states, talk, goLive, platform } = stage();
    await goLive();
    talk(1980);
    const before = states().length;
    // The 2 s timer is overdue: this loop turn has only joins so far.
    const late = clock.nowMs() + 30;
    clock.nowMs = () => late;
    for (let listeners = 2; listeners <= 1001; listeners++) room.audience(listeners);
    platform.speak();
    expect(states()).toHaveLength(before);
  });

  test('P4: a stalled leg is told to the log after 1 s, hung up after 10 s and dialled anew, with a greater epoch', async () => {
    const { clock, log, platform, goLive } = stage();
    await goLive();
    const first = platform.last;
    // The last frame came 20 ms ago.
    clock.advance(979);
    expect(log.of('leg.stalled')).toEqual([]);
    clock.advance(1);
    const line = { level: 'warn', event: 'leg.stalled', room: 'allhands', epoch: first.epoch };
    expect(log.of('leg.stalled')).toEqual([line]);
    clock.advance(9000);
    expect(log.of('leg.stalled')).toEqual([line]);
    expect(platform.hungUp).toEqual(['leg-1']);
    platform.carryOut();
    await settled();
    clock.advance(1000);
    expect(platform.calls).toHaveLength(2);
    expect(platform.last.epoch).toBeGreaterThan(first.epoch);
  });

  test('4 refused calls wait 0.5, 1, 2, 4 s; listeners read "unavailable" from the second', async () => {
    const { clock, platform, room, states } = stage();
    room.audience(1);
    const asked = [clock.nowMs()];
    for (let n = 0; n < 4; n++) {
      platform.refuse();
      await settled();
      const calls = platform.calls.length;
      while (platform.calls.length === calls) clock.advance(100);
      asked.push(clock.nowMs());
    }
    expect(asked.slice(1).map((ms, n) => ms - (asked[n] ?? 0))).toEqual([500, 1000, 2000, 4000]);
    expect(states()).toEqual([
      'connecting',
      'unavailable',
      'connecting',
      'unavailable',
      'connecting',
      'unavailable',
      'connecting',
    ]);
  });

  test('P4: a platform that refuses every call is asked 25 times in 10 min, never more than 30 s apart; listeners are told', async () => {
    const { clock, platform, room, states } = stage();
    room.audience(1);
    const asked: number[] = [];
    for (const endMs = clock.nowMs() + 600_000; clock.nowMs() < endMs; clock.advance(500)) {
      if (platform.calls.length > asked.length) asked.push(clock.nowMs());
      platform.refuse();
      await settled();
    }
    expect(asked).toHaveLength(25);
    expect(Math.max(...asked.slice(1).map((ms, n) => ms - (asked[n] ?? 0)))).toBe(30_000);
    expect(states().filter((state) => state === 'unavailable')).toHaveLength(24);
  });

  test('P6: whatever the wall clock does, each of 100 calls has a greater epoch than the one before', async () => {
    const jumps = fc.array(fc.integer({ min: -3_600_000, max: 3_600_000 }), { minLength: 99, maxLength: 99 });
    const lives = fc.asyncProperty(jumps, async (jumpsMs) => {
      const { clock, platform, room } = stage();
      room.audience(1);
      for (const jumpMs of jumpsMs) {
        clock.jumpWall(jumpMs);
        platform.refuse();
        await settled();
        clock.advance(30_000);
      }
      const epochs = platform.calls.map(({ epoch }) => epoch);
      expect(epochs).toHaveLength(100);
      expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
    });
    await fc.assert(lives, { numRuns: 20 });
  });

  test('a second leg with the same ticket, and one of an old call, are refused as superseded', async () => {
    const { platform, room, goLive } = stage();
    await goLive();
    expect(room.admitLeg(platform.last.epoch)).toEqual({ kind: 'refused', why: 'superseded' });
    expect(room.admitLeg(platform.last.epoch + 1)).toEqual({ kind: 'refused', why: 'not-expected' });
    expect(room.admitPublisher()).toEqual({ kind: 'refused', why: 'not-expected' });
  });

  test('after its leg was closed for good, 1 s of frames on the old socket makes no chunk and no clock', async () => {
    const { out, platform, room, goLive } = stage();
    await goLive();
    const { sink } = platform.last;
    room.callOver('leg-1', 'ended');
    const before = out.length;
    for (let n = 0; n < 50; n++) sink?.frame(new Uint8Array(640));
    expect(out).toHaveLength(before);
  });

  test('a leg that is held says "waiting" at once and "live" with the first frame after it', async () => {
    const { platform, states, talk, goLive } = stage();
    await goLive();
    platform.last.sink?.held(true);
    expect(states().at(-1)).toBe('waiting');
    platform.last.sink?.held(false);
    talk(20);
    expect(states().at(-1)).toBe('live');
  });

  test('the log names each step once, with room and leg', async () => {
    const { log, goLive } = stage();
    await goLive();
    expect(log.lines.map(({ event }) => event)).toEqual([
      'call.dialled',
      'room.state',
      'call.placed',
      'leg.opened',
      'room.state',
      'room.state',
    ]);
    expect(log.of('call.placed')[0]).toMatchObject({ room: 'allhands', leg: 'leg-1' });
  });
});

describe('a published room', () => {
  test('takes one publisher, refuses the second, and takes the next after the first has gone', () => {
    const { room, states } = stage({ dials: false });
    const first = room.admitPublisher();
    if (first.kind === 'refused') throw new Error(first.why);
    const sink = first.sink({ close: () => {} });
    sink.opened(8000);
    expect(room.admitPublisher()).toEqual({ kind: 'refused', why: 'superseded' });
    sink.frame(new Uint8Array(320));
    sink.closed('lost');
    expect(states()).toEqual(['waiting', 'waiting', 'live', 'idle']);
    expect(room.admitPublisher().kind).toBe('admitted');
  });
});

describe('closing', () => {
  test('hangs up, closes the leg, tells nothing more; a second close is the same close', async () => {
    const { clock, out, platform, room, goLive } = stage();
    await goLive();
    const before = out.length;
    const closed = room.close();
    expect(room.close()).toBe(closed);
    expect(platform.hungUp).toEqual(['leg-1']);
    platform.carryOut();
    await closed;
    expect(clock.pending).toBe(0);
    expect(out.slice(before)).toEqual([]);
  });

  test('listeners who leave one by one while the room closes do not make it dial again', async () => {
    const { platform, room, goLive } = stage();
    await goLive();
    room.audience(5);
    const closed = room.close();
    platform.drop();
    for (const listeners of [4, 3, 4, 2, 1, 0]) room.audience(listeners);
    platform.carryOut();
    await closed;
    expect(platform.calls).toHaveLength(1);
  });

  test('a call that is placed while the room closes is hung up before close resolves', async () => {
    const { platform, room } = stage();
    room.audience(1);
    let done = false;
    const closed = room.close().then(() => (done = true));
    await settled();
    expect(done).toBe(false);
    platform.answer();
    await settled();
    expect([done, platform.hungUp]).toEqual([false, ['leg-1']]);
    platform.carryOut();
    await closed;
    expect(platform.calls[0]?.alive).toBe(false);
  });

  test('a hang-up under way when the room closes is waited for, not asked for twice', async () => {
    const { clock, platform, room, goLive, talk } = stage();
    await goLive();
    room.audience(0);
    talk(30_000);
    expect(platform.hungUp).toEqual(['leg-1']);
    const closed = room.close();
    platform.carryOut();
    await closed;
    expect([platform.hungUp, clock.pending]).toEqual([['leg-1'], 0]);
  });

  test('a leg that comes to the door of a closed room is refused', async () => {
    const { platform, room } = stage();
    room.audience(1);
    const closed = room.close();
    expect(platform.connect(room)).toBe(false);
    platform.refuse();
    await closed;
    expect(room.admitPublisher().kind).toBe('refused');
  });
});

type Word =
  | { do: 'audience'; n: number }
  | { do: 'answer' | 'refuse' | 'connect' | 'fail' | 'carryOut' | 'speak'; n: number }
  | { do: 'drop'; n: number; end: LegEnd; survives: boolean }
  | { do: 'news'; n: number; again: boolean }
  | { do: 'wait'; n: number };

const anyWord: fc.Arbitrary<Word> = fc.oneof(
  fc.record({ do: fc.constant('audience' as const), n: fc.nat(3) }),
  fc.record({
    do: fc.constantFrom('answer', 'refuse', 'connect', 'fail', 'carryOut', 'speak'),
    n: fc.nat(3),
  }),
  fc.record({
    do: fc.constant('drop' as const),
    n: fc.nat(3),
    end: fc.constantFrom<LegEnd>('ended', 'lost'),
    survives: fc.boolean(),
  }),
  fc.record({ do: fc.constant('news' as const), n: fc.nat(5), again: fc.boolean() }),
  fc.record({
    do: fc.constant('wait' as const),
    n: fc.constantFrom(10, 300, 700, 2500, 9000, 31_000, 50_000),
  }),
);

async function perform(word: Word, { room, platform, clock, talk }: ReturnType<typeof stage>): Promise<void> {
  const call = platform.calls.at(-1 - word.n);
  switch (word.do) {
    case 'audience':
      room.audience(word.n);
      break;
    case 'wait':
      clock.advance(word.n);
      break;
    case 'speak':
      talk(200);
      break;
    case 'carryOut':
      platform.carryOut(0, word.n % 2 === 0);
      break;
    case 'news': {
      const told = platform.news[word.n] ?? { legId: 'unknown', end: 'lost' as const };
      if (!word.again) platform.news.splice(word.n, 1);
      room.callOver(told.legId, told.end);
      break;
    }
    case 'drop':
      // An orderly close comes from a call that is over.
      if (call) platform.drop(call, word.end, word.survives && word.end === 'lost');
      break;
    case 'connect':
      if (call) platform.connect(room, call);
      break;
    case 'answer':
      // A call that is over was placed, once.
      if (call) platform.answer(call);
      break;
    case 'refuse':
      if (call) platform.refuse(call, word.n === 2 ? 3000 : null);
      break;
    case 'fail':
      if (call) platform.fail(call);
      break;
    default:
      word satisfies never;
  }
  await settled();
}

describe('whatever happens in whatever order', () => {
  test('in 2000 random lives no call is placed while another may live, and none is left behind', async () => {
    const lives = fc.asyncProperty(fc.array(anyWord, { minLength: 5, maxLength: 60 }), async (words) => {
      const world = stage();
      for (const each of words) await perform(each, world);
      const { room, platform, clock } = world;
      expect(platform.worst).toBe(0);

      room.audience(0);
      for (let n = 0; n < 12; n++) {
        for (const call of platform.calls) platform.answer(call);
        await settled();
        platform.carryOut();
        await settled();
        clock.advance(31_000);
        await settled();
      }
      expect(platform.worst).toBe(0);
      expect(platform.calls.filter(({ alive }) => alive)).toEqual([]);
      expect(new Set(platform.hungUp).size).toBe(platform.hungUp.length);
    });
    await fc.assert(lives, { numRuns: 2000 });
  });

  test('1 h of 400 random events runs fewer than 8000 timers: nothing spins', async () => {
    const hours = fc.asyncProperty(fc.array(anyWord, { minLength: 400, maxLength: 400 }), async (words) => {
      const world = stage();
      for (const each of words) {
        await perform(each, world);
        world.clock.advance(9000);
        await settled();
      }
      expect(world.clock.ran).toBeLessThan(8000);
    });
    await fc.assert(hours, { numRuns: 10 });
  });
});
