import { expect } from 'chai';
import { Connection } from '../../component/connection.ts';
import { Playout } from '../../component/playout/playout.ts';
import { CHUNK_HEADER_BYTES, encodeChunk } from '../../wire/chunk.ts';
import { until } from '../support/until.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { ticketsOf } from '../support/page-tickets.ts';
import { seeded } from '../support/random.ts';
import { chunk, hello } from '../support/relay-words.ts';

/** Greatest amplitude of `chunk()`. */
const PEAK = 0.5;

const RealBuffer = globalThis.AudioBuffer;
/** Notes the greatest amplitude that is put on the audio clock. */
class WatchedBuffer extends RealBuffer {
  static loudest = 0;

  override copyToChannel(samples: Float32Array<ArrayBuffer>, channel: number): void {
    for (const sample of samples) WatchedBuffer.loudest = Math.max(WatchedBuffer.loudest, Math.abs(sample));
    super.copyToChannel(samples, channel);
  }
}

/** Sends as a socket does: what the handler throws is thrown here. */
function send(bytes: Uint8Array<ArrayBuffer>): void {
  let thrown: unknown;
  const note = (event: ErrorEvent): void => {
    thrown = event.error;
    event.preventDefault();
  };
  addEventListener('error', note);
  FakeSocket.last.sendRaw(bytes.slice().buffer);
  removeEventListener('error', note);
  if (thrown) throw thrown;
}

describe('bad input at the socket', function () {
  this.timeout(60_000);
  let context: AudioContext;
  let playout: Playout;
  let connection: Connection;

  function connect(): void {
    playout = new Playout(context, () => performance.now());
    connection = new Connection({
      url: 'ws://relay.test/',
      tickets: ticketsOf(),
      WebSocket: FakeSocket.constructorType,
      outlet: {
        onOpened: () => playout.join(),
        onMessage: () => {},
        onChunk: (good) => playout.push(good),
        onLost: () => {},
        onFailed: () => {},
      },
    });
    connection.open();
    FakeSocket.last.accept();
    FakeSocket.last.tell(hello({ mediaMs: 0 }));
  }

  function disconnect(): void {
    connection.close();
    playout.close();
  }

  beforeEach(async () => {
    context = new AudioContext();
    await until('the context runs', () => context.state === 'running' && context.currentTime > 0);
    WatchedBuffer.loudest = 0;
    globalThis.AudioBuffer = WatchedBuffer;
    connect();
  });
  afterEach(async () => {
    globalThis.AudioBuffer = RealBuffer;
    disconnect();
    await context.close();
  });

  function handled(): number {
    const { faults, repeated } = connection.counters;
    const { played, lateChunks } = playout.counters;
    return faults + repeated + played + lateChunks;
  }

  it('10000 mutations of a chunk’s header and length never throw, are all counted, and are never 6 dB louder than it', () => {
    const random = seeded(3);
    let total = 0;
    let faults = 0;
    let played = 0;
    for (let n = 0; n < 10_000; n++) {
      const valid = encodeChunk(chunk(n % 50));
      const bytes = valid.slice(0, random() < 0.2 ? Math.floor(random() * valid.length) : valid.length);
      for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
        const at = Math.floor(random() * Math.min(bytes.length, CHUNK_HEADER_BYTES));
        if (at < bytes.length) bytes[at] = Math.floor(random() * 256);
      }
      send(bytes);
      // A number far ahead makes all that follow it a repetition: begin anew.
      if (n % 50 < 49) continue;
      total += handled();
      faults += connection.counters.faults;
      played += playout.counters.played;
      disconnect();
      connect();
    }
    expect(total).to.equal(10_000);
    expect(faults).to.be.above(5000);
    expect(played).to.be.above(200);
    expect(WatchedBuffer.loudest).to.be.within(PEAK / 2, 2 * PEAK);
  });

  it('takes foreign RIFF chunks, another rate and a new epoch; drops odd bytes, wrong sizes and numbers going back', () => {
    const odd = encodeChunk(chunk(9)).slice(0, -1);
    const long = encodeChunk(chunk(9));
    long[72] = 255;
    const plain = encodeChunk(chunk(10));
    const foreign = new Uint8Array(plain.length + 12);
    foreign.set(plain.subarray(0, 12));
    foreign.set([76, 73, 83, 84, 3, 0, 0, 0, 1, 2, 3, 0], 12);
    foreign.set(plain.subarray(12), 24);
    for (const bytes of [odd, long, foreign, encodeChunk(chunk(8))]) send(bytes);
    send(encodeChunk(chunk(11, { sampleRate: 8000 })));
    send(encodeChunk(chunk(0, { epoch: 2 })));
    send(encodeChunk(chunk(12)));
    expect(connection.counters).to.include({ faults: 2, repeated: 2 });
    expect(playout.counters.played).to.equal(3);
    expect(WatchedBuffer.loudest).to.be.below(2 * PEAK);
  });
});
