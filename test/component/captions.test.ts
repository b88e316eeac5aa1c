import { expect } from 'chai';
import type { ReactiveController } from 'lit';
import { CaptionLines, type Caption } from '../../component/caption-lines.ts';
import { CaptionQueue } from '../../component/caption-queue.ts';
import '../../component/define.ts';
import { until } from '../support/until.ts';
import { PlacedPlayer } from '../support/placed-player.ts';
import { caption, chunk, hello, speak } from '../support/relay-words.ts';

function ids(due: readonly { id: string }[]): string {
  return due.map(({ id }) => id).join(' ');
}

function said(id: string, text: string): Caption {
  return { id, text, final: false };
}

describe('captions on their way', () => {
  it('one of words that end at 5000 ms is due at 4700 ms of its sound, not at 4699, and once', () => {
    const queue = new CaptionQueue();
    queue.push(caption('a', 'one', { endMs: 5000 }));
    expect(queue.due(1, 4699)).to.deep.equal([]);
    expect(ids(queue.due(1, 4700))).to.equal('a');
    expect(queue.due(1, 9000)).to.deep.equal([]);
  });

  it('those that are due come in the order they were sent in, the same id as often as it was said', () => {
    const queue = new CaptionQueue();
    for (const [id, endMs] of [
      ['b', 2000],
      ['a', 1000],
      ['b', 2100],
      ['c', 3000],
    ] as const) {
      queue.push(caption(id, 'words', { endMs }));
    }
    expect(ids(queue.due(1, 2000))).to.equal('b a b');
    expect(ids(queue.due(1, 2700))).to.equal('c');
  });

  it('one of epoch 1 is dropped once epoch 2 sounds; one of epoch 3 waits for it', () => {
    const queue = new CaptionQueue();
    for (const epoch of [1, 2, 3]) queue.push(caption(`of ${epoch}`, 'words', { epoch, endMs: 1000 }));
    expect(ids(queue.due(2, 800))).to.equal('of 2');
    expect(queue.due(1, 9000)).to.deep.equal([]);
    expect(queue.due(2, 9000)).to.deep.equal([]);
    expect(queue.due(3, 699)).to.deep.equal([]);
    expect(ids(queue.due(3, 700))).to.equal('of 3');
  });

  it('of 103 that wait the 3 oldest go; after clear() none waits', () => {
    const queue = new CaptionQueue();
    const push = (): void => {
      for (let n = 1; n <= 103; n++) queue.push(caption(String(n), 'words'));
    };
    push();
    const due = queue.due(1, 1000);
    expect([due.length, due[0]?.id, due.at(-1)?.id]).to.deep.equal([100, '4', '103']);
    push();
    queue.clear();
    expect(queue.due(1, 1000)).to.deep.equal([]);
  });
});

describe('captions on show', () => {
  const real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  let waiting: Map<number, { act: () => void; ms: number | undefined }>;
  let updates: number;
  let lines: CaptionLines;
  let controllers: ReactiveController[];

  beforeEach(() => {
    waiting = new Map();
    controllers = [];
    updates = 0;
    let made = 0;
    Reflect.set(globalThis, 'setTimeout', (act: () => void, ms?: number) => {
      waiting.set(++made, { act, ms });
      return made;
    });
    Reflect.set(globalThis, 'clearTimeout', (timer: number) => waiting.delete(timer));
    lines = new CaptionLines({
      addController: (one) => controllers.push(one),
      removeController: () => {},
      requestUpdate: () => updates++,
      updateComplete: Promise.resolve(true),
    });
  });
  afterEach(() => {
    globalThis.setTimeout = real.set;
    globalThis.clearTimeout = real.clear;
  });

  function texts(): string {
    return lines.lines.map(({ text }) => text).join(' | ');
  }

  it('the last three pieces show, oldest first', () => {
    expect(lines.known).to.equal(false);
    for (const n of [1, 2, 3, 4]) lines.show(said(`${n}`, `text ${n}`));
    expect(texts()).to.equal('text 2 | text 3 | text 4');
    expect(lines.known).to.equal(true);
    expect(updates).to.equal(4);
  });

  it('the same id replaces its words in their place, and an empty text takes them back', () => {
    for (const [id, text] of [
      ['a', 'Good'],
      ['b', 'Thank you'],
      ['a', 'Good morning'],
    ] as const) {
      lines.show(said(id, text));
    }
    expect(texts()).to.equal('Good morning | Thank you');
    lines.show(said('a', ''));
    expect(texts()).to.equal('Thank you');
    lines.show(said('never said', ''));
    expect(texts()).to.equal('Thank you');
  });

  it('all are gone 6000 ms after the last; each new one begins the time anew', () => {
    lines.show(said('a', 'Good'));
    lines.show(said('a', 'Good morning'));
    expect([...waiting.values()].map(({ ms }) => ms)).to.deep.equal([6000]);
    for (const { act } of waiting.values()) act();
    expect(texts()).to.equal('');
    expect(lines.known).to.equal(true);
  });

  it('outside a page none shows and no timer waits', () => {
    lines.show(said('a', 'Good'));
    for (const one of controllers) one.hostDisconnected?.();
    expect(waiting.size).to.equal(0);
    expect(texts()).to.equal('');
  });
});

describe('captions in a player', function () {
  this.timeout(60_000);
  PlacedPlayer.inEachTest();

  it('one shows when its sound is heard, 300 ms before the end of its words and not sooner; ±300 ms', async () => {
    const player = await PlacedPlayer.place({ captions: '' });
    let shownAtMs = NaN;
    let text = '';
    player.element.addEventListener('conf-caption', ({ detail }) => {
      shownAtMs = performance.now();
      ({ text } = detail);
    });
    const socket = await player.listen();
    socket.tell(hello({ mediaMs: 1000 }));
    socket.tell(caption('1', 'Good morning', { endMs: 3300, final: true, speaker: 'Ann' }));
    // The tone is 20 dB lower from 3000 ms on: that is heard as the caption is read.
    const startMs = performance.now();
    let sequence = 0;
    let lowAtMs = NaN;
    const timer = setInterval(() => {
      const nowMs = performance.now();
      for (; (sequence + 1) * 100 <= 1000 + nowMs - startMs; sequence++) {
        const loud = chunk(sequence);
        const samples = new Int16Array(loud.pcm.slice().buffer).map((sample) => sample / 10);
        socket.sendChunk(sequence < 30 ? loud : { ...loud, pcm: new Uint8Array(samples.buffer) });
      }
      const { rms = 0 } = player.element.level ?? {};
      if (rms < -20 && Number.isNaN(lowAtMs)) lowAtMs = nowMs;
    }, 10);
    try {
      await until('the lower tone is heard, and the caption seen', () => shownAtMs + lowAtMs > 0);
    } finally {
      clearInterval(timer);
    }
    expect(shownAtMs - startMs).to.be.above(2000);
    expect(shownAtMs - lowAtMs).to.be.within(-300, 300);
    expect(text).to.equal('Good morning');
    await player.element.updateComplete;
    expect(player.part('captions').textContent.trim()).to.match(/^Ann:\s+Good morning$/);
  });

  it('the event has id, text and final, and speaker and lang where they are known; it leaves the shadow roots', async () => {
    const player = await PlacedPlayer.place();
    const details: Caption[] = [];
    const record = ({ detail }: CustomEvent<Caption>): unknown => details.push(detail);
    document.body.addEventListener('conf-caption', record);
    const socket = await player.listen();
    const end = speak(socket);
    socket.tell(caption('1', 'Guten Tag', { speaker: 'Ann', lang: 'de', final: true }));
    socket.tell(caption('2', 'Good'));
    await until('both are told', () => details.length === 2);
    end();
    document.body.removeEventListener('conf-caption', record);
    expect(details).to.deep.equal([
      { id: '1', text: 'Guten Tag', final: true, speaker: 'Ann', lang: 'de' },
      { id: '2', text: 'Good', final: false },
    ]);
  });

  it('before the first there is no switch; `controls` without the word `captions` shows neither it nor them', async () => {
    const player = await PlacedPlayer.place({ captions: '', controls: 'mute volume' });
    const socket = await player.listen();
    expect(player.find('[part=captions-button]')).to.equal(null);
    const end = speak(socket);
    let told = false;
    player.element.addEventListener('conf-caption', () => (told = true));
    socket.tell(caption('1', 'Good morning'));
    await until('it is told', () => told);
    await player.element.updateComplete;
    expect(player.find('[part=captions-button], [part=captions]')).to.equal(null);
    player.element.controls = 'captions';
    await player.element.updateComplete;
    end();
    expect(player.part('captions').textContent).to.include('Good morning');
  });

  it('what waits for its sound at Stop is never shown', async () => {
    const player = await PlacedPlayer.place();
    let told = 0;
    player.element.addEventListener('conf-caption', () => told++);
    const socket = await player.listen();
    let end = speak(socket);
    socket.tell(caption('1', 'Old words', { endMs: 3800 }));
    await player.reaches('live');
    player.element.stop();
    end();
    expect(told).to.equal(0);
    end = speak(await player.listen());
    await until('the place of the words has sounded', () => (player.element.getStats()?.played ?? 0) > 42);
    end();
    expect(told).to.equal(0);
  });
});
