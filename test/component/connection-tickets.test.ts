import { expect } from 'chai';
import type { ConnectionOptions } from '../../component/connection-parts.ts';
import { Connection } from '../../component/connection.ts';
import type { Fault } from '../../component/player-error.ts';
import { TicketSource, type TicketHost } from '../../component/ticket-source.ts';
import { FakeFetch } from '../support/fake-fetch.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { PageClock } from '../support/page-clock.ts';
import { FakeProvider, pageOf, ticketAt, type Page } from '../support/page-tickets.ts';
import { chunk, hello } from '../support/relay-words.ts';

const ROOM = 'https://relay.example/v1/rooms/allhands';

/** The tickets that the sockets so far have offered. */
function offered(): (string | undefined)[] {
  return FakeSocket.made.map(({ protocols }) => protocols[1]);
}

/** The relay lets the last socket in, to a room where nothing is on. */
function greet(): FakeSocket {
  FakeSocket.last.accept();
  FakeSocket.last.tell(hello({ state: 'idle' }));
  return FakeSocket.last;
}

describe('connection with tickets', function () {
  this.timeout(30_000);
  let clock: PageClock;
  let connection: Connection;
  let page: Page;
  let tickets: TicketSource;
  let provider: FakeProvider;
  let http: FakeFetch;
  let lost: number[];
  let errors: Fault[];

  function open(fields: Partial<TicketHost>, options: Partial<ConnectionOptions> = {}): void {
    page = pageOf(fields);
    tickets = new TicketSource(page, { fetch: http.fetch, random: () => 0.5 });
    connection = new Connection({
      url: `${ROOM.replace('https', 'wss')}/listen`,
      tickets,
      WebSocket: FakeSocket.constructorType,
      fetch: http.fetch,
      random: () => 0.5,
      outlet: {
        onOpened: () => {},
        onMessage: () => {},
        onChunk: () => {},
        onLost: (attempt) => lost.push(attempt),
        onFailed: (error) => errors.push(error),
      },
      ...options,
    });
    connection.open();
  }

  /** A ticket of 100 s from now on. */
  function fresh(): string {
    return ticketAt(clock.trueMs, 100);
  }

  /** The provider's answer to its last question. */
  async function give(ticket: string): Promise<string> {
    provider.answer(ticket);
    await clock.settle();
    return ticket;
  }

  /** A connection over WebSocket with the first ticket of the provider. */
  async function openGreeted(): Promise<FakeSocket> {
    open({ tokenProvider: provider.provide });
    await give(fresh());
    return greet();
  }

  /** A greeted connection over a stream, its ticket the provider's first. */
  async function openStream(rung = 'stream'): Promise<string> {
    sessionStorage.setItem('conf-listener https://relay.example', `${rung} ${Date.now()}`);
    open({ tokenProvider: provider.provide });
    const ticket = await give(fresh());
    http.last.accept().tell(hello({ state: 'idle' }));
    await clock.settle();
    expect(connection.transport).to.equal(rung);
    return ticket;
  }

  function bearer(): string | null {
    return new Headers(http.last.init.headers).get('authorization');
  }

  beforeEach(() => {
    clock = new PageClock();
    FakeSocket.made = [];
    sessionStorage.clear();
    provider = new FakeProvider();
    http = new FakeFetch();
    lost = [];
    errors = [];
  });
  afterEach(async () => {
    connection.close();
    // The least time between two polls is not worth a clear.
    await clock.advance(100);
    const { pending } = clock;
    clock.remove();
    expect(pending, 'timers left behind').to.equal(0);
  });

  it('opens no socket before the provider has answered, and then one with its ticket', async () => {
    open({ tokenProvider: provider.provide });
    await clock.advance(60_000);
    expect(FakeSocket.made).to.have.length(0);
    const ticket = await give(fresh());
    expect(offered()).to.deep.equal([`bearer.${ticket}`]);
    expect(lost).to.have.length(0);
  });

  it('`online` while the provider thinks asks it no second time', async () => {
    open({ tokenProvider: provider.provide });
    dispatchEvent(new Event('online'));
    await give(fresh());
    expect(provider.reasons).to.deep.equal(['connect']);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('Stop while the provider or token-url thinks: nothing connects', async () => {
    open({ tokenProvider: provider.provide });
    connection.close();
    await give(fresh());
    open({ tokenUrl: '/ticket' });
    connection.close();
    expect(http.last.closed).to.equal(true);
    http.last.answer(fresh());
    await clock.advance(600_000);
    expect(FakeSocket.made).to.have.length(0);
    expect(http.made).to.have.length(1);
    expect([lost, errors]).to.deep.equal([[], []]);
  });

  it('a renewed ticket goes over the open socket as `auth`; nothing reconnects', async () => {
    const socket = await openGreeted();
    await clock.advance(80_000);
    expect(provider.reasons).to.deep.equal(['connect', 'refresh']);
    expect(socket.said).to.deep.equal([]);
    const token = await give(fresh());
    expect(socket.said.map((text) => JSON.parse(text))).to.deep.equal([{ type: 'auth', token }]);
    expect(FakeSocket.made).to.have.length(1);
    expect(socket.closed).to.equal(false);
  });

  it('an `auth` of the longest ticket has at most 5000 bytes', async () => {
    const socket = await openGreeted();
    await clock.advance(80_000);
    await give(`a.${'b'.repeat(4092)}.c`);
    expect(socket.said[0]?.length).to.be.within(4096, 5000);
  });

  it('a token that the page sets while listening is sent at once; the same, a malformed or no token is not', async () => {
    open({ token: 'a.b.c' });
    const socket = greet();
    for (const token of ['a.b.c', 'no ticket', '', 'd.e.f']) {
      page.token = token;
      tickets.take();
    }
    expect(socket.said).to.deep.equal(['{"type":"auth","token":"d.e.f"}']);
    expect(FakeSocket.made).to.have.length(1);
    socket.end(1006);
    await clock.advance(250);
    expect(offered()).to.deep.equal(['bearer.a.b.c', 'bearer.d.e.f']);
  });

  it('so is one set before the hello, right after it; and one set in time for the refusal of the last is tried', async () => {
    open({ token: 'a.b.c' });
    page.token = 'd.e.f';
    tickets.take();
    expect(greet().said).to.deep.equal(['{"type":"auth","token":"d.e.f"}']);
    FakeSocket.last.end(1006);
    await clock.advance(250);
    page.token = 'g.h.i';
    tickets.take();
    FakeSocket.last.end(4401, 'ticket-expired');
    expect(offered().at(-1)).to.equal('bearer.g.h.i');
    expect(errors).to.have.length(0);
  });

  it('a ticket that the relay refuses: the provider is asked once why, and a socket with the new one opens at once, untold', async () => {
    open({ tokenProvider: provider.provide });
    await give('a.b.first');
    FakeSocket.last.accept();
    FakeSocket.last.end(4401, 'ticket-refused');
    expect(provider.reasons).to.deep.equal(['connect', 'refused']);
    await give('a.b.second');
    expect(offered()).to.deep.equal(['bearer.a.b.first', 'bearer.a.b.second']);
    greet();
    expect([lost, errors]).to.deep.equal([[], []]);
    expect(clock.passedMs).to.equal(0);
  });

  it('a ticket that the relay refuses twice is an error, the provider asked once', async () => {
    open({ tokenProvider: provider.provide });
    await give('a.b.first');
    FakeSocket.last.end(4401, 'ticket-refused');
    await give('a.b.second');
    FakeSocket.last.end(4401, 'ticket-refused');
    await clock.advance(600_000);
    expect(provider.reasons).to.deep.equal(['connect', 'refused']);
    expect(FakeSocket.made).to.have.length(2);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include({ kind: 'denied', code: 'ticket', retryable: false });
    expect(errors[0]?.message).to.include('4401 (ticket-refused). Give the player a valid ticket');
    expect(lost).to.have.length(0);
  });

  it('a hello between two refusals makes the second a first one; after such an error Listen begins anew', async () => {
    await openGreeted();
    for (let n = 0; n < 2; n++) {
      await clock.advance(11_000);
      FakeSocket.last.end(4401, 'ticket-expired');
      await give(fresh());
      greet();
    }
    expect(provider.reasons).to.deep.equal(['connect', 'refused', 'refused']);
    FakeSocket.last.end(4401);
    await give('a.b.c');
    FakeSocket.last.end(4401);
    expect(errors).to.have.length(1);
    connection.close();
    tickets.open(`${ROOM.replace('https', 'wss')}/listen`, () => {});
    tickets.get(() => {});
    expect(provider.reasons.at(-1)).to.equal('connect');
    tickets.close();
    await clock.settle();
  });

  it('a relay that greets and refuses every time is given up after 30 tickets', async () => {
    await openGreeted();
    for (let n = 1; n <= 40 && errors.length === 0; n++) {
      FakeSocket.last.end(4401);
      await give(`a.b.c${n}`);
      if (!FakeSocket.last.closed) greet();
    }
    expect(errors).to.have.length(1);
    expect(provider.reasons).to.have.length(31);
  });

  it('a plain token that is refused is final at once: nobody can renew it', () => {
    open({ token: 'a.b.c' });
    FakeSocket.last.end(4401, 'ticket-expired');
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include({ kind: 'denied', code: 'ticket' });
    expect(FakeSocket.made).to.have.length(1);
  });

  it('token-url is asked after a refusal, with the refused token as Bearer', async () => {
    open({ token: 'a.b.c', tokenUrl: '/renew' });
    FakeSocket.last.end(4401, 'ticket-expired');
    expect(bearer()).to.equal('Bearer a.b.c');
    http.last.answer('d.e.f');
    await clock.settle();
    expect(offered()).to.deep.equal(['bearer.a.b.c', 'bearer.d.e.f']);
    expect(lost).to.have.length(0);
  });

  it('token-url that denies after a refusal: its own error, no socket more', async () => {
    open({ token: 'a.b.c', tokenUrl: '/renew' });
    FakeSocket.last.end(4401, 'ticket-expired');
    http.last.answer('', 401);
    await clock.advance(600_000);
    expect(errors.map(({ message }) => message)).to.deep.equal([
      'token-url answered 401: sign in again, or let it give you a ticket',
    ]);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('a provider that rejects is a lost connection: back-off, 30 tries, then a network error that names it', async () => {
    open({ tokenProvider: provider.provide }, { random: () => 0 });
    for (let n = 0; n < 31; n++) {
      provider.fail();
      await clock.advance(100);
    }
    expect(lost).to.deep.equal(Array.from({ length: 30 }, (_, n) => n + 1));
    expect(provider.reasons).to.have.length(31);
    expect(FakeSocket.made).to.have.length(0);
    expect(errors[0]).to.include({ kind: 'network', code: 'unreachable', retryable: true });
    expect(errors[0]?.message).to.include('tokenProvider');
  });

  it('token-url that fails once and then answers: lost once, then connected', async () => {
    open({ tokenUrl: '/ticket' });
    http.last.answer('', 502);
    await clock.settle();
    expect(lost).to.deep.equal([1]);
    await clock.advance(250);
    http.last.answer('a.b.c');
    await clock.settle();
    expect(offered()).to.deep.equal(['bearer.a.b.c']);
  });

  it('a token that is no JWT is denied and says so, before any socket', () => {
    open({ token: 'no ticket' });
    expect(FakeSocket.made).to.have.length(0);
    expect(errors[0]).to.include({ kind: 'denied', code: 'ticket' });
  });

  it('a lost connection comes back with the ticket that it has: the provider is not asked again', async () => {
    const socket = await openGreeted();
    socket.end(1006);
    await clock.advance(250);
    expect(new Set(offered()).size).to.equal(1);
    expect(FakeSocket.made).to.have.length(2);
    expect(provider.reasons).to.deep.equal(['connect']);
  });

  it('a stream that ends after a `bye` of 4401 is refused: asked once, the next request brings the new ticket', async () => {
    const first = await openStream();
    expect(bearer()).to.equal(`Bearer ${first}`);
    http.last.tell({ type: 'bye', code: 4401, reason: 'ticket-expired' });
    await clock.settle();
    expect(provider.reasons).to.deep.equal(['connect']);
    http.last.end();
    await clock.settle();
    expect(provider.reasons).to.deep.equal(['connect', 'refused']);
    await give('a.b.second');
    expect(http.last.url).to.equal(`${ROOM}/stream`);
    expect(bearer()).to.equal('Bearer a.b.second');
    expect(lost).to.have.length(0);
    http.last.refuse(401, 'ticket-refused', 'No.');
    await clock.settle();
    expect(errors[0]).to.include({ kind: 'denied', code: 'ticket' });
  });

  it('a stream that ends after a `bye` of 4403 or 4429 is final, after 4000 a loss', async () => {
    for (const [code, kind] of [
      [4403, 'denied'],
      [4429, 'full'],
    ] as const) {
      await openStream();
      http.last.tell({ type: 'bye', code, reason: 'told' }).end();
      await clock.settle();
      expect(errors.at(-1)).to.include({ kind });
      expect(errors.at(-1)?.message).to.include(`${code} (told)`);
      connection.close();
    }
    await openStream();
    http.last.tell({ type: 'bye', code: 4000, reason: 'going away', retryInMs: 700 }).end();
    await clock.settle();
    expect(lost).to.deep.equal([1]);
    expect(errors).to.have.length(2);
  });

  it('a stream whose ticket has been renewed meanwhile goes on with it: nobody is asked again', async () => {
    await openStream();
    await clock.advance(80_000);
    const second = await give(fresh());
    expect(http.made).to.have.length(1);
    await clock.advance(20_000);
    http.last.tell({ type: 'bye', code: 4401, reason: 'ticket-expired' }).end();
    await clock.settle();
    expect(http.made).to.have.length(2);
    expect(bearer()).to.equal(`Bearer ${second}`);
    expect(provider.reasons).to.deep.equal(['connect', 'refresh']);
    http.last.refuse(401, 'ticket-refused', 'Revoked.');
    await clock.settle();
    expect(provider.reasons.at(-1)).to.equal('refused');
    expect(errors).to.have.length(0);
  });

  it('the next poll brings the renewed ticket; one that is refused is asked for anew, though renewed before', async () => {
    const first = await openStream('poll');
    expect(bearer()).to.equal(`Bearer ${first}`);
    const polls = async (ms: number): Promise<void> => {
      for (const endMs = clock.passedMs + ms; clock.passedMs < endMs;) {
        http.last.end();
        await clock.advance(500);
        http.last
          .accept()
          .tell(hello({ state: 'idle' }))
          .send(chunk(1));
        await clock.settle();
      }
    };
    await polls(80_000);
    const second = await give(fresh());
    await polls(5000);
    expect(bearer()).to.equal(`Bearer ${second}`);
    http.last.end();
    await clock.advance(500);
    http.last.refuse(401, 'ticket-refused', 'Revoked.');
    await clock.settle();
    expect(provider.reasons).to.deep.equal(['connect', 'refresh', 'refused']);
    expect([lost, errors]).to.deep.equal([[], []]);
  });

  it('a room that is not for this origin names it; other final codes keep the relay’s reason', () => {
    for (const [code, reason, kind] of [
      [4403, 'origin-refused', 'denied'],
      [4404, 'room-not-found', 'not-found'],
      [4429, 'too-many-failures', 'full'],
      [4429, 'room-full', 'full'],
      [4429, 'address-full', 'full'],
    ] as const) {
      open({ token: 'a.b.c' });
      FakeSocket.last.end(code, reason);
      expect(errors.at(-1)).to.include({ kind });
      expect(errors.at(-1)?.message).to.include(reason);
      expect(errors.at(-1)?.message.includes(location.origin)).to.equal(code === 4403);
    }
  });
});
