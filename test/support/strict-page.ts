import { until } from './until.ts';

/** What a page under a policy has told of its player. */
interface Told {
  kind: string;
  detail: unknown;
}

/** Where the relay of {@link relayUrl} listens; it has people talking on `allhands`. */
export async function relayUrl(): Promise<string> {
  const answer = await fetch('/strict-relay');
  return answer.text();
}

/** What a page needs at most to play from `relay`, as README says it. */
export function strictPolicy(relay: string, scripts = relay): string {
  const socket = relay.replace('http', 'ws');
  return `default-src 'none'; script-src ${scripts}; style-src 'self'; connect-src ${relay} ${socket}`;
}

/** A page under headers of its own, in a frame; its first script is the relay's `/detour/report.js`. */
export class StrictPage {
  readonly #frame = document.createElement('iframe');
  readonly #told: Told[] = [];

  /** Opens it and waits until all of it is loaded. */
  static async open(html: string, headers: Readonly<Record<string, string>>): Promise<StrictPage> {
    const page = new StrictPage();
    addEventListener('message', page.#hear);
    page.#frame.src = `/strict-page?${new URLSearchParams({ html, headers: JSON.stringify(headers) })}`;
    page.#frame.allow = 'autoplay';
    document.body.append(page.#frame);
    await until('the page is loaded', () => page.all('loaded').length > 0);
    return page;
  }

  /** Calls a method of its player. */
  call(name: 'play' | 'stop'): void {
    this.#ask({ call: name });
  }

  /** Sets a property of its player. */
  set(property: 'room' | 'muted', value: string | boolean): void {
    this.#ask({ set: property, value });
  }

  /** Resolves when the player has come into a state that it was not in when this was called. */
  async reaches(state: string): Promise<void> {
    const from = this.states.length;
    await until(
      `it is ${state}; it told ${JSON.stringify(this.#told)}`,
      () => {
        return this.states.slice(from).includes(state);
      },
      20_000,
    );
  }

  /** States of its player, oldest first. */
  get states(): string[] {
    return this.all('conf-statechange').map((detail) => String(Object(detail).state));
  }

  /** Everything told of one kind. */
  all(kind: string): unknown[] {
    return this.#told.filter((told) => told.kind === kind).map(({ detail }) => detail);
  }

  close(): void {
    removeEventListener('message', this.#hear);
    this.#frame.remove();
  }

  #ask(message: unknown): void {
    this.#frame.contentWindow?.postMessage(message, '*');
  }

  readonly #hear = ({ source, data }: MessageEvent): void => {
    if (source === this.#frame.contentWindow) this.#told.push(data);
  };
}
