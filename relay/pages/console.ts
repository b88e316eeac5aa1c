import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { statusOf, type RelayView } from './console-answers.ts';
import { ConsoleCalls } from './console-calls.ts';
import { ConsoleConfirm } from './console-confirm.ts';
import type { Desk } from './console-desk.ts';
import { ConsoleElement } from './console-element.ts';
import { ConsoleExport } from './console-export.ts';
import { momentView } from './console-marks.ts';
import { ConsolePast } from './console-past.ts';
import { Poll } from './console-poll.ts';
import { RelayDoor, type Answer } from './console-relay.ts';
import { ConsoleRoom } from './console-room.ts';
import { summaryView } from './console-summary.ts';

/** For the life of the tab, and no other tab. */
const KEY_AT = 'conf-admin-key';
/** Of so few rooms, each shows its chart from the start. */
const FEW_ROOMS = 2;
const SAID_MS = 8000;

/** Who looks: nobody yet, or somebody with a key that has been taken. */
type Session =
  /** A key that was there before the page was loaded is being tried. */
  | { kind: 'opening' }
  | { kind: 'out'; refusal: string; isAsking: boolean }
  | { kind: 'in'; desk: Desk; relay: RelayView; awaySinceMs: number | undefined };

/** The operator's console: asks for the key, then shows the relay as it is, second by second. */
class RelayConsole extends ConsoleElement {
  static override properties = { session: { state: true }, said: { state: true } };
  declare session: Session;
  declare said: string;
  #door: RelayDoor | undefined;
  readonly #poll = new Poll(() => this.#look());
  #saidTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.said = '';
    const key = sessionStorage.getItem(KEY_AT);
    this.session = key === null ? { kind: 'out', refusal: '', isAsking: false } : { kind: 'opening' };
    if (key !== null) this.#enter(key);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#poll.stop();
    clearTimeout(this.#saidTimer);
  }

  protected override render(): TemplateResult {
    return html`${this.#main(this.session)}
      <p class="said" role="status">${this.said}</p>
      <conf-console-confirm></conf-console-confirm>`;
  }

  /** Where the keyboard goes on when the page becomes another one. */
  protected override updated(changed: PropertyValues): void {
    const before: unknown = changed.get('session');
    const wasIn = typeof before === 'object' && before !== null && Reflect.get(before, 'kind') === 'in';
    const isIn = this.session.kind === 'in';
    if (!changed.has('session') || (isIn && wasIn)) return;
    const key = this.querySelector<HTMLInputElement>('#key');
    if (isIn) this.querySelector('h1')?.focus();
    else if (this.session.kind === 'out' && !this.session.isAsking) {
      key?.focus();
      key?.select();
    }
  }

  #main(session: Session): TemplateResult {
    switch (session.kind) {
      case 'opening':
        return html`<main class="sign-in"><h1 tabindex="-1">Relay console</h1></main>`;
      case 'out':
        return this.#signIn(session);
      case 'in':
        return this.#desk(session);
      default:
        return session satisfies never;
    }
  }

  #signIn({ refusal, isAsking }: Session & { kind: 'out' }): TemplateResult {
    return html`<main class="sign-in">
      <h1 tabindex="-1">Relay console</h1>
      <form @submit=${this.#submit}>
        <label for="key">Admin key</label>
        <input type="text" autocomplete="username" value="admin" hidden />
        <input
          id="key"
          type="password"
          required
          autocomplete="current-password"
          aria-describedby="key-hint"
          aria-invalid=${refusal === '' ? 'false' : 'true'}
        />
        <p class="soft" id="key-hint">
          What the relay was started with as CONF_ADMIN_KEY, or a ticket of scope “admin”. It stays in this
          tab until you close it.
        </p>
        <button type="submit" aria-disabled=${String(isAsking)}>Open</button>
        <p class="refusal" role="alert">${refusal}</p>
      </form>
    </main>`;
  }

  #desk({ desk, relay, awaySinceMs }: Session & { kind: 'in' }): TemplateResult {
    const isAway = awaySinceMs !== undefined;
    return html`<main class="desk" ?data-away=${isAway}>
      <header class="top">
        <h1 tabindex="-1">Relay console</h1>
        <button type="button" @click=${() => this.#leave('')}>Forget key</button>
      </header>
      <div class="away" role="alert">
        ${
          isAway
            ? html`<p>
                No answer from the relay since ${momentView(awaySinceMs, Date.now(), true)}. What is shown is
                from before that; asking again every few seconds.
              </p>`
            : nothing
        }
      </div>
      ${summaryView(relay)}
      <section aria-labelledby="rooms">
        <h2 id="rooms">${relay.rooms.length === 1 ? '1 room' : `${relay.rooms.length} rooms`}</h2>
        <div class="rooms">
          ${relay.rooms.map(
            (view) =>
              html`<conf-console-room
                .view=${view}
                .relay=${relay}
                .desk=${desk}
                .isAway=${isAway}
                .isOpen=${relay.rooms.length <= FEW_ROOMS}
              ></conf-console-room>`,
          )}
        </div>
      </section>
    </main>`;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const key = this.querySelector<HTMLInputElement>('#key')?.value.trim();
    if (!key || (this.session.kind === 'out' && this.session.isAsking)) return;
    this.session = { kind: 'out', refusal: '', isAsking: true };
    sessionStorage.setItem(KEY_AT, key);
    this.#enter(key);
  };

  #enter(key: string): void {
    this.#door = new RelayDoor(key);
    this.#poll.stop();
    this.#poll.start();
  }

  /** Forgets the key and all that it opened. */
  #leave(refusal: string): void {
    this.#poll.stop();
    this.#door = undefined;
    sessionStorage.removeItem(KEY_AT);
    this.session = { kind: 'out', refusal, isAsking: false };
  }

  /** Takes one look at the relay; false where it did not answer. */
  async #look(): Promise<boolean> {
    const door = this.#door;
    if (!door) return true;
    const answer = await door.get('/v1/status');
    // The key has been forgotten, or changed, meanwhile.
    if (door !== this.#door) return true;
    return this.#see(door, answer);
  }

  #see(door: RelayDoor, answer: Answer): boolean {
    const relay = answer.kind === 'told' ? statusOf(answer.body) : undefined;
    if (relay) {
      const desk = this.session.kind === 'in' ? this.session.desk : this.#deskBehind(door);
      this.session = { kind: 'in', desk, relay, awaySinceMs: undefined };
      return true;
    }
    if (answer.kind === 'locked') {
      this.#leave('The relay does not take this key.');
      return true;
    }
    if (this.session.kind === 'in') {
      const awaySinceMs = this.session.awaySinceMs ?? Date.now();
      this.session = { ...this.session, awaySinceMs };
      return false;
    }
    // Of a key that was not tried before, the relay's own words matter: it may ask to wait.
    const refusal = answer.kind === 'refused' ? answer.detail : 'The relay does not answer.';
    if (answer.kind === 'refused') this.#leave(refusal);
    else this.session = { kind: 'out', refusal: `${refusal} Still trying…`, isAsking: false };
    return false;
  }

  #deskBehind(door: RelayDoor): Desk {
    return {
      door,
      confirm: async (question) => {
        const dialog = this.querySelector('conf-console-confirm');
        return dialog instanceof ConsoleConfirm && dialog.ask(question);
      },
      say: (text) => this.#say(text),
      refresh: () => void this.#poll.now(),
    };
  }

  #say(text: string): void {
    this.said = text;
    clearTimeout(this.#saidTimer);
    this.#saidTimer = setTimeout(() => (this.said = ''), SAID_MS);
  }
}

customElements.define('conf-console-calls', ConsoleCalls);
customElements.define('conf-console-confirm', ConsoleConfirm);
customElements.define('conf-console-export', ConsoleExport);
customElements.define('conf-console-past', ConsolePast);
customElements.define('conf-console-room', ConsoleRoom);
customElements.define('conf-console', RelayConsole);
