import { expect } from 'chai';
import '../../component/define.ts';
import { pressKey } from '../../component/hotkeys.ts';
import { PlacedPlayer } from '../support/placed-player.ts';

describe('a key pressed in the player', () => {
  let acts: string[];
  let box: HTMLElement;

  beforeEach(() => {
    acts = [];
    box = document.createElement('div');
    document.body.append(box);
    const keys = {
      m: () => acts.push('m'),
      arrowup: () => acts.push('arrowup'),
    };
    box.addEventListener('keydown', (event) => pressKey(event, keys));
  });
  afterEach(() => box.remove());

  /** Presses a key in an element made of this; returns whether it was kept from doing anything else. */
  function press(key: string, init: KeyboardEventInit = {}, markup = '<button></button>'): boolean {
    box.innerHTML = markup;
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
    const target = box.querySelector('.target') ?? box.firstElementChild;
    target?.dispatchEvent(event);
    return event.defaultPrevented;
  }

  it('does what it means, as letter, capital or arrow, and nothing else', () => {
    expect([press('m'), press('M', { shiftKey: true }), press('ArrowUp')]).to.deep.equal([true, true, true]);
    expect(acts).to.deep.equal(['m', 'm', 'arrowup']);
    expect([press('x'), press('Tab'), press('Enter')]).to.deep.equal([false, false, false]);
    expect(acts).to.have.length(3);
  });

  it('held down for 3 repeats a letter acts once, an arrow 4 times', () => {
    for (const key of ['m', 'ArrowUp']) for (const n of [0, 1, 2, 3]) press(key, { repeat: n > 0 });
    expect(acts).to.deep.equal(['m', 'arrowup', 'arrowup', 'arrowup', 'arrowup']);
  });

  for (const modifier of ['ctrlKey', 'altKey', 'metaKey'] as const) {
    it(`with ${modifier} is the page’s`, () => {
      expect([press('m', { [modifier]: true }), press('ArrowUp', { [modifier]: true })]).to.deep.equal([
        false,
        false,
      ]);
      expect(acts).to.deep.equal([]);
    });
  }

  for (const markup of [
    '<input>',
    '<input type="search">',
    '<textarea></textarea>',
    '<select></select>',
    '<p contenteditable>words</p>',
    '<p contenteditable><b class="target">words</b></p>',
  ]) {
    it(`is typed in ${markup}`, () => {
      expect([press('m', {}, markup), press('ArrowUp', {}, markup)]).to.deep.equal([false, false]);
      expect(acts).to.deep.equal([]);
    });
  }

  it('on a slider a letter acts, an arrow moves the slider by its own step', () => {
    const slider = '<input type="range">';
    expect([press('m', {}, slider), press('ArrowUp', {}, slider)]).to.deep.equal([true, false]);
    expect(acts).to.deep.equal(['m']);
  });
});

function pressIn(player: PlacedPlayer, key: string): void {
  player
    .part('play')
    .dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));
}

describe('the controls of a player', () => {
  PlacedPlayer.inEachTest();

  it('an arrow changes the volume by 0.05, from 0 to 1 and not beyond, and unmutes', async () => {
    const player = await PlacedPlayer.place({ volume: '0.5', muted: '' });
    pressIn(player, 'ArrowUp');
    expect(player.element.volume).to.be.closeTo(0.55, 1e-9);
    expect(player.element.muted).to.equal(false);
    for (let n = 0; n < 12; n++) pressIn(player, 'ArrowUp');
    expect(player.element.volume).to.equal(1);
    for (let n = 0; n < 25; n++) pressIn(player, 'ArrowDown');
    expect(player.element.volume).to.equal(0);
  });

  it('`nohotkeys` leaves K, M and the arrows to the page', async () => {
    const player = await PlacedPlayer.place({ nohotkeys: '', volume: '0.5' });
    for (const key of ['k', 'm', 'ArrowUp']) pressIn(player, key);
    expect(player.element).to.include({ playing: false, muted: false, volume: 0.5 });
  });

  it('a change of volume or muting is told once with both, the attributes of the start never', async () => {
    const told: unknown[] = [];
    const record = ({ detail }: CustomEvent): unknown => told.push(detail);
    document.body.addEventListener('conf-volumechange', record);
    const { element } = await PlacedPlayer.place({ volume: '0.5' });
    element.volume = 0.25;
    element.muted = true;
    await element.updateComplete;
    element.label = 'Town hall';
    await element.updateComplete;
    document.body.removeEventListener('conf-volumechange', record);
    expect(told).to.deep.equal([{ volume: 0.25, muted: true }]);
  });

  for (const [controls, shown] of [
    ['mute', 'mute'],
    ['volume meter', 'meter volume'],
    ['', ''],
    ['muted constructor', ''],
  ] as const) {
    it(`controls="${controls}" shows ${shown || 'none'} of mute, meter and volume`, async () => {
      const player = await PlacedPlayer.place({ controls });
      const seen = ['mute', 'meter', 'volume'].filter((name) => {
        const part = player.find(`[part=${name}]`);
        return part && !part.hidden;
      });
      expect(seen.join(' ')).to.equal(shown);
    });
  }
});
