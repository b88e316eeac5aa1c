import { expect } from 'chai';
import { encodeChunk } from '../../wire/chunk.ts';
import { ConfListener } from '../../component/define.ts';
import { until } from '../support/until.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { PlacedPlayer } from '../support/placed-player.ts';
import { chunk, hello, speak } from '../support/relay-words.ts';

const UNTOLD = { listeners: null, startedAt: null, opensAt: null, notice: '' };
const SESSION = new URL('../../component/session.ts', import.meta.url).href;

function rest(ms: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('a player', function () {
  this.timeout(60_000);
  PlacedPlayer.inEachTest();

  // First: the page loads the second script once.
  it('that is stopped before its second script has come opens nothing; Listen again does', async () => {
    const { element, events } = await PlacedPlayer.place();
    expect(performance.getEntriesByName(SESSION)).to.have.length(0);
    let settled = false;
    void element.play().then(() => (settled = true));
    expect(element.state).to.equal('connecting');
    element.stop();
    await import(SESSION);
    await rest(500);
    expect(performance.getEntriesByName(SESSION)).to.have.length(1);
    expect(FakeSocket.made).to.have.length(0);
    expect([element.state, element.playing, settled]).to.deep.equal(['idle', false, true]);
    expect(events).to.deep.equal([
      'conf-play script',
      'conf-statechange connecting',
      'conf-statechange idle',
      'conf-stop script',
    ]);
    await element.play();
    await until('it connects', () => FakeSocket.made.length === 1);
    expect(element.playing).to.equal(true);
  });

  it('that is stopped before its session is made leaves the one that plays alone', async () => {
    const playing = await PlacedPlayer.place();
    await playing.listen();
    const { element } = await PlacedPlayer.place();
    void element.play();
    element.stop();
    await rest(200);
    expect([playing.element.playing, element.playing]).to.deep.equal([true, false]);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('started, stopped and started in one go connects once', async () => {
    const { element } = await PlacedPlayer.place();
    const first = element.play();
    element.stop();
    await Promise.all([first, element.play()]);
    await until('it connects', () => FakeSocket.made.length > 0);
    await rest(200);
    expect(FakeSocket.made).to.have.length(1);
  });

  it('behind by 2.5 s goes to live with one jump, and is live all the while; with no more sound it soon is not', async () => {
    const player = await PlacedPlayer.place({ latency: 'smooth' });
    const { element, events } = player;
    const socket = await player.listen();
    const startMs = performance.now();
    const end = speak(socket);
    await player.reaches('live');
    expect(element.live).to.equal(true);
    expect(element.behindMs).to.be.below(1600);
    // The relay is further on than what it sends.
    const mediaMs = 1000 + performance.now() - startMs + 2500;
    socket.tell({ type: 'clock', epoch: 1, mediaMs: Math.round(mediaMs) });
    await until('it offers the way back', () => player.find('[part=live]') !== null);
    expect(element.behindMs).to.be.within(2500, 4500);
    expect(element).to.include({ state: 'live', live: false });
    expect(await player.words()).to.match(/^Live, [34] seconds behind$/);
    element.goLive();
    expect(element.getStats()?.resyncs).to.equal(1);
    await until('the way back has gone', () => player.find('[part=live]') === null, 3000);
    expect(element.behindMs).to.be.within(0, 1600);
    expect(element.live).to.equal(true);
    // Whenever between two chunks it is asked for, and be the next one late.
    for (let n = 0; n < 10; n++) {
      element.goLive();
      await rest(187);
    }
    end();
    element.goLive();
    await rest(1000);
    expect(element.getStats()?.resyncs).to.equal(12);
    expect(events.slice(1)).to.deep.equal(['conf-statechange connecting', 'conf-statechange live']);
    await player.reaches('buffering');
  });

  it('tells title, listeners and start at the hello, the number anew at each `meta`, and nothing twice', async () => {
    const player = await PlacedPlayer.place();
    const told: unknown[] = [];
    player.element.addEventListener('conf-meta', ({ detail }) => told.push(detail));
    expect(player.element.meta).to.deep.equal({ title: '', ...UNTOLD });
    const socket = await player.listen();
    socket.tell(hello({ state: 'waiting', epoch: null, mediaMs: null }));
    socket.tell({ type: 'meta', listeners: 41 });
    socket.tell({ type: 'meta', listeners: 41 });
    socket.tell(hello({ epoch: 1_700_000_000_000, listeners: 42 }));
    socket.tell(hello({ epoch: 1_700_000_000_000, listeners: 42 }));
    expect(told).to.deep.equal([
      { ...UNTOLD, title: 'All hands' },
      { ...UNTOLD, title: 'All hands', listeners: 41 },
      { ...UNTOLD, title: 'All hands', listeners: 42, startedAt: 1_700_000_000_000 },
    ]);
    expect(player.element.meta).to.deep.equal(told.at(-1));
  });

  it('tells a tone’s −9 dBFS with its peak of −6 ten times a second with `level-events`, and never without', async () => {
    const real = globalThis.setInterval;
    const everyMs: unknown[] = [];
    Reflect.set(globalThis, 'setInterval', (act: () => void, ms?: number) => {
      everyMs.push(ms);
      return real(act, ms);
    });
    const loud = await PlacedPlayer.place({ 'level-events': '', exclusive: 'none' });
    const still = await PlacedPlayer.place({ exclusive: 'none' });
    const levels: { rms: number; peak: number }[] = [];
    let others = 0;
    loud.element.addEventListener('conf-level', ({ detail }) => levels.push(detail));
    still.element.addEventListener('conf-level', () => others++);
    const ends: (() => void)[] = [];
    try {
      ends.push(speak(await loud.listen()));
      expect(everyMs.filter((ms) => ms === 100)).to.have.length(1);
      ends.push(speak(await still.listen()));
      expect(everyMs.filter((ms) => ms === 100)).to.have.length(1);
      await Promise.all([loud.reaches('live'), still.reaches('live')]);
      await until('ten are told', () => levels.length >= 10);
    } finally {
      globalThis.setInterval = real;
      for (const end of ends) end();
    }
    const { rms, peak } = levels.at(-1) ?? { rms: 0, peak: 0 };
    expect(rms).to.be.closeTo(-9, 0.5);
    expect(peak).to.be.closeTo(-6, 0.5);
    expect(others).to.equal(0);
    loud.element.stop();
    const before = levels.length;
    await rest(300);
    expect(levels).to.have.length(before);
    expect(loud.element.level).to.equal(null);
  });

  it('of another tag is a player, too; a second definition of either name changes nothing', async () => {
    ConfListener.define('other-tag');
    const other = customElements.get('other-tag');
    ConfListener.define('other-tag');
    ConfListener.define();
    expect(customElements.get('other-tag')).to.equal(other);
    expect(customElements.get('conf-listener')).to.equal(ConfListener);
    const element = document.createElement('other-tag');
    element.setAttribute('room', 'allhands');
    document.body.append(element);
    if (!(element instanceof ConfListener)) throw new Error('it is no player');
    await element.updateComplete;
    expect(element.state).to.equal('idle');
    expect(element.shadowRoot?.querySelector('[part=status]')?.textContent.trim()).to.equal(
      'Ready to listen',
    );
    await element.play();
    await until('it connects', () => FakeSocket.made.length === 1);
    element.remove();
    await Promise.resolve();
    expect(FakeSocket.last.closed).to.equal(true);
  });

  it('quiets the <audio> inside it that plays in its place, once it is a player', async () => {
    const box = document.createElement('div');
    const sound = URL.createObjectURL(new Blob([encodeChunk(chunk(0)).slice()], { type: 'audio/wav' }));
    box.innerHTML = `<late-player room="allhands"><p><audio loop src="${sound}"></audio></p></late-player>`;
    document.body.append(box);
    const audio = box.querySelector('audio');
    audio?.play().catch(() => {});
    expect(audio?.paused).to.equal(false);
    ConfListener.define('late-player');
    const element = box.querySelector('late-player');
    if (!(element instanceof ConfListener)) throw new Error('it is no player');
    await element.updateComplete;
    expect(audio?.paused).to.equal(true);
    box.remove();
    URL.revokeObjectURL(sound);
  });

  it('goes on live on the same socket when it is moved in the page, and into a shadow root', async () => {
    const player = await PlacedPlayer.place();
    const socket = await player.listen();
    const end = speak(socket);
    await player.reaches('live');
    const home = document.createElement('div');
    document.body.append(home);
    home.append(player.element);
    await rest(50);
    home.attachShadow({ mode: 'open' }).append(player.element);
    const played = player.element.getStats()?.played ?? 0;
    await until('it plays on', () => (player.element.getStats()?.played ?? 0) > played + 3);
    end();
    expect(FakeSocket.made).to.deep.equal([socket]);
    expect(socket.closed).to.equal(false);
    expect(player.events.slice(1)).to.deep.equal(['conf-statechange connecting', 'conf-statechange live']);
    home.remove();
  });

  for (const [relay, origin] of [
    ['', location.origin],
    ['https://relay.example', 'https://relay.example'],
    ['https://relay.example/deep/', 'https://relay.example'],
    ['nonsense', location.origin],
    ['localhost:8080', location.origin],
    ['mailto:someone', location.origin],
  ] as const) {
    it(`with relay="${relay}" an error’s docs are at ${origin === location.origin ? 'the script’s origin' : origin}`, async () => {
      const { element, events } = await PlacedPlayer.place({ relay, room: 'Not A Room' });
      await element.play();
      await until('it tells', () => element.state === 'error');
      expect(element.error).to.include({ code: 'attribute', docs: `${origin}/help/attribute` });
      expect(events.slice(-2)).to.deep.equal(['conf-statechange error', 'conf-stop error']);
      element.stop();
      expect(element.error).to.equal(null);
    });
  }
});

describe('among the system’s media controls', function () {
  this.timeout(60_000);
  PlacedPlayer.inEachTest();

  let handlers: Map<string, unknown>;
  let session: { metadata: unknown; setActionHandler: (action: string, act: unknown) => void };

  beforeEach(() => {
    handlers = new Map();
    session = { metadata: null, setActionHandler: (action, act) => handlers.set(action, act) };
    Object.defineProperty(navigator, 'mediaSession', { value: session, configurable: true });
  });
  afterEach(() => Reflect.deleteProperty(navigator, 'mediaSession'));

  function handler(action: string): () => void {
    const act = handlers.get(action);
    if (typeof act !== 'function') throw new Error(`nothing handles ${action}`);
    return () => void act();
  }

  for (const action of ['pause', 'stop']) {
    it(`${action} stops and play starts again, with the trigger \`mediasession\``, async () => {
      const player = await PlacedPlayer.place();
      await player.listen();
      const [play, end] = [handler('play'), handler(action)];
      play();
      expect(player.events.filter((event) => event.startsWith('conf-play'))).to.deep.equal([
        'conf-play user',
      ]);
      end();
      expect(player.events.at(-1)).to.equal('conf-stop mediasession');
      expect(player.element.state).to.equal('idle');
      play();
      expect(player.events.slice(-2)).to.deep.equal([
        'conf-play mediasession',
        'conf-statechange connecting',
      ]);
      await until('it connects', () => FakeSocket.made.length === 2);
    });
  }

  it('of two players the last to start has the card; the other’s stop and title leave it there', async () => {
    const first = await PlacedPlayer.place({ label: 'First', exclusive: 'none' });
    const second = await PlacedPlayer.place({ label: 'Second', exclusive: 'none' });
    await first.listen();
    expect(session.metadata).to.include({ title: 'First' });
    await second.listen();
    expect(session.metadata).to.include({ title: 'Second' });
    first.element.stop();
    expect(session.metadata).to.include({ title: 'Second' });
    expect([...handlers.values()].every((act) => typeof act === 'function')).to.equal(true);
    handler('pause')();
    expect(second.events.at(-1)).to.equal('conf-stop mediasession');
    expect(session.metadata).to.equal(null);
    expect([...handlers.values()]).to.deep.equal([null, null, null]);
  });

  it('what the first player’s room is called does not take the card from the second', async () => {
    const first = await PlacedPlayer.place({ exclusive: 'none' });
    const second = await PlacedPlayer.place({ label: 'Second', exclusive: 'none' });
    const socket = await first.listen();
    await second.listen();
    socket.tell(hello({ title: 'All hands' }));
    socket.tell({ type: 'meta', listeners: 3 });
    expect(session.metadata).to.include({ title: 'Second' });
    handler('stop')();
    expect([first.element.playing, second.element.playing]).to.deep.equal([true, false]);
  });

  it('the card’s title is the room’s once it is known', async () => {
    const player = await PlacedPlayer.place();
    const socket = await player.listen();
    expect(session.metadata).to.include({ title: 'allhands', artist: 'Live' });
    socket.tell(hello({ title: 'All hands' }));
    expect(session.metadata).to.include({ title: 'All hands', artist: 'Live' });
  });
});
