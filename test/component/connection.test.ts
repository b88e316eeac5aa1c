import { expect } from 'chai';
import type { ConnectionOptions } from '../../component/connection-parts.ts';
import { Connection } from '../../component/connection.ts';
import type { Fault } from '../../component/player-error.ts';
import type { Chunk } from '../../wire/chunk.ts';
import { encodeChunk } from '../../wire/chunk.ts';
import type { RelayMessage } from '../../wire/messages.ts';
import { until } from '../support/until.ts';
import { FakeFetch } from '../support/fake-fetch.ts';
import { FakeSocket, RefusingSocket } from '../support/fake-socket.ts';
import { ticketsOf } from '../support/page-tickets.ts';
import { violation } from '../support/violation.ts';
import { seeded } from '../support/random.ts';
import { chunk, hello } from '../support/relay-words.ts';

const URL = 'wss://relay.example/v1/rooms/allhands/listen';

describe('connection', function () {
  this.timeout(30_000);
  let connection: Connection;
  let messages: RelayMessage[];
  let chunks: Chunk[];
  let lost: number[];
  let errors: Fault[];
  let http: FakeFetch;

  function open(options: Partial<ConnectionOptions> = {}): void {
    connection = new Connection({
      url: URL,
      tickets: ticketsOf(),
      WebSocket: FakeSocket.constructorType,
      fetch: http.fetch,
      random: () => 0,
      outlet: {
        onOpened: () => {},
        onMessage: (message) => messages.push(message),
        onChunk: (one) => chunks.push(one),
        onLost: (attempt) => lost.push(attempt),
        onFailed: (error) => errors.push(error),
      },
      ...options,
    });
    connection.open();
  }

  function openLive(options: Partial<ConnectionOptions> = {}): FakeSocket {
    open(options);
    FakeSocket.last.accept();
    FakeSocket.last.tell(hello());
    return FakeSocket.last;
  }

  beforeEach(() => {
    FakeSocket.made = [];
    sessionStorage.clear();
    http = new FakeFetch();
    http.failing = true;
    messages = [];
    chunks = [];
    lost = [];
    errors = [];
  });
  afterEach(() => connection.close());

  it('offers conf.v1, and the ticket as a second subprotocol', () => {
    open();
    expect(FakeSocket.last.url).to.equal(URL);
    expect(FakeSocket.last.protocols).to.deep.equal(['conf.v1']);
    expect(FakeSocket.last.binaryType).to.equal('arraybuffer');
    connection.close();
    open({ tickets: ticketsOf({ token: 'a.b.c' }) });
    expect(FakeSocket.last.protocols).to.deep.equal(['conf.v1', 'bearer.a.b.c']);
  });

  it('hands out messages and chunks in order', () => {
    const socket = openLive();
    socket.sendChunk(chunk(1));
    socket.sendChunk(chunk(2));
    socket.tell({ type: 'clock', epoch: 1, mediaMs: 200 });
    expect(messages.map(({ type }) => type)).to.deep.equal(['hello', 'clock']);
    expect(chunks.map(({ sequence }) => sequence)).to.deep.equal([1, 2]);
  });

  it('takes each (epoch, sequence) once, also across a reconnect', async () => {
    openLive().sendChunk(chunk(5));
    FakeSocket.last.end(1006);
    await until('it reconnects', () => FakeSocket.made.length === 2);
    FakeSocket.last.accept();
    FakeSocket.last.tell(hello());
    for (const sequence of [4, 5, 6]) FakeSocket.last.sendChunk(chunk(sequence));
    FakeSocket.last.sendChunk(chunk(0, { epoch: 2 }));
    FakeSocket.last.sendChunk(chunk(7));
    expect(chunks.map(({ epoch, sequence }) => [epoch, sequence])).to.deep.equal([
      [1, 5],
      [1, 6],
      [2, 0],
    ]);
    expect(connection.counters).to.include({ repeated: 3, faults: 0, reconnects: 1 });
  });

  it('counts 6 bad messages and throws none', () => {
    const socket = openLive();
    socket.sendRaw('not JSON');
    socket.sendRaw('{"type":"state","state":"odd"}');
    socket.sendRaw(new ArrayBuffer(3));
    socket.sendRaw(encodeChunk(chunk(1, { sampleRate: 16_000 })).buffer.slice(0, 80));
    socket.sendRaw(encodeChunk(chunk(2, { sampleRate: 1000 })).buffer);
    socket.sendRaw(encodeChunk(chunk(3, { pcm: new Uint8Array(32_002) })).buffer);
    socket.sendRaw('{"type":"from the future"}');
    expect(connection.counters.faults).to.equal(6);
    expect(chunks).to.have.length(0);
  });

  it('10,000 mutations of a chunk: never an exception, and every chunk let through is within bounds', () => {
    const socket = openLive();
    const random = seeded(2);
    const good = encodeChunk(chunk(1));
    for (let n = 0; n < 10_000; n++) {
      const bytes = good.slice(0, random() < 0.2 ? Math.floor(random() * good.length) : good.length);
      for (let flips = 1 + random() * 4; flips > 0; flips--) {
        bytes[Math.floor(random() * Math.min(bytes.length, 90))] = Math.floor(random() * 256);
      }
      socket.sendRaw(bytes.buffer);
    }
    expect(errors).to.have.length(0);
    for (const { sampleRate, pcm } of chunks) {
      expect(sampleRate).to.be.within(4000, 192_000);
      expect(pcm.length / 2 / sampleRate).to.be.at.most(1);
    }
  });

  it('without a hello within 3 s, and nothing to be had over HTTP, is lost', async () => {
    open();
    FakeSocket.last.accept();
    FakeSocket.last.sendChunk(chunk(1));
    const first = FakeSocket.last;
    await until('it is lost', () => lost.length === 1);
    expect(first.closed).to.equal(true);
    expect(chunks).to.have.length(0);
  });

  it('a socket that is silent while a leg is up is lost, one of an idle room is not', async () => {
    openLive({ silentMs: 300 });
    FakeSocket.last.tell({ type: 'state', state: 'idle' });
    const startMs = performance.now();
    await until('0.6 s are over', () => performance.now() - startMs > 600);
    expect(lost).to.deep.equal([]);
    FakeSocket.last.tell({ type: 'state', state: 'waiting' });
    await until('it is lost', () => lost.length === 1);
  });

  it('comes back exactly when `bye` says', async () => {
    const socket = openLive({ random: () => 0.999 });
    socket.tell({ type: 'bye', code: 4000, reason: 'going away', retryInMs: 120 });
    const real = globalThis.setTimeout;
    const restsMs: unknown[] = [];
    Reflect.set(globalThis, 'setTimeout', (act: () => void, ms?: number) => {
      restsMs.push(ms);
      return real(act, ms);
    });
    socket.end(4000);
    globalThis.setTimeout = real;
    expect(restsMs).to.include(120);
    expect(FakeSocket.made).to.have.length(1);
    await until('it reconnects', () => FakeSocket.made.length === 2);
  });

  it('`online` tries again at once', () => {
    openLive({ random: () => 0.999 }).end(1006);
    expect(FakeSocket.made).to.have.length(1);
    dispatchEvent(new Event('online'));
    expect(FakeSocket.made).to.have.length(2);
  });

  it('gives up after 30 tries with a network error', async () => {
    open();
    await until('it gives up', () => {
      if (!FakeSocket.last.closed) FakeSocket.last.end(1006);
      return errors.length > 0;
    });
    expect(FakeSocket.made).to.have.length(31);
    expect(lost.at(-1)).to.equal(30);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include({ kind: 'network', code: 'unreachable', retryable: true });
  });

  it('a relay that greets and closes at once is given up too', async () => {
    open();
    await until('it gives up', () => {
      const socket = FakeSocket.last;
      if (!socket.closed) {
        socket.accept();
        socket.tell(hello());
        socket.end(1001);
      }
      return errors.length > 0;
    });
    expect(FakeSocket.made).to.have.length(31);
  });

  it('close codes from 4400 on are final', () => {
    for (const [code, kind] of [
      [4404, 'not-found'],
      [4401, 'denied'],
      [4429, 'full'],
    ] as const) {
      openLive().end(code, 'told');
      expect(errors.at(-1)).to.include({ kind });
      expect(errors.at(-1)?.message).to.include('told');
    }
    expect(lost).to.have.length(0);
    expect(FakeSocket.made).to.have.length(3);
  });

  it('a constructor that throws (Firefox, WebKit under CSP) is a config error with the lines to add', () => {
    open({ WebSocket: RefusingSocket.constructorType });
    document.dispatchEvent(violation('https://relay.example/v1/rooms/allhands/stream'));
    expect(errors).to.have.length(1);
    expect(errors[0]?.kind).to.equal('config');
    expect(errors[0]?.message).to.include('connect-src https://relay.example wss://relay.example');
  });

  it('policy violations for our addresses (Chromium) are a config error, another page’s are not', () => {
    open();
    document.dispatchEvent(violation('wss://other.example/socket'));
    document.dispatchEvent(violation('https://relay.example/v1/rooms/other/stream'));
    document.dispatchEvent(violation('https://relay.example'));
    expect(errors).to.have.length(0);
    document.dispatchEvent(violation(URL));
    expect(errors).to.have.length(1);
    expect(errors[0]?.code).to.equal('csp');
  });

  it('after close nothing comes out, and the socket is closed', () => {
    const socket = openLive();
    connection.close();
    socket.sendChunk(chunk(1));
    socket.end(1006);
    expect(socket.closed).to.equal(true);
    expect(chunks).to.have.length(0);
    expect(lost).to.have.length(0);
  });
});
