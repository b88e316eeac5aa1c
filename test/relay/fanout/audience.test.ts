import { expect, test } from 'vitest';
import { encodeChunk } from '../../../wire/chunk.ts';
import { LocalBus } from '../../../relay/bus/local-bus.ts';
import { Fanout } from '../../../relay/fanout/fanout.ts';
import { RoundTrips } from '../../../relay/fanout/round-trips.ts';
import { chunk } from '../../support/relay-words.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { roomId } from '../../support/rooms.ts';
import { FakeTransport } from './fake-transport.ts';

const A = roomId('a');
const B = roomId('b');

function stage() {
  const clock = new FakeClock();
  const bus = new LocalBus();
  const told: string[] = [];
  const room = { title: 'A', chunkMs: 100, showListeners: false };
  const fanout = new Fanout({
    rooms: new Map([
      [A, room],
      [B, room],
    ]),
    subscribe: (id, onMessage) => bus.subscribe(id, onMessage),
    announce: () => {},
    retryWindowMs: 10_000,
    clock,
    random: () => 0.5,
    watch: {
      delivered: (tookMs) => told.push(`delivered ${tookMs}`),
      answered: (tookMs) => told.push(`answered ${tookMs}`),
    },
  });
  const join = (id = A, transport = new FakeTransport()) => ({
    transport,
    leave: fanout.join(id, transport),
  });
  const speak = (sequence: number) => bus.publish(A, { kind: 'chunk', bytes: encodeChunk(chunk(sequence)) });
  return { clock, fanout, join, speak, told };
}

/** A listener's WAV file of 100 ms at 16 kHz. */
const WAV_BYTES = 76 + 3200;

test('a chunk of 3,276 bytes to 3 listeners counts 3 and 9,828 bytes; one delivery is told', () => {
  const { fanout, join, speak, told } = stage();
  for (let n = 0; n < 3; n++) join();
  speak(0);
  expect(fanout.sent).toEqual({ chunks: 3, bytes: 3 * WAV_BYTES, leftOut: 0 });
  expect(told).toEqual(['delivered 0']);
});

test('the last second that a newcomer is given counts too, but is no delivery', () => {
  const { fanout, join, speak, told } = stage();
  for (let sequence = 0; sequence < 4; sequence++) speak(sequence);
  expect([fanout.sent.chunks, told]).toEqual([0, []]);
  join();
  expect(fanout.sent).toEqual({ chunks: 4, bytes: 4 * WAV_BYTES, leftOut: 0 });
  expect(told).toEqual([]);
});

test('what is left out for a listener who is behind is not counted as sent', () => {
  const { fanout, join, speak } = stage();
  join();
  join().transport.queuedBytes = 200_000;
  for (let sequence = 0; sequence < 5; sequence++) speak(sequence);
  expect(fanout.sent).toEqual({ chunks: 5, bytes: 5 * WAV_BYTES, leftOut: 5 });
});

test('a room’s audience: 2 now, 3 at most; the relay’s peak is that of all rooms at one time', () => {
  const { fanout, join } = stage();
  const first = join();
  join();
  join();
  first.leave();
  first.leave();
  expect(fanout.audienceOf(A).listeners).toEqual({
    now: 2,
    peak: 3,
    byTransport: { websocket: 2, stream: 0, poll: 0, wav: 0 },
  });
  join(B).leave();
  join(B);
  expect(fanout.audience).toMatchObject({ now: 3, peak: 3 });
  join(B);
  expect(fanout.audience).toMatchObject({ now: 4, peak: 4, byTransport: { websocket: 4 } });
  expect(fanout.audienceOf(B).listeners).toMatchObject({ now: 2, peak: 2 });
});

test('each answer to a ping counts once; when all have gone the room has none', () => {
  const { clock, fanout, join, told } = stage();
  expect(fanout.audienceOf(A).rttMs).toBeNull();
  const { transport, leave } = join();
  transport.alive = false;
  clock.advance(5000);
  clock.advance(40);
  transport.probe.answered(clock.nowMs());
  clock.advance(5000);
  clock.advance(5000);
  expect(told).toHaveLength(1);
  expect(fanout.audienceOf(A).rttMs?.p50).toBeGreaterThanOrEqual(40);
  expect(fanout.audienceOf(B).rttMs).toBeNull();
  leave();
  expect(fanout.audienceOf(A).rttMs).toBeNull();
});

test('what the kernel says of an HTTP response is no round trip', () => {
  const { clock, fanout, join, told } = stage();
  const stream = new FakeTransport();
  Object.assign(stream, { kind: 'stream' });
  join(A, stream);
  clock.advance(20_000);
  expect([told, fanout.audienceOf(A).rttMs]).toEqual([[], null]);
});

test('of 1,056 round trips the last 256 count: 13 slow ones among them are a twentieth, 12 are not', () => {
  const trips = new RoundTrips();
  for (let n = 0; n < 800; n++) trips.add(9000);
  for (let n = 0; n < 256; n++) trips.add(n < 13 ? 2000 : 50);
  expect(trips.quantiles).toEqual({ p50: 50, p95: 2000 });
  trips.add(50);
  expect(trips.quantiles).toEqual({ p50: 50, p95: 50 });
});
