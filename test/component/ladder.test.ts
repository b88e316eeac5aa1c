import { expect } from 'chai';
import type { ConnectionOptions } from '../../component/connection-parts.ts';
import { Connection } from '../../component/connection.ts';
import type { Fault } from '../../component/player-error.ts';
import type { Chunk } from '../../wire/chunk.ts';
import { until } from '../support/until.ts';
import { FakeFetch } from '../support/fake-fetch.ts';
import { FakeSocket, RefusingSocket } from '../support/fake-socket.ts';
import { hurry } from '../support/hurry.ts';
import { ticketsOf } from '../support/page-tickets.ts';
import { chunk, hello } from '../support/relay-words.ts';
import { violation } from '../support/violation.ts';

const ROOM = 'https://relay.example/v1/rooms/allhands';
const KEY = 'conf-listener https://relay.example';
const MINUTE_MS = 60_000;

function throwing(): never {
  throw new DOMException('The operation is insecure', 'SecurityError');
}

/** What an earlier page of the tab has left behind. */
function remember(rung: string, agoMs = 0): void {
  sessionStorage.setItem(KEY, `${rung} ${Date.now() - agoMs}`);
}

/** Sound whose every sample is its own place on the media clock, modulo 2¹⁶. */
function sound(fromMs: number, toMs: number, sequence: number): Chunk {
  const samples = Int16Array.from({ length: (toMs - fromMs) * 16 }, (_, n) => fromMs * 16 + n);
  return chunk(sequence, { firstSample: fromMs * 16, pcm: new Uint8Array(samples.buffer) });
}

describe('connection ladder', function () {
  this.timeout(30_000);
  let connection: Connection;
  let http: FakeFetch;
  let opened: string[];
  let chunks: Chunk[];
  let lost: number[];
  let errors: Fault[];
  let calm: (() => void) | undefined;

  function open(options: Partial<ConnectionOptions> = {}): void {
    connection = new Connection({
      url: `${ROOM.replace('https', 'wss')}/listen`,
      tickets: ticketsOf(),
      WebSocket: FakeSocket.constructorType,
      fetch: http.fetch,
      random: () => 0.123,
      outlet: {
        onOpened: () => opened.push(connection.transport),
        onMessage: () => {},
        onChunk: (one) => chunks.push(one),
        onLost: (attempt) => lost.push(attempt),
        onFailed: (error) => errors.push(error),
      },
      ...options,
    });
    connection.open();
  }

  /** Waits for request number `count`. */
  async function asked(count: number): Promise<void> {
    await until(`${count} requests are made`, () => http.made.length >= count);
  }

  /** Opens a connection whose socket is refused; resolves when the stream is asked for. */
  async function openStream(options: Partial<ConnectionOptions> = {}): Promise<void> {
    open(options);
    FakeSocket.last.end(1006);
    await asked(1);
  }

  async function openPoll(options: Partial<ConnectionOptions> = {}): Promise<void> {
    await openStream(options);
    http.last.fail();
    await asked(2);
  }

  async function reaches(transport: string): Promise<void> {
    await until(`${transport} brings a hello`, () => opened.at(-1) === transport);
  }

  beforeEach(() => {
    FakeSocket.made = [];
    sessionStorage.clear();
    http = new FakeFetch();
    opened = [];
    chunks = [];
    lost = [];
    errors = [];
  });
  afterEach(() => {
    calm?.();
    calm = undefined;
    connection.close();
  });

  it('a socket that closes before its hello: the stream at once, without a loss, its sound cut anywhere', async () => {
    await openStream({ tickets: ticketsOf({ token: 'a.b.c' }) });
    const { url, init } = http.last.accept().tell(hello()).send(chunk(1));
    expect(url).to.equal(`${ROOM}/stream`);
    expect(init).to.include({ cache: 'no-store', credentials: 'omit' });
    expect(new Headers(init.headers).get('authorization')).to.equal('Bearer a.b.c');
    await until('a chunk comes', () => chunks.length === 1);
    expect(opened).to.deep.equal(['stream']);
    expect(lost).to.have.length(0);
    expect(connection.counters).to.include({ faults: 0, reconnects: 0 });
  });

  it('3 s without a hello on the socket: the stream; 3 s there: polls; 10 s there: the attempt is lost', async () => {
    const real = globalThis.setTimeout;
    const waitsMs: number[] = [];
    Reflect.set(globalThis, 'setTimeout', (act: () => void, ms = 0) => {
      if (ms > 200) waitsMs.push(ms);
      return real(act, ms / 100);
    });
    calm = () => (globalThis.setTimeout = real);
    open();
    const socket = FakeSocket.last;
    socket.accept();
    await asked(1);
    http.last.accept().beat();
    await asked(2);
    await until('it is lost', () => lost.length === 1);
    // The next attempt may have begun by now.
    const tried = http.made.slice(0, 2);
    expect([socket.closed, ...tried.map(({ closed }) => closed)]).to.deep.equal([true, true, true]);
    expect(tried.map(({ url }) => url)).to.deep.equal([
      `${ROOM}/stream`,
      `${ROOM}/chunks?wait=1&listener=123`,
    ]);
    expect(waitsMs.slice(0, 3)).to.deep.equal([3000, 3000, 10_000]);
  });

  it('after a lost attempt begins at the top again', async () => {
    http.failing = true;
    open({ random: () => 0 });
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(`socket ${attempt} is made`, () => FakeSocket.made.length === attempt);
      FakeSocket.last.end(1006);
      await until(`attempt ${attempt} is lost`, () => lost.length === attempt);
    }
    expect(http.made.map(({ url }) => url.includes('chunks'))).to.deep.equal(
      [1, 2, 3].flatMap(() => [false, true]),
    );
  });

  it('polls without pause, each from the last chunk on; one that has nothing yet says 0.0', async () => {
    await openPoll({ tickets: ticketsOf({ token: 'a.b.c' }) });
    expect(http.last.query.has('after')).to.equal(false);
    http.last
      .accept()
      .tell(hello({ state: 'waiting' }))
      .end();
    await asked(3);
    expect(http.last.query.get('after')).to.equal('0.0');
    http.last.accept().tell(hello()).send(chunk(1)).send(chunk(2)).end();
    await asked(4);
    expect(http.last.query.get('after')).to.equal('1.2');
    expect(new Headers(http.last.init.headers).get('authorization')).to.equal('Bearer a.b.c');
    http.last.accept().tell(hello()).end();
    await asked(5);
    expect(http.last.query.get('after')).to.equal('1.2');
    expect(new Set(http.made.slice(1).map(({ query }) => query.get('listener'))).size).to.equal(1);
    expect(opened).to.deep.equal(['poll']);
    expect(chunks).to.have.length(2);
  });

  it('a relay that answers every poll at once is asked at most 10 times a second', async () => {
    await openPoll();
    const startMs = performance.now();
    for (let count = 2; count < 8; count++) {
      await asked(count);
      http.last.accept().tell(hello()).end();
    }
    expect(performance.now() - startMs).to.be.at.least(450);
  });

  it('a poll that is not answered within 10 s is lost, whatever the room does', async () => {
    await openPoll();
    http.last.accept().tell(hello()).send(chunk(1)).tell({ type: 'state', state: 'idle' }).end();
    await asked(3);
    calm = hurry(50);
    http.last.accept().tell(hello({ state: 'idle' }));
    await until('it is lost', () => lost.length === 1);
    expect(http.made[2]?.closed).to.equal(true);
  });

  for (const [status, code, kind] of [
    [400, 'bad-request', 'config'],
    [401, 'ticket-refused', 'denied'],
    [403, 'forbidden', 'denied'],
    [404, 'room-not-found', 'not-found'],
    [429, 'room-full', 'full'],
  ] as const) {
    it(`the relay’s own ${status} fails for good and says why`, async () => {
      await openStream();
      http.last.refuse(status, code, 'Told so.');
      await until('it fails', () => errors.length === 1);
      expect(errors[0]).to.include({ kind });
      expect(errors[0]?.message).to.include(`${code}: Told so.`);
      expect(http.made).to.have.length(1);
    });
  }

  it('the relay’s own 503 is a loss; a 403 or 502 from somebody between steps down', async () => {
    await openStream();
    http.last.refuse(503, 'shutting-down', 'Back soon.');
    await until('it is lost', () => lost.length === 1);
    expect(http.made).to.have.length(1);
    connection.close();
    for (const status of [403, 502]) {
      http.made.length = 0;
      await openStream();
      http.last.answerPage(status);
      await asked(2);
      expect(http.last.url).to.include('/chunks?');
      connection.close();
    }
    expect(errors).to.have.length(0);
  });

  it('a portal’s page with status 200 is no stream, though it may not end: polls at once', async () => {
    await openStream();
    const startMs = performance.now();
    http.last.accept().sendRaw(new TextEncoder().encode('<!doctype html><p>Sign in'));
    await asked(2);
    expect(performance.now() - startMs).to.be.below(2500);
    expect(http.last.url).to.include('/chunks?');
    expect(connection.counters.faults).to.equal(0);
  });

  it('what worked is tried first on the next page of the tab', async () => {
    await openStream();
    http.last.accept().tell(hello());
    await reaches('stream');
    expect(sessionStorage.getItem(KEY)).to.match(/^stream \d{13}$/);
    connection.close();
    open();
    await asked(2);
    expect(http.last.url).to.equal(`${ROOM}/stream`);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('when what worked fails, all others follow from the top', async () => {
    remember('poll');
    open();
    await asked(1);
    expect(http.last.url).to.include('/chunks?');
    http.last.fail();
    await until('the socket is tried', () => FakeSocket.made.length === 1);
    FakeSocket.last.end(1006);
    await asked(2);
    expect(http.last.url).to.equal(`${ROOM}/stream`);
    http.last.fail();
    await until('it is lost', () => lost.length === 1);
    expect(http.made).to.have.length(2);
  });

  it('10 min after HTTP was found to work, a new session tries WebSocket again', async () => {
    remember('stream', 11 * MINUTE_MS);
    await openStream();
    http.last.accept().tell(hello());
    await reaches('stream');
    const [, atMs] = sessionStorage.getItem(KEY)?.split(' ') ?? [];
    expect(Number(atMs)).to.be.closeTo(Date.now(), MINUTE_MS);
  });

  it('a WebSocket that has worked is not left for HTTP before 3 losses in a row', async () => {
    open({ random: () => 0 });
    FakeSocket.last.tell(hello());
    FakeSocket.last.end(1006);
    for (let sockets = 2; sockets <= 3; sockets++) {
      await until(`socket ${sockets} is made`, () => FakeSocket.made.length === sockets);
      FakeSocket.last.end(1006);
    }
    await until('socket 4 is made', () => FakeSocket.made.length === 4);
    expect(lost).to.deep.equal([1, 2, 3]);
    expect(http.made).to.have.length(0);
    FakeSocket.last.end(1006);
    await asked(1);
    expect(FakeSocket.made).to.have.length(4);
  });

  it('that is so on the next page too, and after 11 min', async () => {
    remember('websocket', 11 * MINUTE_MS);
    open({ random: () => 0 });
    FakeSocket.last.end(1006);
    await until('it is lost', () => lost.length === 1);
    expect(http.made).to.have.length(0);
  });

  it('a relay that says good-bye before its hello is not asked over HTTP', () => {
    open({ random: () => 0.9 });
    FakeSocket.last.tell({ type: 'bye', code: 4000, reason: 'going away', retryInMs: 5000 });
    FakeSocket.last.end(4000);
    expect(lost).to.deep.equal([1]);
    expect(http.made).to.have.length(0);
  });

  it('without storage all works, and WebSocket stays known while the connection lives', async () => {
    const real = Object.getOwnPropertyDescriptor(window, 'sessionStorage');
    Object.defineProperty(window, 'sessionStorage', { configurable: true, get: throwing });
    try {
      open({ random: () => 0 });
      FakeSocket.last.tell(hello());
      FakeSocket.last.end(1006);
      await until('a second socket is made', () => FakeSocket.made.length === 2);
      FakeSocket.last.end(1006);
      await until('it is lost', () => lost.length === 2);
      expect(http.made).to.have.length(0);
    } finally {
      if (real) Object.defineProperty(window, 'sessionStorage', real);
    }
  });

  it('a stream of a live room that brings a hello and then nothing for 3.2 s is held back: polls, no loss', async () => {
    const real = globalThis.setTimeout;
    const waitsMs: number[] = [];
    Reflect.set(globalThis, 'setTimeout', (act: () => void, ms = 0) => {
      waitsMs.push(ms);
      return real(act, ms / 10);
    });
    calm = () => (globalThis.setTimeout = real);
    await openStream();
    http.last.accept().tell(hello({ chunkMs: 100 }));
    await reaches('stream');
    await asked(2);
    expect(waitsMs).to.include(3200);
    expect(http.last.url).to.include('/chunks?');
    http.last.accept().tell(hello()).send(chunk(1)).end();
    await reaches('poll');
    expect(lost).to.have.length(0);
    expect(sessionStorage.getItem(KEY)).to.match(/^poll/);
  });

  it('a stream that has brought a chunk may be silent for 15 s, as a socket may; a beat counts', async () => {
    await openStream({ silentMs: 400 });
    http.last.accept().tell(hello()).send(chunk(1));
    await until('a chunk comes', () => chunks.length === 1);
    const request = http.last;
    const beats = setInterval(() => request.beat(), 50);
    const startMs = performance.now();
    await until('0.8 s are over', () => performance.now() - startMs > 800);
    expect(lost).to.have.length(0);
    clearInterval(beats);
    await until('it is lost', () => lost.length === 1);
    expect(http.made).to.have.length(1);
    expect(connection.counters.faults).to.equal(0);
  });

  it('a stream that ends after its hello is a loss; the next attempt begins with a stream', async () => {
    await openStream();
    http.last.accept().tell(hello());
    await reaches('stream');
    http.last.end();
    await until('it is lost', () => lost.length === 1);
    await asked(2);
    expect(http.last.url).to.equal(`${ROOM}/stream`);
    http.last.accept().tell(hello());
    await until('it is back', () => opened.length === 2);
    expect(connection.counters.reconnects).to.equal(1);
  });

  it('under `connect-src https://relay.example` (Chromium) plays by the stream, whichever news comes first', async () => {
    const url = `${ROOM.replace('https', 'wss')}/listen`;
    for (const closeFirst of [true, false]) {
      http.made.length = 0;
      sessionStorage.clear();
      open();
      if (closeFirst) FakeSocket.last.end(1006);
      document.dispatchEvent(violation(url));
      if (!closeFirst) FakeSocket.last.end(1006);
      await asked(1);
      http.last.accept().tell(hello());
      await reaches('stream');
      expect(http.made).to.have.length(1);
      connection.close();
    }
    expect(errors).to.have.length(0);
  });

  it('so it does where the constructor throws (Firefox, WebKit), and tries no socket again after a loss', async () => {
    open({ WebSocket: RefusingSocket.constructorType });
    await asked(1);
    http.last.accept().tell(hello());
    await reaches('stream');
    http.last.end();
    await asked(2);
    http.last.fail();
    await asked(3);
    expect(FakeSocket.made).to.have.length(1);
    expect(errors).to.have.length(0);
  });

  it('a WebSocket that another page of the tab was allowed: this one’s policy leads to the stream at once', async () => {
    remember('websocket');
    open();
    FakeSocket.last.end(1006);
    document.dispatchEvent(violation('wss://relay.example'));
    await asked(1);
    expect(http.last.url).to.equal(`${ROOM}/stream`);
    expect(lost).to.deep.equal([1]);
  });

  it('a policy that forbids HTTP alone leaves WebSocket, loss after loss', async () => {
    http.failing = true;
    open({ random: () => 0 });
    document.dispatchEvent(violation(`${ROOM}/chunks?wait=1&listener=123`));
    FakeSocket.last.end(1006);
    await until('a second socket is made', () => FakeSocket.made.length === 2);
    expect(http.made).to.have.length(0);
    expect(errors).to.have.length(0);
  });

  it('after close every request is ended and none is made', async () => {
    await openPoll();
    http.last.accept().tell(hello());
    await reaches('poll');
    connection.close();
    http.last.end();
    expect(http.made.every(({ closed }) => closed)).to.equal(true);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(http.made).to.have.length(2);
    expect(lost).to.have.length(0);
  });

  it('across connections the same sound, cut and numbered in another way, comes once', async () => {
    open({ random: () => 0 });
    FakeSocket.last.tell(hello());
    for (const one of [sound(0, 100, 50), sound(100, 200, 51)]) FakeSocket.last.sendChunk(one);
    FakeSocket.last.end(1006);
    await until('a second socket is made', () => FakeSocket.made.length === 2);
    FakeSocket.last.tell(hello());
    for (const one of [sound(40, 140, 7), sound(140, 240, 8), sound(240, 340, 9), sound(240, 340, 9)])
      FakeSocket.last.sendChunk(one);
    FakeSocket.last.sendChunk(chunk(100, { epoch: 0 }));
    const heard = chunks.map(({ firstSample, pcm }) => [firstSample / 16, pcm.length / 32]);
    expect(heard).to.deep.equal([
      [0, 100],
      [100, 100],
      [200, 40],
      [240, 100],
    ]);
    const samples = chunks.flatMap(({ pcm }) => [...new Int16Array(pcm.slice().buffer)]);
    expect(samples.every((sample, n) => sample === n)).to.equal(true);
    expect(connection.counters.repeated).to.equal(3);
  });
});
