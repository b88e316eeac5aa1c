import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { kernelTables, Unacked, type WatchedSocket } from '../../../relay/fanout/unacked.ts';
import { until } from '../../support/until.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';

function row(bytes: number, n: number): string {
  return `   ${n}: 0100007F:1F90 0100007F:C35${n} 01 ${bytes.toString(16).padStart(8, '0').toUpperCase()}:00000000`;
}

function socket(n: number): WatchedSocket & { bytesWritten: number; writableLength: number } {
  return {
    localAddress: '127.0.0.1',
    localPort: 8080,
    remoteAddress: '127.0.0.1',
    remotePort: 50_000 + n,
    bytesWritten: 1000,
    writableLength: 0,
  };
}

/** A table of two connections whose unacknowledged bytes the test sets, and how often it was read. */
function stage() {
  const clock = new FakeClock();
  const queued = [0, 0];
  let reads = 0;
  let release: (() => void) | undefined;
  let held: Promise<void> = Promise.resolve();
  const unacked = new Unacked(clock, async function* () {
    reads++;
    await held;
    yield queued.map(row).join('\n');
  });
  const taken: string[] = [];
  return {
    clock,
    queued,
    taken,
    unacked,
    reads: () => reads,
    ask: (name: string, of: WatchedSocket) => unacked.whenTaken(of, () => taken.push(name)),
    look: async () => {
      clock.advance(1000);
      await settled();
    },
    hold: (): void => void (held = new Promise((resolve) => (release = resolve))),
    release: () => release?.(),
  };
}

test('is taken when the bytes of then are acknowledged, however many have followed', async () => {
  const { ask, look, queued, taken } = stage();
  const asked = socket(0);
  queued[0] = 1000;
  ask('a', asked);
  await look();
  expect(taken).toEqual([]);
  asked.bytesWritten = 5000;
  queued[0] = 4001;
  await look();
  expect(taken).toEqual([]);
  queued[0] = 4000;
  await look();
  await look();
  expect(taken).toEqual(['a']);
});

test('what still waits in user space is not acknowledged, though the kernel has nothing to send', async () => {
  const { ask, look, taken } = stage();
  const asked = socket(0);
  asked.writableLength = 1;
  ask('a', asked);
  await look();
  expect(taken).toEqual([]);
  asked.writableLength = 0;
  await look();
  expect(taken).toEqual(['a']);
});

test('200 who ask are answered by one look a second, and while nobody asks nothing is read', async () => {
  const { ask, clock, look, reads, taken } = stage();
  for (let n = 0; n < 200; n++) ask('x', socket(n % 2));
  await look();
  expect([reads(), taken.length, clock.pending]).toEqual([1, 200, 0]);
  await look();
  expect(reads()).toBe(1);
});

test('a look is the only one while it lasts; what is written meanwhile does not pass for acknowledged', async () => {
  const { ask, hold, clock, look, queued, reads, release, taken } = stage();
  const asked = socket(0);
  queued[0] = 1000;
  ask('a', asked);
  hold();
  await look();
  asked.bytesWritten = 9000;
  ask('b', asked);
  clock.advance(1000);
  release();
  await settled();
  expect([taken, reads()]).toEqual([[], 1]);
});

test('a look that takes more than 1 s tells nothing in time: who asked is not called slow for it', async () => {
  const { ask, clock, hold, look, queued, release, taken } = stage();
  queued[0] = 1000;
  ask('a', socket(0));
  hold();
  await look();
  clock.advance(1001);
  release();
  await settled();
  expect(taken).toEqual(['a']);
});

test('a question that is taken back is never answered and leaves no timer', async () => {
  const { ask, clock, hold, look, reads, release, taken } = stage();
  ask('a', socket(0))();
  expect(clock.pending).toBe(0);
  const takeBack = ask('b', socket(1));
  hold();
  await look();
  takeBack();
  release();
  await settled();
  expect([taken, clock.pending, reads()]).toEqual([[], 0, 1]);
});

test('where the kernel does not tell, the answer is yes at the next look', async () => {
  const clock = new FakeClock();
  let taken = false;
  new Unacked(clock, async function* () {}).whenTaken(socket(0), () => (taken = true));
  clock.advance(1000);
  await settled();
  expect(taken).toBe(true);
});

let server: Server | undefined;
afterEach(() => server?.close());

test.skipIf(!existsSync('/proc/net/tcp'))(
  'Linux: a client that stops reading acknowledges nothing more, one that goes on reading all (needs /proc/net/tcp)',
  async () => {
    let accepted: Socket | undefined;
    server = createServer((connected) => (accepted = connected)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const client = connect({
      port: typeof address === 'object' && address ? address.port : 0,
      host: '127.0.0.1',
    });
    await until('accepted', () => accepted !== undefined);
    const far = accepted;
    if (!far) throw new Error('no socket');
    const clock = new FakeClock();
    let looking = false;
    const unacked = new Unacked(clock, async function* () {
      looking = true;
      try {
        yield* kernelTables();
      } finally {
        looking = false;
      }
    });
    let taken = 0;
    const ask = (): void => void unacked.whenTaken(far, () => taken++);
    const looks = async (times: number): Promise<void> => {
      for (let n = 0; n < times; n++) {
        clock.advance(1000);
        await until('it has looked', () => !looking);
      }
    };
    client.pause();
    far.write(new Uint8Array(20_000));
    ask();
    await looks(3);
    expect(taken).toBe(1);
    // Until the client's kernel is full and ours begins to fill.
    for (let n = 0; n < 1000 && far.writableLength === 0; n++) {
      far.write(new Uint8Array(20_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    ask();
    await looks(5);
    expect(taken).toBe(1);
    client.resume();
    await until('all is read', () => client.bytesRead === far.bytesWritten);
    await looks(3);
    expect(taken).toBe(2);
    client.destroy();
    far.destroy();
  },
);
