import { expect } from 'chai';
import '../../component/define.ts';
import type { ConfListener } from '../../component/define.ts';
import { until } from '../support/until.ts';
import { FakeFetch } from '../support/fake-fetch.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { pretendGesture } from '../support/gesture.ts';
import { FakeProvider, ticketAt } from '../support/page-tickets.ts';
import { speak } from '../support/relay-words.ts';

/** The tickets that the sockets so far have offered. */
function offered(): (string | undefined)[] {
  return FakeSocket.made.map(({ protocols }) => protocols[1]);
}

/** Resolves with socket number `count`, which the relay accepts. */
async function sockets(count: number): Promise<FakeSocket> {
  await until(`${count} sockets are made`, () => FakeSocket.made.length === count);
  FakeSocket.last.accept();
  return FakeSocket.last;
}

describe('conf-listener with tickets', function () {
  this.timeout(60_000);
  let element: ConfListener;
  let provider: FakeProvider;
  let http: FakeFetch;
  let states: string[];
  let restore: () => void;
  let endGesture: () => void;
  const realFetch = globalThis.fetch;

  async function place(attributes: Record<string, string> = {}): Promise<void> {
    element = document.createElement('conf-listener');
    for (const [name, value] of Object.entries({ room: 'allhands', ...attributes })) {
      element.setAttribute(name, value);
    }
    element.addEventListener('conf-statechange', ({ detail }) => states.push(detail.state));
    document.body.append(element);
    await element.updateComplete;
  }

  /** Presses Listen with a provider; resolves when it is asked. */
  async function ask(): Promise<void> {
    await place();
    element.tokenProvider = provider.provide;
    void element.play();
    await until('the provider is asked', () => provider.reasons.length === 1);
  }

  async function reaches(state: string): Promise<void> {
    await until(`the state is ${state}`, () => element.state === state);
  }

  beforeEach(() => {
    sessionStorage.clear();
    restore = FakeSocket.install();
    endGesture = pretendGesture();
    provider = new FakeProvider();
    http = new FakeFetch();
    globalThis.fetch = http.fetch;
    states = [];
  });
  afterEach(async () => {
    element.remove();
    await Promise.resolve();
    globalThis.fetch = realFetch;
    endGesture();
    restore();
  });

  it('nobody is asked before Listen; then the provider, for the room; a refused ticket is renewed without a word', async () => {
    await place();
    element.tokenProvider = provider.provide;
    await element.updateComplete;
    expect(provider.reasons).to.deep.equal([]);
    void element.play();
    await until('the provider is asked', () => provider.reasons.length === 1);
    expect(provider.rooms).to.deep.equal(['allhands']);
    provider.answer('a.b.first');
    const end = speak(await sockets(1));
    await reaches('live');
    end();
    FakeSocket.last.end(4401, 'ticket-expired');
    await until('it is asked again', () => provider.reasons.length === 2);
    provider.answer('a.b.second');
    const endAgain = speak(await sockets(2), 2);
    await until('it sounds again', () => (element.getStats()?.reconnects ?? 0) === 1);
    await reaches('live');
    endAgain();
    expect(offered()).to.deep.equal(['bearer.a.b.first', 'bearer.a.b.second']);
    expect(states).to.not.include.members(['reconnecting']);
    expect(provider.reasons).to.deep.equal(['connect', 'refused']);
  });

  it('Stop while the provider thinks: nothing connects', async () => {
    await ask();
    element.stop();
    provider.answer('a.b.c');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(FakeSocket.made).to.have.length(0);
    expect(element.state).to.equal('idle');
  });

  it('leaving the page while the provider thinks: nothing connects', async () => {
    await ask();
    element.remove();
    await Promise.resolve();
    provider.answer('a.b.c');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(FakeSocket.made).to.have.length(0);
  });

  it('`token-url` is asked with the room and the page’s address as base; what it denies is the state error', async () => {
    await place({ 'token-url': 'ticket' });
    void element.play();
    await until('the address is asked', () => http.made.length === 1);
    expect(http.last.url).to.equal(new URL('ticket?room=allhands', document.baseURI).href);
    http.last.answer('', 403);
    await reaches('error');
    expect(element.error).to.include({ kind: 'denied', code: 'ticket' });
    expect(FakeSocket.made).to.have.length(0);
  });

  it('`token` beside `token-url` connects at once, and asks nobody', async () => {
    const token = ticketAt(Date.now(), 3600);
    await place({ token, 'token-url': '/renew' });
    void element.play();
    await sockets(1);
    expect(offered()).to.deep.equal([`bearer.${token}`]);
    expect(http.made).to.have.length(0);
  });

  it('`element.token` set while listening goes over the open socket; set before Listen it is the first', async () => {
    await place({ token: 'a.b.c' });
    element.token = 'd.e.f';
    void element.play();
    const socket = await sockets(1);
    expect(offered()).to.deep.equal(['bearer.d.e.f']);
    const end = speak(socket);
    element.token = 'g.secret.h';
    await until('it is told', () => socket.said.length === 1);
    end();
    expect(socket.said).to.deep.equal(['{"type":"auth","token":"g.secret.h"}']);
    expect(FakeSocket.made).to.have.length(1);
    expect(element.outerHTML + (element.shadowRoot?.innerHTML ?? '')).to.not.include('secret');
  });

  it('another room while the provider thinks: it is asked for that one, and the late answer for the first does nothing', async () => {
    await ask();
    const { answer } = provider.last;
    element.room = 'side';
    await until('it is asked again', () => provider.reasons.length === 2);
    answer('a.b.allhands');
    provider.answer('a.b.side');
    await sockets(1);
    expect(provider.rooms).to.deep.equal(['allhands', 'side']);
    expect(offered()).to.deep.equal(['bearer.a.b.side']);
  });
});
