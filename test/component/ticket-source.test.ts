import { expect } from 'chai';
import { TicketSource, type TicketAnswer, type TicketHost } from '../../component/ticket-source.ts';
import { FakeFetch } from '../support/fake-fetch.ts';
import { PageClock } from '../support/page-clock.ts';
import { FakeProvider, pageOf, ticketAt, ticketOf, ticketsOf } from '../support/page-tickets.ts';

const ROOM_URL = 'wss://relay.example/v1/rooms/allhands/listen';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function throwing(): never {
  throw new Error('not ready');
}

describe('ticket source', function () {
  this.timeout(30_000);
  let clock: PageClock;
  let http: FakeFetch;
  let provider: FakeProvider;
  let source: TicketSource;
  let answers: TicketAnswer[];
  /** When the ticket was renewed, ms. */
  let renewedMs: number[];

  function open(fields: Partial<TicketHost>, random = 0.5): void {
    source = ticketsOf(fields, { fetch: http.fetch, random: () => random });
    reopen();
  }

  function reopen(url = ROOM_URL): void {
    source.open(url, () => renewedMs.push(clock.passedMs));
    source.get((answer) => answers.push(answer));
  }

  /** A ticket of `lifeSec` from now on. */
  function fresh(lifeSec: number): string {
    return ticketAt(clock.trueMs, lifeSec);
  }

  /** A provider that gives tickets of `lifeSec` at once, and when it was asked, ms. */
  function prompt(lifeSec: number): { askedMs: number[]; tokenProvider: () => Promise<string> } {
    const askedMs: number[] = [];
    const tokenProvider = async (): Promise<string> => {
      askedMs.push(clock.passedMs);
      return fresh(lifeSec);
    };
    return { askedMs, tokenProvider };
  }

  function header(name: string): string | null {
    return new Headers(http.last.init.headers).get(name);
  }

  beforeEach(() => {
    clock = new PageClock();
    http = new FakeFetch();
    provider = new FakeProvider();
    answers = [];
    renewedMs = [];
  });
  afterEach(() => {
    source.close();
    const { pending } = clock;
    clock.remove();
    expect(pending, 'timers left behind').to.equal(0);
  });

  it('asks the provider before the address, and takes the address before the token', async () => {
    open({ tokenProvider: provider.provide, tokenUrl: '/ticket', token: fresh(100) });
    expect(answers).to.deep.equal([]);
    expect(provider.rooms).to.deep.equal(['allhands']);
    expect(provider.reasons).to.deep.equal(['connect']);
    provider.answer('p.q.r');
    await clock.settle();
    expect(answers).to.deep.equal(['p.q.r']);
    expect(http.made).to.have.length(0);
    source.close();
    open({ tokenUrl: '/ticket', token: 'a.b.c' });
    await clock.advance(DAY_MS);
    expect(answers.at(-1)).to.equal('a.b.c');
  });

  it('a page without any has the ticket "", at once', () => {
    open({});
    expect(answers).to.deep.equal(['']);
  });

  it('token-url is relative to the page, asked with cookies and the room, without a header that needs a preflight', async () => {
    open({ tokenUrl: 'api/ticket?site=7' });
    const { url, init, query } = http.last;
    expect(url).to.equal(new URL('api/ticket?site=7&room=allhands', document.baseURI).href);
    expect(query.get('room')).to.equal('allhands');
    expect(init).to.include({ credentials: 'include', cache: 'no-store' });
    expect(header('authorization')).to.equal(null);
    http.last.answer('a.b.c\n');
    await clock.settle();
    expect(answers).to.deep.equal(['a.b.c']);
  });

  it('token-url may answer {"token": "…"}', async () => {
    open({ tokenUrl: 'https://id.example/ticket' });
    expect(http.last.url).to.equal('https://id.example/ticket?room=allhands');
    http.last.answer('{"token": "a.b.c", "more": 1}');
    await clock.settle();
    expect(answers).to.deep.equal(['a.b.c']);
  });

  it('a token beside token-url is the first ticket; each renewal shows the ticket before it as Bearer', async () => {
    const [first, second, third] = [fresh(100), fresh(200), fresh(300)];
    open({ tokenUrl: '/renew', token: first });
    expect(answers).to.deep.equal([first]);
    expect(http.made).to.have.length(0);
    await clock.advance(80_000);
    expect(header('authorization')).to.equal(`Bearer ${first}`);
    http.last.answer(second);
    await clock.advance(96_000);
    expect(source.ticket).to.equal(second);
    expect(http.made).to.have.length(2);
    expect(header('authorization')).to.equal(`Bearer ${second}`);
    http.last.answer(third);
    await clock.settle();
    expect(source.ticket).to.equal(third);
    expect(renewedMs).to.have.length(2);
  });

  it('a token beside token-url that is over is not tried: another is asked for first', async () => {
    const old = ticketAt(clock.trueMs - MINUTE_MS, 59);
    open({ tokenUrl: '/renew', token: old });
    expect(answers).to.deep.equal([]);
    expect(header('authorization')).to.equal(`Bearer ${old}`);
    const next = fresh(100);
    http.last.answer(next);
    await clock.settle();
    expect(answers).to.deep.equal([next]);
  });

  for (const status of [400, 401, 403, 404]) {
    it(`token-url's ${status} denies the ticket and says what to do`, async () => {
      open({ tokenUrl: '/ticket' });
      http.last.answer('no', status);
      await clock.settle();
      expect(answers[0]).to.include({ kind: 'denied', code: 'ticket', retryable: false });
      expect(answers[0])
        .to.have.property('message')
        .that.matches(new RegExp(`token-url answered ${status}: sign in`));
    });
  }

  it('a fault of the network, a 500 or 503, 10 s without an answer, a provider that rejects or throws: none now', async () => {
    const cases = [
      () => http.last.fail(),
      () => http.last.answer('oh', 500),
      () => http.last.answer(fresh(100), 503),
    ];
    for (const fail of cases) {
      open({ tokenUrl: '/ticket' });
      fail();
      await clock.settle();
      source.close();
    }
    open({ tokenUrl: '/ticket' });
    await clock.advance(9999);
    expect(answers).to.have.length(3);
    expect(http.last.closed).to.equal(false);
    await clock.advance(1);
    expect(http.last.closed).to.equal(true);
    source.close();
    open({ tokenProvider: provider.provide });
    provider.fail();
    await clock.settle();
    source.close();
    open({ tokenProvider: throwing });
    await clock.settle();
    expect(answers).to.deep.equal(Array.from({ length: 6 }, () => undefined));
  });

  it('an answer of token-url whose body does not end is given up after 10 s', async () => {
    open({ tokenUrl: '/ticket' });
    http.last.accept().sendRaw(new TextEncoder().encode('a.b.'));
    await clock.advance(10_000);
    expect(answers).to.deep.equal([undefined]);
    expect(http.last.closed).to.equal(true);
  });

  it('a token that the page sets while token-url is asked does not stretch its 10 s, and is used after them', async () => {
    const page = pageOf({ tokenUrl: '/ticket' });
    source = new TicketSource(page, { fetch: http.fetch });
    reopen();
    page.token = fresh(100);
    source.take();
    await clock.advance(10_000);
    expect(answers).to.deep.equal([undefined]);
    source.get((answer) => answers.push(answer));
    expect(answers.at(-1)).to.equal(page.token);
  });

  it('what is no JWT is denied as a fault of the page, whoever gave it', async () => {
    for (const text of [
      '',
      '<!doctype html><p>Sign in',
      '{"ticket":"a.b.c"}',
      'null',
      '7',
      `a.${'b'.repeat(5000)}.c`,
    ]) {
      open({ tokenUrl: '/ticket' });
      http.last.answer(text);
      await clock.settle();
      expect(answers.at(-1), text).to.include({ kind: 'denied', code: 'ticket' });
      source.close();
    }
    open({ tokenProvider: provider.provide });
    provider.answer('');
    await clock.settle();
    source.close();
    open({ token: 'not a ticket, but secret' });
    expect(answers).to.have.length(8);
    for (const answer of answers.slice(6)) {
      expect(answer).to.have.property('message').that.includes('tokenProvider').and.not.includes('secret');
      expect(answer).to.include({ kind: 'denied', code: 'ticket' });
    }
  });

  it('a token-url that is no address is a config error', async () => {
    open({ tokenUrl: 'https://[' });
    await clock.settle();
    expect(answers[0]).to.include({ kind: 'config', code: 'attribute' });
  });

  it('a ticket of 100 s is renewed between 75 and 85 s', async () => {
    for (const [random, dueMs] of [
      [0, 75_000],
      [0.5, 80_000],
      [0.999_999, 85_000],
    ] as const) {
      const from = clock.passedMs;
      open({ tokenProvider: provider.provide }, random);
      provider.answer(fresh(100));
      await clock.advance(dueMs - 2);
      expect(provider.reasons).to.deep.equal(['connect']);
      await clock.advance(2);
      expect(provider.reasons).to.deep.equal(['connect', 'refresh']);
      provider.answer(fresh(100));
      await clock.settle();
      expect((renewedMs.pop() ?? 0) - from).to.be.closeTo(dueMs, 1);
      source.close();
      provider.reasons.length = 0;
    }
  });

  for (const hours of [-24, -1, 1, 24]) {
    it(`a browser clock that is ${Math.abs(hours)} h ${hours > 0 ? 'ahead' : 'behind'} neither renews in a loop nor too late: 8 times in 11 min for tickets of 100 s`, async () => {
      clock.aheadMs = hours * 60 * MINUTE_MS;
      const { askedMs, tokenProvider } = prompt(100);
      open({ tokenProvider }, 0.5);
      await clock.advance(11 * MINUTE_MS);
      expect(askedMs).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => n * 80_000));
    });
  }

  it('a browser clock 1 h ahead, token beside token-url: a fresh ticket at once, then every 80 s, no loop', async () => {
    clock.aheadMs = 60 * MINUTE_MS;
    open({ tokenUrl: '/renew', token: fresh(100) });
    expect(http.made).to.have.length(1);
    http.last.answer(fresh(100));
    await clock.advance(79_000);
    expect(http.made).to.have.length(1);
    await clock.advance(1000);
    expect(http.made).to.have.length(2);
  });

  it('without `iat` a clock that is 1 h ahead is told nothing: no renewal, no loop', async () => {
    clock.aheadMs = 60 * MINUTE_MS;
    open({ tokenProvider: provider.provide });
    const ticket = ticketOf({ exp: clock.trueMs / 1000 + 100 });
    provider.answer(ticket);
    await clock.advance(DAY_MS);
    expect(answers).to.deep.equal([ticket]);
    expect(provider.reasons).to.deep.equal(['connect']);
  });

  it('a ticket without a readable `exp` is not renewed in 30 days, and still good', async () => {
    open({ tokenProvider: provider.provide });
    provider.answer('a.b.c');
    await clock.advance(30 * DAY_MS);
    source.get((answer) => answers.push(answer));
    expect(answers).to.deep.equal(['a.b.c', 'a.b.c']);
    expect(provider.reasons).to.deep.equal(['connect']);
  });

  it('a ticket of 100 years is not renewed before 24 days: no timer overflows', async () => {
    open({ tokenProvider: provider.provide });
    provider.answer(fresh(100 * 365 * 86_400));
    await clock.advance(24 * DAY_MS);
    expect(provider.reasons).to.deep.equal(['connect']);
    await clock.advance(DAY_MS);
    expect(provider.reasons).to.deep.equal(['connect', 'refresh']);
  });

  it('tickets of 1 s are renewed every 5 s, not more often: 12 times a minute', async () => {
    const { askedMs, tokenProvider } = prompt(1);
    open({ tokenProvider });
    await clock.advance(MINUTE_MS);
    expect(askedMs).to.deep.equal(Array.from({ length: 13 }, (_, n) => n * 5000));
  });

  it('a renewal that fails is tried again after half of what is left, at least 5 s, until the ticket is over', async () => {
    const askedMs: number[] = [];
    const tokenProvider = async (): Promise<string> => {
      askedMs.push(clock.passedMs);
      if (askedMs.length > 1) throw new Error('offline');
      return fresh(200);
    };
    open({ tokenProvider }, 0.5);
    await clock.advance(DAY_MS);
    expect(askedMs).to.deep.equal([0, 160_000, 180_000, 190_000, 195_000, 200_000]);
    expect(renewedMs).to.have.length(0);
  });

  it('a renewal that is denied leaves the ticket, and is tried again', async () => {
    const token = fresh(100);
    open({ tokenUrl: '/renew', token });
    await clock.advance(80_000);
    http.last.answer('no', 403);
    await clock.advance(9999);
    expect(http.made).to.have.length(1);
    await clock.advance(1);
    expect(http.made).to.have.length(2);
    expect(source.ticket).to.equal(token);
    const next = fresh(100);
    http.last.answer(next);
    await clock.settle();
    expect(source.ticket).to.equal(next);
    expect(answers).to.have.length(1);
  });

  it('a plain token is not renewed, for there is nobody to ask', async () => {
    open({ token: fresh(100) });
    await clock.advance(DAY_MS);
    expect(http.made).to.have.length(0);
    source.get((answer) => answers.push(answer));
    expect(answers).to.have.length(2);
    expect(source.refuse(source.ticket)).to.equal(false);
  });

  it('after close a late answer does nothing, and no request and no timer is left', async () => {
    open({ tokenProvider: provider.provide });
    source.close();
    provider.answer(fresh(100));
    await clock.advance(DAY_MS);
    open({ tokenUrl: '/ticket' });
    source.close();
    expect(http.last.closed).to.equal(true);
    http.last.answer(fresh(100));
    await clock.advance(DAY_MS);
    open({ tokenUrl: '/renew', token: fresh(100) });
    expect(clock.pending).to.equal(1);
    source.close();
    expect(clock.pending).to.equal(0);
    await clock.advance(DAY_MS);
    expect(http.made).to.have.length(1);
    expect(answers).to.have.length(1);
    expect(renewedMs).to.have.length(0);
  });

  it('a ticket is kept for the next connection while it lives: the provider is asked once in 99 s, again after 100', async () => {
    open({ tokenProvider: provider.provide });
    provider.answer(fresh(100));
    await clock.settle();
    source.close();
    await clock.advance(99_000);
    reopen();
    expect(answers).to.have.length(2);
    source.close();
    await clock.advance(1000);
    reopen();
    expect(answers).to.have.length(2);
    expect(provider.reasons).to.deep.equal(['connect', 'connect']);
  });

  it('a ticket that was kept is renewed in its new connection too: at 80 % of what is left', async () => {
    open({ tokenProvider: provider.provide });
    provider.answer(fresh(100));
    await clock.settle();
    source.close();
    await clock.advance(50_000);
    reopen();
    await clock.advance(39_999);
    expect(provider.reasons).to.deep.equal(['connect']);
    await clock.advance(1);
    expect(provider.reasons).to.deep.equal(['connect', 'refresh']);
  });

  it('a renewed ticket, not the token that stands beside token-url, is the next connection’s', async () => {
    open({ tokenUrl: '/renew', token: fresh(100) });
    await clock.advance(80_000);
    const next = fresh(100);
    http.last.answer(next);
    await clock.settle();
    source.close();
    reopen();
    expect(answers.at(-1)).to.equal(next);
  });

  it('so is one that followed a token which the page set meanwhile', async () => {
    const page = pageOf({ tokenUrl: '/renew', token: fresh(100) });
    source = new TicketSource(page, { fetch: http.fetch, random: () => 0.5 });
    reopen();
    page.token = fresh(101);
    source.take();
    await clock.advance(81_000);
    const next = fresh(100);
    http.last.answer(next);
    await clock.settle();
    source.close();
    reopen();
    expect(answers.at(-1)).to.equal(next);
  });

  it('a ticket goes to no other room or relay, nor to a page that has another provider: each is asked anew', async () => {
    const page = pageOf({ tokenProvider: provider.provide });
    source = new TicketSource(page);
    const changes = [
      () => reopen(),
      () => reopen('wss://relay.example/v1/rooms/other/listen'),
      () => reopen('wss://other.example/v1/rooms/other/listen'),
      () => {
        page.tokenProvider = (room, reason) => provider.provide(room, reason);
        reopen('wss://other.example/v1/rooms/other/listen');
      },
    ];
    for (const [n, change] of changes.entries()) {
      change();
      expect(provider.reasons).to.have.length(n + 1);
      provider.answer(`a.b.c${n}`);
      await clock.settle();
      expect(answers.at(-1)).to.equal(`a.b.c${n}`);
      source.close();
    }
  });
});
