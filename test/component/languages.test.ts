import { expect } from 'chai';
import { ar } from '../../component/i18n/ar.ts';
import { de } from '../../component/i18n/de.ts';
import { register } from '../../component/i18n/register.ts';
import { until } from '../support/until.ts';

/** The words on the status line of a fresh player in `lang`. */
async function wordsOf(lang: string): Promise<string> {
  const player = document.createElement('conf-listener');
  player.setAttribute('lang', lang);
  document.body.append(player);
  try {
    await Promise.resolve();
    await until('the player shows a text', () => (player.shadowRoot?.textContent ?? '') !== '');
    return player.shadowRoot?.querySelector('[part=status]')?.textContent?.trim() ?? '';
  } finally {
    player.remove();
  }
}

describe('a language script', () => {
  it('may stand before the player’s script, after it, and twice', async () => {
    const early = register('de', de);
    await import('../../component/define.ts');
    await early;
    expect(await wordsOf('de')).to.equal('Bereit zum Hören');
    expect(await wordsOf('ar')).to.equal('Ready to listen');
    await Promise.all([register('ar', ar), register('ar', ar)]);
    expect(await wordsOf('ar')).to.equal('جاهز للاستماع');
  });

  it('does nothing to a player from before there were languages', async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script type="module">
      import { register } from '/component/i18n/register.ts';
      customElements.define('conf-listener', class extends HTMLElement {});
      register('de', {}).then(() => (document.title = 'nothing'), (error) => (document.title = String(error)));
    </script>`;
    document.body.append(frame);
    await until('the frame has spoken', () => (frame.contentDocument?.title ?? '') !== '');
    expect(frame.contentDocument?.title).to.equal('nothing');
    frame.remove();
  });
});
