import { expect } from 'chai';
import { ConfListener } from '../../component/define.ts';
import { de } from '../../component/i18n/de.ts';
import { en } from '../../component/i18n/en.ts';
import { fr } from '../../component/i18n/fr.ts';
import { pt } from '../../component/i18n/pt.ts';
import { until } from '../support/until.ts';
import { PlacedPlayer } from '../support/placed-player.ts';

const ENGLISH = en.status.idle;
const GERMAN = de.status.idle;

/** In a box with these attributes, which goes when the test ends. */
function box(attributes: Readonly<Record<string, string>> = {}): HTMLElement {
  const made = document.createElement('div');
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  document.body.append(made);
  return made;
}

describe('the language of a player', () => {
  PlacedPlayer.inEachTest();
  const pageLang = document.documentElement.lang;

  before(() => ConfListener.registerStrings('de', de));
  afterEach(() => {
    document.documentElement.lang = pageLang;
  });

  for (const [lang, words] of [
    ['de', GERMAN],
    ['DE', GERMAN],
    ['de-AT', GERMAN],
    ['de-Latn-DE-1996', GERMAN],
    ['en-GB', ENGLISH],
    ['xx', ENGLISH],
    ['not a language', ENGLISH],
    ['dex', ENGLISH],
  ] as const) {
    it(`lang="${lang}" says "${words}"`, async () => {
      const player = await PlacedPlayer.place({ lang });
      expect(await player.words()).to.equal(words);
    });
  }

  it('its own lang changes it at once, as attribute and as property, and so does its end', async () => {
    const player = await PlacedPlayer.place({ lang: 'en' });
    player.element.setAttribute('lang', 'de');
    expect(await player.words()).to.equal(GERMAN);
    expect(player.part('play').ariaLabel).to.equal(de.listen);
    expect(player.part('bar').lang).to.equal('de');
    player.element.lang = 'en';
    expect(await player.words()).to.equal(ENGLISH);
    player.element.lang = 'de';
    expect(await player.words()).to.equal(GERMAN);
    expect(player.element.getAttribute('lang')).to.equal('de');
    document.documentElement.lang = 'en';
    player.element.removeAttribute('lang');
    expect(await player.words()).to.equal(ENGLISH);
  });

  it('is that of the nearest element with a lang, itself included', async () => {
    document.documentElement.lang = 'en';
    const outer = box({ lang: 'de' });
    const inner = document.createElement('p');
    outer.append(inner);
    const player = await PlacedPlayer.place({}, inner);
    expect(await player.words()).to.equal(GERMAN);
    inner.lang = 'en';
    const second = await PlacedPlayer.place({}, inner);
    expect(await second.words()).to.equal(ENGLISH);
    const third = await PlacedPlayer.place({ lang: 'de' }, inner);
    expect(await third.words()).to.equal(GERMAN);
    outer.remove();
  });

  it('is found through two shadow roots around it', async () => {
    document.documentElement.lang = 'en';
    const outer = box({ lang: 'de' });
    const host = document.createElement('div');
    outer.attachShadow({ mode: 'open' }).append(host);
    const player = await PlacedPlayer.place({}, host.attachShadow({ mode: 'closed' }));
    expect(await player.words()).to.equal(GERMAN);
    outer.remove();
  });

  it('follows <html lang> and a box’s lang while it is on the page', async () => {
    document.documentElement.lang = 'en';
    const around = box();
    const player = await PlacedPlayer.place({}, around);
    expect(await player.words()).to.equal(ENGLISH);
    document.documentElement.lang = 'de';
    await until('it speaks German', () => player.part('status').textContent.trim() === GERMAN, 1000);
    around.lang = 'en';
    await until('it speaks English', () => player.part('status').textContent.trim() === ENGLISH, 1000);
    around.remove();
  });

  it('is the browser’s where the page has none: the first that is known', async () => {
    document.documentElement.removeAttribute('lang');
    Object.defineProperty(navigator, 'languages', { value: ['xx', 'de-CH', 'en'], configurable: true });
    const player = await PlacedPlayer.place();
    const words = await player.words();
    Reflect.deleteProperty(navigator, 'languages');
    expect(words).to.equal(GERMAN);
  });

  it('comes to a player that is there when its script comes later; `pt-BR` outweighs `pt`', async () => {
    const french = await PlacedPlayer.place({ lang: 'fr-CA' });
    const brazilian = await PlacedPlayer.place({ lang: 'pt-BR' });
    expect([await french.words(), await brazilian.words()]).to.deep.equal([ENGLISH, ENGLISH]);
    ConfListener.registerStrings('fr', fr);
    ConfListener.registerStrings('pt', pt);
    expect([await french.words(), await brazilian.words()]).to.deep.equal([fr.status.idle, pt.status.idle]);
    ConfListener.registerStrings('pt-BR', { ...pt, status: { ...pt.status, idle: 'Pronto' } });
    expect(await brazilian.words()).to.equal('Pronto');
    expect(await french.words()).to.equal(fr.status.idle);
  });
});
