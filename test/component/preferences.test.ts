import { expect } from 'chai';
import '../../component/define.ts';
import { keepPreferences, readPreferences } from '../../component/preferences.ts';
import { caption, speak } from '../support/relay-words.ts';
import { until } from '../support/until.ts';
import { PlacedPlayer } from '../support/placed-player.ts';

const KEY = 'conf-listener';

function slide(player: PlacedPlayer, to: number): void {
  const slider = player.part('volume');
  if (!(slider instanceof HTMLInputElement)) throw new Error('the slider is no input');
  slider.value = String(to);
  slider.dispatchEvent(new Event('input'));
}

/** The page has no localStorage, as in a sandboxed frame, until what is returned is called. */
function forbidStorage(): () => void {
  const real = Object.getOwnPropertyDescriptor(globalThis, 'localStorage') ?? {};
  Object.defineProperty(globalThis, 'localStorage', {
    configurable: true,
    get: () => {
      throw new DOMException('The operation is insecure', 'SecurityError');
    },
  });
  return () => Object.defineProperty(globalThis, 'localStorage', real);
}

/** Every write fails, as where the origin's space is full, until what is returned is called. */
function fillStorage(): () => void {
  const real = Object.getOwnPropertyDescriptor(Storage.prototype, 'setItem') ?? {};
  Storage.prototype.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  return () => Object.defineProperty(Storage.prototype, 'setItem', real);
}

describe('what a listener has chosen', function () {
  this.timeout(60_000);
  PlacedPlayer.inEachTest();

  it('a volume of 0.4 is that of the next player, too, whatever its attribute; what the page sets later counts', async () => {
    slide(await PlacedPlayer.place(), 0.4);
    const { element } = await PlacedPlayer.place({ volume: '0.9' });
    expect(element.volume).to.equal(0.4);
    element.volume = 0.7;
    await element.updateComplete;
    document.body.append(element);
    expect(element.volume).to.equal(0.7);
    expect(readPreferences()).to.deep.equal({ volume: 0.4 });
  });

  it('muting and what a page sets are not kept', async () => {
    const { element } = await PlacedPlayer.place();
    element.volume = 0.3;
    element.muted = true;
    await element.updateComplete;
    expect(localStorage.getItem(KEY)).to.equal(null);
    expect((await PlacedPlayer.place()).element).to.include({ volume: 1, muted: false });
  });

  it('`nostore` neither reads nor keeps a volume', async () => {
    localStorage.setItem(KEY, '{"volume":0.2}');
    const shy = await PlacedPlayer.place({ nostore: '', volume: '0.9' });
    expect(shy.element.volume).to.equal(0.9);
    slide(shy, 0.5);
    expect(shy.element.volume).to.equal(0.5);
    expect(localStorage.getItem(KEY)).to.equal('{"volume":0.2}');
  });

  for (const [why, forbid] of [
    ['throws when asked for', forbidStorage],
    ['is full', fillStorage],
  ] as const) {
    it(`where localStorage ${why} the choice holds on this page's player alone`, async () => {
      const allow = forbid();
      try {
        const player = await PlacedPlayer.place({ volume: '0.8' });
        expect(player.element.volume).to.equal(0.8);
        slide(player, 0.4);
        expect(player.element.volume).to.equal(0.4);
        expect(readPreferences()).to.deep.equal({});
      } finally {
        allow();
      }
    });
  }

  for (const [kept, volume] of [
    ['', 0.9],
    ['{', 0.9],
    ['null', 0.9],
    ['7', 0.9],
    ['"loud"', 0.9],
    ['[0.1]', 0.9],
    ['{"volume":"0.2"}', 0.9],
    ['{"volume":null}', 0.9],
    ['{"volume":[0.2]}', 0.9],
    ['{"volume":-3}', 0],
    ['{"volume":7}', 1],
    ['{"volume":1e999}', 1],
    ['{"volume":0.2,"captions":"yes"}', 0.2],
  ] as const) {
    it(`with ${kept || 'nothing'} kept the volume is ${volume}, and captions are off`, async () => {
      localStorage.setItem(KEY, kept);
      const player = await PlacedPlayer.place({ volume: '0.9' });
      expect(player.element.volume).to.equal(volume);
      expect(readPreferences()).to.not.have.property('captions');
    });
  }

  it('one choice is kept beside another, and all that is not ours goes', () => {
    localStorage.setItem(KEY, '{"volume":0.2,"largerText":true,"theme":"pink"}');
    keepPreferences({ captions: true });
    expect(JSON.parse(localStorage.getItem(KEY) ?? '')).to.deep.equal({
      volume: 0.2,
      largerText: true,
      captions: true,
    });
  });

  for (const [kept, attributes, shows] of [
    ['{}', {}, false],
    ['{}', { captions: '' }, true],
    ['{"captions":false}', { captions: '' }, false],
    ['{"captions":true}', {}, true],
    ['{"captions":false}', { captions: '', nostore: '' }, true],
  ] as const) {
    it(`captions ${shows ? 'show' : 'do not show'} with ${kept} kept and the attributes "${Object.keys(attributes).join(' ')}"`, async () => {
      localStorage.setItem(KEY, kept);
      const player = await PlacedPlayer.place(attributes);
      const socket = await player.listen();
      const end = speak(socket);
      socket.tell(caption('1', 'Good morning'));
      await until('there is a switch', () => player.find('[part=captions-button]') !== null);
      end();
      expect(player.find('[part=captions]') !== null).to.equal(shows);
      expect(player.part('captions-button').ariaPressed).to.equal(String(shows));
      player.part('captions-button').click();
      await player.element.updateComplete;
      expect(player.find('[part=captions]') !== null).to.equal(!shows);
      expect(readPreferences().captions).to.equal(
        'nostore' in attributes ? JSON.parse(kept).captions : !shows,
      );
    });
  }
});
