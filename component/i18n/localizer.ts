import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { en } from './en.ts';
import type { Language, Strings } from './strings.ts';

const ENGLISH: Language = { tag: 'en', strings: en };
const languages = new Map<string, Language>([['en', ENGLISH]]);
const localizers = new Set<Localizer>();

/**
 * Makes a language known to every player on the page, now and later. `tag`: BCP 47, as `de` or `pt-BR`; a player whose
 * language is `de-AT` takes `de` where nothing nearer is known.
 */
export function registerStrings(tag: string, strings: Strings): void {
  languages.set(tag.toLowerCase(), { tag, strings });
  for (const localizer of localizers) localizer.host.requestUpdate();
}

/**
 * A player's language: that of the nearest element with a `lang`, or the browser's where the page has none. English
 * where nobody has registered it: a page in a third language would rather read one it can be sure to know.
 */
export class Localizer implements ReactiveController {
  readonly host: ReactiveControllerHost & Element;
  #watcher: MutationObserver | undefined;

  /** Belongs to `host`, which is updated when a language is registered. */
  constructor(host: ReactiveControllerHost & Element) {
    this.host = host;
    host.addController(this);
  }

  /** The language as it stands; ask at each render. */
  get language(): Language {
    const declared = declaredLanguage(this.host);
    for (const tag of declared ? [declared] : navigator.languages) {
      const lower = tag.toLowerCase();
      const known = languages.get(lower) ?? languages.get(lower.split('-')[0] ?? '');
      if (known) return known;
    }
    return ENGLISH;
  }

  /** Languages may come while it is on the page, and the page may change its own. */
  hostConnected(): void {
    localizers.add(this);
    this.#watcher ??= new MutationObserver(() => this.host.requestUpdate());
    this.#watcher.observe(document, { attributeFilter: ['lang'], subtree: true });
  }

  /** The page's list of players holds none that has left. */
  hostDisconnected(): void {
    localizers.delete(this);
    this.#watcher?.disconnect();
  }
}

/** Through the shadow roots around it, too. */
function declaredLanguage(from: Element): string | undefined {
  const near = from.closest<HTMLElement>('[lang]')?.lang;
  const root = from.getRootNode();
  return near || (root instanceof ShadowRoot ? declaredLanguage(root.host) : undefined);
}
