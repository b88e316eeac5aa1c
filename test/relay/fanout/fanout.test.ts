import { expect, test } from 'vitest';
import { encodeChunk } from '../../../wire/chunk.ts';
import type { RoomId } from '../../../wire/room-id.ts';
import { LocalBus } from '../../../relay/bus/local-bus.ts';
import { Fanout } from '../../../relay/fanout/fanout.ts';
import type { Transport } from '../../../relay/fanout/listener.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';
import { chunk } from '../../support/relay-words.ts';
import { FakeTransport } from './fake-transport.ts';

const A = roomId('a');
const B = roomId('b');

function stage() {
  const clock = new FakeClock();
  const bus = new LocalBus();
  const announced: [string, number][] = [];
  const room = { title: 'A', chunkMs: 100, showListeners: false };
  const fanout = new Fanout({
    rooms: new Map([
      [A, room],
      [B, room],
    ]),
    subscribe: (id, onMessage) => bus.subscribe(id, onMessage),
    announce: (id, listeners) => announced.push([id, listeners]),
    retryWindowMs: 10_000,
    clock,
    random: () => 0.25,
  });
  const join = (id: RoomId, transport: Transport = new FakeTransport()) => fanout.join(id, transport);
  return { clock, bus, announced, fanout, join };
}

test('each coming and going is announced once, per room', () => {
  const { announced, fanout, join } = stage();
  const leave = join(A);
  join(A);
  join(B);
  leave();
  leave();
  expect(announced).toEqual([
    ['a', 1],
    ['a', 2],
    ['b', 1],
    ['a', 1],
  ]);
  expect(fanout.listeners).toBe(2);
});

test('a room it was not told of is unknown, and joining it is a fault of the program', () => {
  const { fanout, join } = stage();
  expect([fanout.has(A), fanout.has(roomId('c'))]).toEqual([true, false]);
  expect(() => join(roomId('c'))).toThrow('no room "c"');
});

test('a chunk that makes one of 3 listeners leave reaches the other two', () => {
  const { bus, join } = stage();
  const quitter = new FakeTransport();
  const others = [new FakeTransport(), new FakeTransport()];
  if (others[0]) join(A, others[0]);
  const leave = join(A, quitter);
  if (others[1]) join(A, others[1]);
  quitter.send = () => leave();
  bus.publish(A, { kind: 'chunk', bytes: encodeChunk(chunk(0)) });
  bus.publish(A, { kind: 'chunk', bytes: encodeChunk(chunk(1)) });
  expect(others.map(({ chunks }) => chunks.length)).toEqual([2, 2]);
});

test('the first listener of a room that has long been live finds its last second', () => {
  const { bus, join } = stage();
  bus.publish(A, { kind: 'status', status: { state: 'live', epoch: 1, sampleRate: 16_000 } });
  for (let n = 0; n < 50; n++) bus.publish(A, { kind: 'chunk', bytes: encodeChunk(chunk(n)) });
  const first = new FakeTransport();
  join(A, first);
  expect(first.chunks.map(({ sequence }) => sequence)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
});

test('who gives no sign of life is dropped to live after 10 s at most and cut after 15 s, the others stay', () => {
  const { clock, fanout, join } = stage();
  const silent = new FakeTransport();
  const alive = new FakeTransport();
  join(A, silent);
  join(A, alive);
  clock.advance(3000);
  silent.alive = false;
  clock.advance(10_000);
  expect([fanout.slow, silent.destroyed]).toEqual([{ skipped: 1, closed: 0, cut: 0 }, false]);
  clock.advance(5000);
  expect([silent.destroyed, alive.destroyed]).toEqual([true, false]);
  expect(fanout.slow).toEqual({ skipped: 1, closed: 0, cut: 1 });
});

test('1000 listeners are asked for signs of life 20 at a time, each once in 5 s', () => {
  const { clock, join } = stage();
  let asked = 0;
  for (let n = 0; n < 1000; n++) {
    const transport = new FakeTransport();
    transport.beat = () => asked++;
    join(A, transport);
  }
  clock.advance(100);
  expect(asked).toBe(20);
  clock.advance(4900);
  expect(asked).toBe(1000);
});

test('counts its listeners by what carries their sound', () => {
  const { fanout, join } = stage();
  join(A);
  const leave = join(B);
  join(B);
  leave();
  expect(fanout.listenersByTransport).toEqual({ websocket: 2, stream: 0, poll: 0, wav: 0 });
});

test('closing says bye with a moment to come back in the retry window, closes with 4000, stops its timer', async () => {
  const { bus, clock, fanout, join } = stage();
  const listener = new FakeTransport();
  join(A, listener);
  await fanout.close('the relay is going away');
  expect(listener.heard.at(-1)).toEqual({
    type: 'bye',
    code: 4000,
    reason: 'the relay is going away',
    retryInMs: 3625,
  });
  expect(listener.closed).toEqual({ code: 4000, reason: 'the relay is going away' });
  expect(clock.pending).toBe(0);
  bus.publish(A, { kind: 'chunk', bytes: encodeChunk(chunk(0)) });
  expect(listener.chunks).toEqual([]);
});

test('closing tells each of 2000 listeners in 4 phases, though each leaves at once', async () => {
  const { fanout, join } = stage();
  let told = 0;
  for (let n = 0; n < 2000; n++) {
    const transport = new FakeTransport();
    const leave = join(A, transport);
    transport.close = () => {
      told++;
      leave();
    };
  }
  await fanout.close('the relay is going away');
  expect([told, fanout.listeners]).toEqual([2000, 0]);
});

test('who comes after closing is sent away with 4000 and counts for nobody', async () => {
  const { announced, fanout, join } = stage();
  await fanout.close('the relay is going away');
  const late = new FakeTransport();
  join(A, late)();
  expect(late.closed?.code).toBe(4000);
  expect([fanout.listeners, announced]).toEqual([0, []]);
});

test('a room that is opened later is joined and heard; dropped, it is unknown and hears nothing more', () => {
  const { bus, fanout, join } = stage();
  const C = roomId('c');
  fanout.open(C, { title: 'C', chunkMs: 100, showListeners: false });
  const transport = new FakeTransport();
  join(C, transport)();
  fanout.drop(C);
  bus.publish(C, { kind: 'chunk', bytes: encodeChunk(chunk(0)) });
  expect([fanout.has(C), transport.heard]).toMatchObject([false, [{ type: 'hello', room: 'c' }]]);
});

test('who is sent away is told 4403 and why, and the other room’s listener stays', async () => {
  const { fanout, join } = stage();
  const [gone, stays] = [new FakeTransport(), new FakeTransport()];
  join(A, gone);
  join(B, stays);
  await fanout.dismissAll(A, 'the operator has ended listening');
  expect(gone.heard.at(-1)).toEqual({
    type: 'bye',
    code: 4403,
    reason: 'the operator has ended listening',
  });
  expect([gone.closed?.code, stays.closed]).toEqual([4403, undefined]);
});
