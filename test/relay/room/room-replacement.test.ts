import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunk, type Chunk } from '../../../wire/chunk.ts';
import type { SampleRate } from '../../../wire/format.ts';
import { parseRoomId } from '../../../wire/room-id.ts';
import type { LegEnd } from '../../../relay/leg.ts';
import type { RoomMessage } from '../../../relay/room-message.ts';
import { legStatusOf } from '../../../relay/room-directory.ts';
import type { LifecycleSettings } from '../../../relay/room/room-life.ts';
import { Room } from '../../../relay/room/room.ts';
import { ConferenceSignal } from '../../support/conference-signal.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { KeptLog } from '../../support/quiet-log.ts';
import { FakePlatform } from './fake-platform.ts';
import { DIALLED } from './lifecycle-settings.ts';

const ID = parseRoomId('allhands');
if (!ID) throw new Error('not a room id');
const id = ID;
const SIGNAL = new ConferenceSignal();

/** A leg lives 60 s and is replaced at 30. */
const SHORT: LifecycleSettings = { ...DIALLED, maxLegMs: 60_000, replaceAtMs: 30_000 };

/** A room whose legs all bring the same speech. */
function stage(lifecycle = SHORT) {
  const clock = new FakeClock();
  const platform = new FakePlatform(clock);
  const log = new KeptLog();
  const out: RoomMessage[] = [];
  const room = new Room({
    id,
    chunkMs: 20,
    prerollMs: 0,
    suppressSilence: false,
    lifecycle,
    calls: platform,
    clock,
    random: () => 0,
    log,
    out: (message) => out.push(message),
  });
  let spoken = 0;
  const chunks = (): Chunk[] =>
    out.flatMap((message) => {
      const reading = message.kind === 'chunk' ? decodeChunk(message.bytes) : undefined;
      return reading?.kind === 'chunk' ? [reading.chunk] : [];
    });
  const states = () => out.flatMap((message) => (message.kind === 'status' ? [message.status.state] : []));
  /** `ms` of the conference, the same for every leg. */
  const talk = (ms: number): void => {
    for (let n = 0; n < ms; n += 20) {
      platform.speakToAll(SIGNAL.pcm(320 * spoken++));
      clock.advance(20);
    }
  };
  /** A listener, a call and its leg, up and heard for so long. */
  const goLive = async (ms: number): Promise<void> => {
    room.audience(1);
    platform.answer();
    await settled();
    platform.connect(room);
    talk(ms);
    await settled();
  };
  /** The successor's call is answered, and its leg comes. */
  const succeed = async (sampleRate?: SampleRate): Promise<void> => {
    platform.answer();
    await settled();
    platform.connect(room, platform.last, sampleRate);
  };
  return { clock, platform, log, out, room, chunks, states, talk, goLive, succeed };
}

describe('a room whose leg grows old', () => {
  test('calls a second, goes over to it and hangs up the first: one media clock, no gap, each step logged once', async () => {
    const { platform, log, room, chunks, states, talk, goLive, succeed } = stage();
    await goLive(30_000);
    const [first] = platform.calls;
    expect(platform.calls).toHaveLength(2);
    await succeed();
    expect(platform.hungUp).toEqual([]);
    const before = room.describe().epoch;
    talk(5000);
    expect(platform.hungUp).toEqual(['leg-1']);
    platform.carryOut();
    await settled();
    talk(5000);

    expect(chunks().map(({ sequence }) => sequence)).toEqual([...chunks().keys()]);
    expect(chunks().map(({ firstSample }) => firstSample)).toEqual([...chunks().keys()].map((n) => n * 320));
    expect(chunks().filter(({ gapBefore }) => gapBefore)).toEqual([]);
    expect(chunks().length).toBe(2000);
    expect(chunks().every(({ pcm }, n) => Buffer.compare(pcm, SIGNAL.pcm(n * 320)) === 0)).toBe(true);
    expect([room.describe().epoch, states().slice(4)]).toEqual([before, []]);

    const events = log.lines.filter(({ event }) => event !== 'leg.sound').map(({ event }) => event);
    expect(events.slice(6)).toEqual([
      'leg.replacing',
      'call.dialled',
      'call.placed',
      'leg.opened',
      'leg.replaced',
      'leg.closed',
    ]);
    const [epoch, next] = [first?.epoch, platform.last.epoch];
    expect(log.of('leg.replacing')).toMatchObject([{ room: 'allhands', epoch, next }]);
    expect(log.of('leg.opened').at(-1)).toMatchObject({ epoch: next });
    expect(log.of('leg.replaced')).toMatchObject([{ epoch, next, leg: 'leg-2', by: 'sound', lagMs: 0 }]);
    expect(log.of('leg.closed')).toMatchObject([{ epoch, end: 'replaced' }]);
  });

  test('tells its operator of the leg that is heard: its call, its age and how long it may live', async () => {
    const { clock, platform, room, talk, goLive, succeed } = stage();
    expect(room.describe().leg).toBeNull();
    await goLive(20_000);
    const { leg } = room.describe();
    expect(leg && legStatusOf(leg, clock.wallMs())).toMatchObject({
      legId: 'leg-1',
      epoch: platform.last.epoch,
      ageSec: 20,
      endsInSec: 40,
      sound: 'speech',
    });
    expect(leg?.levelDbfs).toBeGreaterThan(-80);
    const { epoch } = platform.last;
    talk(10_000);
    await settled();
    await succeed();
    talk(5000);
    const now = room.describe().leg;
    expect(now && legStatusOf(now, clock.wallMs())).toMatchObject({
      legId: 'leg-2',
      epoch,
      ageSec: 5,
      endsInSec: 55,
    });
  });

  test('closes the old leg’s socket 1 s after the hang-up, where the platform leaves it open', async () => {
    const { platform, log, talk, goLive, succeed } = stage();
    await goLive(30_000);
    await succeed();
    talk(3000);
    platform.carryOut(0, false);
    await settled();
    expect(log.of('leg.closed')).toEqual([]);
    talk(1000);
    expect(log.of('leg.closed')).toMatchObject([{ end: 'replaced' }]);
    talk(1000);
    expect(log.of('leg.closed')).toHaveLength(1);
    expect(platform.hungUp).toEqual(['leg-1']);
  });

  test('admits the successor once, and neither an older nor a younger ticket', async () => {
    const { platform, room, goLive } = stage();
    await goLive(30_000);
    const [first] = platform.calls;
    const { epoch } = platform.last;
    expect(room.admitLeg(first?.epoch ?? 0)).toEqual({ kind: 'refused', why: 'superseded' });
    expect(room.admitLeg(epoch + 1)).toEqual({ kind: 'refused', why: 'not-expected' });
    expect(platform.connect(room)).toBe(true);
    expect(room.admitLeg(epoch)).toEqual({ kind: 'refused', why: 'superseded' });
  });

  test('waits for the name of the second call, however long its leg has been there', async () => {
    const { platform, room, talk, goLive } = stage();
    await goLive(30_000);
    platform.connect(room);
    talk(10_000);
    expect(platform.hungUp).toEqual([]);
    platform.answer();
    await settled();
    talk(2000);
    expect(platform.hungUp).toEqual(['leg-1']);
  });

  test('refused three times: tries after 0.5, 1 and 2 s, while the old leg is heard', async () => {
    const { platform, log, chunks, talk, goLive } = stage();
    await goLive(30_000);
    for (const waitMs of [500, 1000, 2000]) {
      platform.refuse();
      await settled();
      const calls = platform.calls.length;
      talk(waitMs - 20);
      expect(platform.calls).toHaveLength(calls);
      talk(40);
      await settled();
      expect(platform.calls).toHaveLength(calls + 1);
    }
    expect(log.of('leg.replacement-failed').map(({ code }) => code)).toEqual(Array(3).fill('call-refused'));
    expect(chunks().filter(({ gapBefore }) => gapBefore)).toEqual([]);
    expect(chunks()).toHaveLength(1500 + (3500 + 60) / 20);
  });

  test('the last listener leaves while both legs are up: both are hung up, nothing and no timer is left', async () => {
    const { clock, platform, room, goLive, succeed } = stage({
      ...SHORT,
      maxLegMs: 600_000,
      replaceAtMs: 30_000,
    });
    await goLive(30_000);
    await succeed();
    room.audience(0);
    clock.advance(30_000);
    expect(platform.hungUp.toSorted()).toEqual(['leg-1', 'leg-2']);
    platform.carryOut();
    platform.carryOut();
    await settled();
    clock.advance(60_000);
    expect([platform.living, room.describe().state, clock.pending]).toEqual([[], 'idle', 0]);
    expect(platform.calls).toHaveLength(2);
  });

  test('closing hangs up both legs, and a successor that is being placed', async () => {
    const both = stage();
    await both.goLive(30_000);
    await both.succeed();
    const closed = both.room.close();
    expect(both.platform.hungUp).toEqual(['leg-1', 'leg-2']);
    both.platform.carryOut();
    both.platform.carryOut();
    await closed;
    expect([both.platform.living, both.clock.pending]).toEqual([[], 0]);

    const placing = stage();
    await placing.goLive(30_000);
    const ended = placing.room.close();
    placing.platform.answer();
    await settled();
    expect(placing.platform.hungUp).toEqual(['leg-1', 'leg-2']);
    placing.platform.carryOut();
    placing.platform.carryOut();
    await ended;
    expect(placing.platform.living).toEqual([]);
  });

  test('the platform ends the old leg first: the second is the room’s with a media clock of its own, and no third is called', async () => {
    const { platform, room, chunks, talk, goLive } = stage();
    await goLive(30_000);
    platform.connect(room);
    // Its name does not come, so it cannot take over before the first ends.
    talk(28_000);
    const [first] = platform.calls;
    if (first) platform.drop(first, 'ended');
    platform.answer();
    await settled();
    talk(2000);
    expect(platform.calls).toHaveLength(2);
    expect(room.describe()).toMatchObject({ state: 'live', epoch: platform.last.epoch });
    expect(chunks().at(-1)).toMatchObject({ epoch: platform.last.epoch, sequence: 99 });
  });

  test('a successor of another sample rate takes over with a media clock of its own', async () => {
    const { platform, log, room, chunks, states, talk, goLive, succeed } = stage();
    await goLive(30_000);
    await succeed(8000);
    platform.last.sink?.frame(new Uint8Array(320));
    expect(platform.hungUp).toEqual(['leg-1']);
    expect(room.describe()).toMatchObject({ state: 'live', epoch: platform.last.epoch, sampleRate: 8000 });
    expect(chunks().at(-1)).toMatchObject({ epoch: platform.last.epoch, sampleRate: 8000, firstSample: 0 });
    expect(states().slice(4)).toEqual(['live']);
    expect(log.of('leg.replaced')).toMatchObject([{ by: 'rate' }]);
    talk(20);
  });

  test('what the second leg writes down before it takes over is told by the first alone', async () => {
    const { platform, out, talk, goLive, succeed } = stage();
    await goLive(30_000);
    await succeed();
    const said = { text: 'Good morning.', final: true };
    const ids = () => out.flatMap((message) => (message.kind === 'caption' ? [message.caption.id] : []));
    for (const { sink, legId } of platform.calls)
      expect(sink?.caption({ ...said, id: `${legId} a` })).toBe('taken');
    expect(ids()).toEqual(['leg-1 a']);
    talk(3000);
    for (const { sink, legId } of platform.calls) sink?.caption({ ...said, id: `${legId} b` });
    expect(ids()).toEqual(['leg-1 a', 'leg-2 b']);
  });
});

describe('an operator', () => {
  test('calls a room that nobody listens to, and hangs it up', async () => {
    const { platform, room, talk } = stage(DIALLED);
    expect([room.hangUp(), room.call(), room.call()]).toEqual(['no-call', 'calling', 'already']);
    platform.answer();
    await settled();
    platform.connect(room);
    talk(1000);
    expect([room.describe().state, room.hangUp(), room.hangUp()]).toEqual(['live', 'hanging-up', 'no-call']);
    expect(platform.hungUp).toEqual(['leg-1']);
    platform.carryOut();
    await settled();
    expect([room.describe().state, platform.living]).toEqual(['idle', []]);
  });

  test('ends a call for its listener, who reads "ended" until the next one comes', async () => {
    const { platform, room, states, goLive } = stage(DIALLED);
    await goLive(1000);
    room.hangUp();
    expect(states().at(-1)).toBe('ended');
    platform.carryOut();
    await settled();
    room.audience(2);
    expect([states().slice(-2), platform.calls.length]).toEqual([['ended', 'connecting'], 2]);
  });
});

type Word =
  | { do: 'audience' | 'answer' | 'refuse' | 'connect' | 'fail' | 'carryOut' | 'talk' | 'wait'; n: number }
  | { do: 'drop'; n: number; end: LegEnd; survives: boolean }
  | { do: 'news'; n: number }
  /** The platform does what it should for a while. */
  | { do: 'behave' | 'call' | 'hangUp'; n: number };

const anyWord: fc.Arbitrary<Word> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('answer', 'connect', 'carryOut'),
      n: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('talk' as const), n: fc.constantFrom(200, 2000, 6000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('refuse', 'fail'), n: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('audience' as const), n: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), n: fc.constantFrom(300, 2500, 11_000, 46_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('drop' as const),
      n: fc.nat(2),
      end: fc.constantFrom<LegEnd>('ended', 'lost'),
      survives: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('news' as const), n: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('behave' as const), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('call', 'hangUp'), n: fc.constant(0) }) },
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
    case 'talk':
      talk(word.n);
      break;
    case 'carryOut':
      platform.carryOut(0, word.n > 0);
      break;
    case 'news': {
      const [told] = platform.news.splice(word.n, 1);
      if (told) room.callOver(told.legId, told.end);
      break;
    }
    case 'drop':
      if (call) platform.drop(call, word.end, word.survives && word.end === 'lost');
      break;
    case 'connect':
      if (call) platform.connect(room, call);
      break;
    case 'answer':
      if (call) platform.answer(call);
      break;
    case 'refuse':
      if (call) platform.refuse(call, word.n === 2 ? 3000 : null);
      break;
    case 'fail':
      if (call) platform.fail(call);
      break;
    case 'behave':
      platform.carryOut();
      platform.answer();
      await settled();
      platform.connect(room);
      talk(4000);
      break;
    case 'call':
      room.call();
      break;
    case 'hangUp':
      room.hangUp();
      break;
    default:
      word satisfies never;
  }
  await settled();
}

describe('whatever happens in whatever order, with a leg replaced every 20 s', () => {
  test('in 200 random lives there are never three calls, none is left behind, none is hung up twice', async () => {
    let replaced = 0;
    const words = fc.array(anyWord, { minLength: 10, maxLength: 50 });
    const lives = fc.asyncProperty(words, async (life) => {
      const world = stage({ ...SHORT, replaceAtMs: 20_000, maxLegMs: 40_000 });
      const { room, platform, clock, log, chunks } = world;
      await world.goLive(20_000);
      for (const each of life) {
        await perform(each, world);
        expect(platform.living.length).toBeLessThanOrEqual(2);
      }
      room.audience(0);
      for (let n = 0; n < 14; n++) {
        for (const call of platform.calls) platform.answer(call);
        await settled();
        platform.carryOut();
        await settled();
        clock.advance(31_000);
        await settled();
      }
      replaced += log.of('leg.replaced').length;
      expect(platform.calls.filter(({ alive }) => alive)).toEqual([]);
      expect(new Set(platform.hungUp).size).toBe(platform.hungUp.length);
      expect(clock.pending).toBe(0);
      // Of an epoch, every chunk follows on, or says that it does not.
      const all = chunks();
      const torn = all.filter(({ epoch, firstSample, gapBefore }, n) => {
        const before = all[n - 1];
        return (
          before?.epoch === epoch && !gapBefore && before.firstSample + before.pcm.length / 2 !== firstSample
        );
      });
      expect(torn).toEqual([]);
    });
    await fc.assert(lives, { numRuns: 200 });
    console.log(`replaced in 200 random lives: ${replaced} legs`);
    expect(replaced).toBeGreaterThan(50);
  }, 120_000);
});
