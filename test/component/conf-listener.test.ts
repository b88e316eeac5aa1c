import { expect } from 'chai';
import { ConfListener } from '../../component/define.ts';
import type { PlayerState } from '../../component/define.ts';
import { until } from '../support/until.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { pretendGesture } from '../support/gesture.ts';
import { chunk, hello, speak } from '../support/relay-words.ts';

describe('conf-listener', function () {
  this.timeout(60_000);
  let element: ConfListener;
  let restore: () => void;
  let endGesture: () => void;
  let events: string[];

  async function place(attributes: Record<string, string> = {}): Promise<void> {
    element = document.createElement('conf-listener');
    for (const [name, value] of Object.entries({ room: 'allhands', ...attributes })) {
      element.setAttribute(name, value);
    }
    document.body.append(element);
    await element.updateComplete;
  }

  function part(name: string): HTMLElement {
    const found = element.shadowRoot?.querySelector<HTMLElement>(`[part~="${name}"]`);
    if (!found) throw new Error(`there is no part "${name}"`);
    return found;
  }

  function shownShare(): number {
    const { transform } = part('meter-fill').style;
    return Number(/scaleX\((.+)\)/.exec(transform)?.[1] ?? 0);
  }

  async function reaches(state: PlayerState): Promise<void> {
    await until(`the state is ${state}, not ${element.state}`, () => element.state === state);
    await element.updateComplete;
  }

  async function listen(): Promise<FakeSocket> {
    part('play').click();
    await until('it connects', () => FakeSocket.made.length > 0);
    FakeSocket.last.accept();
    return FakeSocket.last;
  }

  beforeEach(() => {
    restore = FakeSocket.install();
    endGesture = pretendGesture();
    events = [];
    for (const name of ['conf-play', 'conf-stop', 'conf-error', 'conf-statechange'] as const) {
      document.body.addEventListener(name, record);
    }
  });
  afterEach(async () => {
    element.remove();
    await Promise.resolve();
    for (const name of ['conf-play', 'conf-stop', 'conf-error', 'conf-statechange'] as const) {
      document.body.removeEventListener(name, record);
    }
    endGesture();
    restore();
  });

  function record(event: Event): void {
    if (!(event instanceof CustomEvent)) return;
    const { detail } = event;
    events.push([event.type, detail.trigger ?? detail.state ?? detail.kind].join(' '));
  }

  it('before Listen opens no socket and says it is ready', async () => {
    await place();
    expect(FakeSocket.made).to.have.length(0);
    expect(element.state).to.equal('idle');
    expect(element.playing).to.equal(false);
    expect(part('status').textContent.trim()).to.equal('Ready to listen');
    expect(part('play').getAttribute('aria-label')).to.equal('Listen live');
    expect(part('title').textContent).to.equal('allhands');
  });

  it('Listen connects to the script’s own origin and is live soon after the hello', async () => {
    await place();
    const socket = await listen();
    expect(socket.url).to.equal(`ws://${location.host}/v1/rooms/allhands/listen`);
    const end = speak(socket);
    await until('it plays', () => (element.getStats()?.played ?? 0) > 0);
    await reaches('live');
    end();
    expect(element.playing).to.equal(true);
    expect(part('title').textContent).to.equal('All hands');
    expect(part('play').getAttribute('aria-label')).to.equal('Stop');
    expect(events).to.deep.equal(['conf-play user', 'conf-statechange connecting', 'conf-statechange live']);
    const stats = element.getStats();
    expect(stats?.played).to.be.at.least(1);
    expect(stats?.startupMs).to.be.within(0, 10_000);
    expect(stats).to.include({ lost: 0, faults: 0, resyncs: 0 });
  });

  it('tells its figures every 10 s, the ten a page may count on among them', async () => {
    await place();
    const real = globalThis.setInterval;
    const everyMs: unknown[] = [];
    Reflect.set(globalThis, 'setInterval', (act: () => void, ms?: number) => {
      everyMs.push(ms);
      return real(act, ms === 10_000 ? 50 : ms);
    });
    const socket = await listen();
    globalThis.setInterval = real;
    expect(everyMs).to.include(10_000);
    let told: unknown;
    element.addEventListener('conf-stats', ({ detail }) => (told = detail));
    const end = speak(socket);
    await until('it plays', () => (element.getStats()?.played ?? 0) > 0);
    expect(element.getStats()?.behindMs).to.be.within(100, 2000);
    expect(element.getStats()?.concealedMs).to.be.at.least(0);
    await reaches('live');
    told = undefined;
    await until('they are told', () => told !== undefined);
    end();
    expect(told).to.include.all.keys(
      'bufferedMs targetMs behindMs underruns concealedMs cutMs paddedMs resyncs lateChunks startupMs'.split(
        ' ',
      ),
    );
    element.stop();
    told = undefined;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(told).to.equal(undefined);
  });

  for (const [latency, least, most] of [
    ['low', 60, 80],
    ['smooth', 380, 400],
    ['constructor', 100, 120],
  ] as const) {
    it(`latency="${latency}" holds back ${least} to ${most} ms at first`, async () => {
      await place({ latency });
      const end = speak(await listen());
      expect(element.getStats()?.targetMs).to.be.within(least, most);
      await reaches('live');
      end();
    });
  }

  it('shows itself among the system’s media controls while it plays, and stops by them', async () => {
    const handlers = new Map<string, unknown>();
    const session = {
      metadata: null,
      setActionHandler: (action: string, act: unknown) => handlers.set(action, act),
    };
    Object.defineProperty(navigator, 'mediaSession', { value: session, configurable: true });
    await place({ label: 'Town hall' });
    await listen();
    expect(session.metadata).to.include({ title: 'Town hall', artist: 'Live' });
    expect([...handlers.keys()]).to.have.members(['play', 'pause', 'stop']);
    const pause = handlers.get('pause');
    if (typeof pause === 'function') pause();
    Reflect.deleteProperty(navigator, 'mediaSession');
    expect(element.state).to.equal('idle');
    expect(session.metadata).to.equal(null);
    expect([...handlers.values()]).to.deep.equal([null, null, null]);
  });

  it('moves its meter with what is heard, by transform alone', async () => {
    await place();
    const end = speak(await listen());
    await until('it shows −9 dBFS', () => shownShare() > 0.8);
    end();
    await until('it falls when nothing sounds', () => shownShare() < 0.6);
  });

  it('Stop closes the socket and gives everything back', async () => {
    await place();
    const socket = await listen();
    const end = speak(socket);
    await reaches('live');
    part('play').click();
    end();
    expect(socket.closed).to.equal(true);
    expect(element.state).to.equal('idle');
    expect(element.getStats()).to.equal(undefined);
    expect(events.slice(-2)).to.deep.equal(['conf-statechange idle', 'conf-stop user']);
  });

  it('buffers when the sound runs out, reconnects when the socket is gone too, and is live again', async () => {
    await place();
    let socket = await listen();
    let end = speak(socket);
    await reaches('live');
    end();
    await reaches('buffering');
    socket.end(1006);
    await reaches('reconnecting');
    await until('a second socket is made', () => FakeSocket.made.length === 2);
    socket = FakeSocket.last;
    socket.accept();
    end = speak(socket, 2);
    await reaches('live');
    end();
    expect(element.getStats()).to.include({ reconnects: 1, lost: 0 });
  });

  it('in a pause is live at once for who joins, never buffering, and plays the next word without an underrun', async () => {
    await place();
    const socket = await listen();
    const startMs = performance.now();
    const mediaMs = (): number => Math.round(5000 + performance.now() - startMs);
    const hush = (): void => socket.tell({ type: 'clock', epoch: 1, mediaMs: mediaMs(), quiet: true });
    socket.tell(hello({ mediaMs: 5000 }));
    hush();
    expect(element.state).to.equal('live');
    let timer = setInterval(hush, 500);
    await until('the host has spoken', () => mediaMs() > 6200);
    clearInterval(timer);
    for (const n of [60, 61]) socket.sendChunk(chunk(n, { sequence: n - 10 }));
    hush();
    timer = setInterval(hush, 500);
    await until('it has run dry', () => element.getStats()?.bufferedMs === 0);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(events.slice(1)).to.deep.equal(['conf-statechange connecting', 'conf-statechange live']);
    expect(element.getStats()).to.include({ played: 2, underruns: 0, lost: 0 });
    clearInterval(timer);
    await reaches('buffering');
  });

  it('waits for the host, and shows the end of the session with Listen again', async () => {
    await place();
    const socket = await listen();
    socket.tell(hello({ state: 'waiting' }));
    await reaches('waiting');
    expect(part('status').textContent.trim()).to.equal('Waiting for the host to start');
    socket.tell({ type: 'state', state: 'ended' });
    await reaches('ended');
    expect(socket.closed).to.equal(true);
    expect(part('play').getAttribute('aria-label')).to.equal('Listen again');
    expect(events.slice(-2)).to.deep.equal(['conf-statechange ended', 'conf-stop ended']);
  });

  it('shows a refusal with its kind and lets the user try again', async () => {
    await place();
    (await listen()).end(4404, 'no such room');
    await reaches('error');
    expect(element.error).to.include({ kind: 'not-found', code: 'no-room', retryable: false });
    expect(events.slice(-3)).to.deep.equal([
      'conf-statechange error',
      'conf-error not-found',
      'conf-stop error',
    ]);
    expect(part('status').textContent).to.include('no such session');
    part('play').click();
    await until('it tries again', () => FakeSocket.made.length === 2);
    expect(element.error).to.equal(null);
  });

  it('without a room is a config error that names the attribute', async () => {
    await place({ room: '' });
    await element.play();
    await reaches('error');
    expect(element.error?.kind).to.equal('config');
    expect(element.error?.message).to.include('"room"');
    expect(FakeSocket.made).to.have.length(0);
  });

  it('moving it in the page does not interrupt; removing it stops and releases', async () => {
    await place();
    const socket = await listen();
    const home = document.createElement('div');
    document.body.append(home);
    home.append(element);
    await Promise.resolve();
    expect(socket.closed).to.equal(false);
    expect(element.playing).to.equal(true);
    home.remove();
    await Promise.resolve();
    expect(socket.closed).to.equal(true);
    expect(element.state).to.equal('idle');
  });

  it('its meter moves on after a move in the page', async () => {
    await place();
    const end = speak(await listen());
    await until('it shows −9 dBFS', () => shownShare() > 0.8);
    const home = document.createElement('div');
    document.body.append(home);
    home.append(element);
    part('meter-fill').style.removeProperty('transform');
    await until('it shows −9 dBFS again', () => shownShare() > 0.8);
    end();
    home.remove();
  });

  it('another room while playing: the old socket closes, a new one opens', async () => {
    await place();
    const first = await listen();
    first.tell(hello());
    element.room = 'town-hall';
    await element.updateComplete;
    expect(first.closed).to.equal(true);
    expect(FakeSocket.last.url).to.include('/rooms/town-hall/');
    expect(element.playing).to.equal(true);
    expect(element.getAttribute('room')).to.equal('town-hall');
  });

  it('`autoplay` starts by itself', async () => {
    await place({ autoplay: '' });
    await until('it connects', () => FakeSocket.made.length === 1);
    expect(events[0]).to.equal('conf-play autoplay');
  });

  it('a page may forbid it: preventDefault() on conf-play opens nothing', async () => {
    await place();
    element.addEventListener('conf-play', (event) => event.preventDefault());
    let refusal: unknown;
    await element.play().catch((error: unknown) => (refusal = error));
    expect(refusal).to.have.property('name', 'AbortError');
    expect(element.playing).to.equal(false);
    expect(FakeSocket.made).to.have.length(0);
  });

  it('play(), stop() and toggle() work from a script', async () => {
    await place();
    await element.play();
    expect(element.playing).to.equal(true);
    await element.toggle();
    expect(element.playing).to.equal(false);
    await element.toggle();
    element.stop();
    expect(events.filter((event) => event.startsWith('conf-stop'))).to.deep.equal([
      'conf-stop script',
      'conf-stop script',
    ]);
  });

  it('the ticket travels in the socket and never in the markup', async () => {
    await place();
    element.token = 'a.secret.b';
    await listen();
    expect(FakeSocket.last.protocols).to.include('bearer.a.secret.b');
    expect(element.outerHTML + (element.shadowRoot?.innerHTML ?? '')).to.not.include('secret');
  });

  it('brings volume into 0…1 and unmutes with the slider', async () => {
    await place({ volume: '7', muted: '' });
    expect(element.volume).to.equal(1);
    expect(element.muted).to.equal(true);
    expect(part('mute').getAttribute('aria-label')).to.equal('Unmute');
    const slider = part('volume');
    if (!(slider instanceof HTMLInputElement)) throw new Error('the slider is no input');
    slider.value = '0.4';
    slider.dispatchEvent(new Event('input'));
    await element.updateComplete;
    expect(element.volume).to.equal(0.4);
    expect(element.muted).to.equal(false);
  });

  it('turns what sounds down to a quarter at half volume, and to nothing when muted', async () => {
    await place();
    await listen();
    const real = Object.getOwnPropertyDescriptor(AudioParam.prototype, 'setTargetAtTime') ?? {};
    const gains: number[] = [];
    AudioParam.prototype.setTargetAtTime = function (gain) {
      gains.push(gain);
      return this;
    };
    element.volume = 0.5;
    await element.updateComplete;
    element.muted = true;
    await element.updateComplete;
    Object.defineProperty(AudioParam.prototype, 'setTargetAtTime', real);
    expect(gains).to.deep.equal([0.25, 0]);
  });

  it('is a named group of native controls, with one status region that holds no words at rest', async () => {
    await place({ label: 'Town hall' });
    const root = element.shadowRoot;
    expect(root?.querySelectorAll('button')).to.have.length(2);
    expect(root?.querySelectorAll('input[type=range]')).to.have.length(1);
    for (const control of root?.querySelectorAll('button, input') ?? []) {
      expect(control.getAttribute('aria-label')).to.match(/\w+/);
    }
    expect(root?.querySelectorAll('[role=status]')).to.have.length(1);
    expect(root?.querySelector('[role=status]')?.textContent).to.equal('');
    expect(part('meter').getAttribute('aria-hidden')).to.equal('true');
    const box = part('play').getBoundingClientRect();
    expect([box.width, box.height]).to.deep.equal([44, 44]);
    expect(element.getBoundingClientRect().height).to.equal(64);
  });

  it('announces the end once, then empties the region', async () => {
    await place();
    const socket = await listen();
    socket.tell(hello({ state: 'waiting' }));
    socket.tell({ type: 'state', state: 'ended' });
    const region = element.shadowRoot?.querySelector('[role=status]');
    await until('it is said', () => region?.textContent === 'The session has ended');
    await until('it is emptied', () => region?.textContent === '', 5000);
  });

  it('has exactly one state as custom state', async () => {
    await place({ muted: '' });
    expect(element.matches(':state(idle)')).to.equal(true);
    expect(element.matches(':state(muted)')).to.equal(true);
    const socket = await listen();
    socket.tell(hello({ state: 'waiting' }));
    await reaches('waiting');
    expect(element.matches(':state(waiting)')).to.equal(true);
    expect(element.matches(':state(idle)')).to.equal(false);
    expect(element.matches(':state(playing)')).to.equal(true);
  });

  it('renders no style attribute, style element, image or link', async () => {
    await place();
    const socket = await listen();
    for (const state of ['waiting', 'unavailable'] as const) {
      socket.tell(hello({ state }));
      await element.updateComplete;
      expect(element.shadowRoot?.querySelectorAll('style, link, img, [src]')).to.have.length(0);
    }
    const styled = [...(element.shadowRoot?.querySelectorAll('[style]') ?? [])];
    // Only what script set through the style object, which no policy forbids.
    for (const one of styled) expect(one.getAttribute('style')).to.match(/^transform: \S+\(.*\);$/);
  });

  it('fits 320 px: nothing wider than its box', async () => {
    await place({ label: 'A very long title of a very long all hands meeting in autumn' });
    element.style.setProperty('width', '320px');
    await element.updateComplete;
    expect(part('bar').scrollWidth).to.be.at.most(320);
    expect(getComputedStyle(part('volume')).display).to.equal('none');
  });

  it('two players share one AudioContext', async () => {
    const real = globalThis.AudioContext;
    let made = 0;
    globalThis.AudioContext = class extends real {
      constructor(options?: AudioContextOptions) {
        super(options);
        made++;
      }
    };
    await place();
    const other = document.createElement('conf-listener');
    other.room = 'other';
    document.body.append(other);
    await Promise.all([element.play(), other.play()]);
    await until('both connect', () => FakeSocket.made.length === 2);
    other.remove();
    globalThis.AudioContext = real;
    expect(made).to.be.at.most(1);
  });

  it('loading the script twice leaves the first definition', async () => {
    const again = new URL('../../component/define.ts?again', import.meta.url).href;
    await import(again);
    expect(customElements.get('conf-listener')).to.equal(ConfListener);
    await place();
    expect(element).to.be.instanceOf(ConfListener);
  });
});
