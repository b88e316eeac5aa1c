import { LANGUAGES } from './languages.js';

const DEFAULTS = { theme: 'auto', lang: 'en', accent: 'blue' };

/**
 * Theme, language and accent of the page, and of its players with it. Kept in the page's address: what one sees can be
 * sent to somebody else.
 */
export class Appearance {
  #document;
  #players;
  #language;
  /** Scripts of languages, by tag, each loaded once. */
  #loaded = new Map();

  constructor(page) {
    this.#document = page;
    this.#players = page.querySelectorAll('conf-listener');
    this.#language = page.getElementById('language');
    for (const [tag, { name }] of Object.entries(LANGUAGES)) this.#language.add(new Option(name, tag));
    this.#language.addEventListener('change', () => void this.#set('lang', this.#language.value));
    for (const choice of ['theme', 'accent']) {
      page
        .getElementById(choice)
        .addEventListener('change', ({ target }) => void this.#set(choice, target.value));
    }
  }

  /** Takes what the address says. */
  restore() {
    const wanted = new URLSearchParams(location.search);
    for (const choice of ['theme', 'accent']) {
      const input = this.#document.querySelector(
        `[name=${choice}][value="${CSS.escape(wanted.get(choice) ?? '')}"]`,
      );
      if (!input) continue;
      input.checked = true;
      void this.#set(choice, input.value);
    }
    const lang = wanted.get('lang');
    if (!Object.hasOwn(LANGUAGES, lang ?? '')) return;
    this.#language.value = lang;
    void this.#set('lang', lang);
  }

  async #set(choice, value) {
    const address = new URL(location.href);
    if (value === DEFAULTS[choice]) address.searchParams.delete(choice);
    else address.searchParams.set(choice, value);
    history.replaceState(null, '', address);
    if (choice === 'lang') return this.#speak(value);
    this.#document.documentElement.dataset[choice] = value;
    if (choice === 'theme') for (const player of this.#players) player.setAttribute('theme', value);
  }

  /** The players and the article's opening go over to a language; the rest of the article is English. */
  async #speak(tag) {
    await this.#load(tag);
    if (this.#language.value !== tag) return; // another was chosen meanwhile
    const { dir = 'ltr', ...texts } = LANGUAGES[tag];
    for (const element of [this.#document.getElementById('opening'), ...this.#players]) {
      element.lang = tag;
      element.dir = dir;
    }
    for (const place of this.#document.querySelectorAll('[data-text]')) {
      place.textContent = texts[place.dataset.text];
    }
  }

  /** English is in the player. One that does not come leaves the players in English. */
  #load(tag) {
    if (tag === 'en') return undefined;
    const known = this.#loaded.get(tag);
    if (known) return known;
    const script = this.#document.createElement('script');
    script.type = 'module';
    script.src = `/v1/lang/${tag}.js`;
    const loaded = new Promise((resolve) => {
      script.addEventListener('load', resolve);
      script.addEventListener('error', resolve);
    });
    this.#loaded.set(tag, loaded);
    this.#document.head.append(script);
    return loaded;
  }
}
