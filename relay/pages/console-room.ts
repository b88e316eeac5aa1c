import { html, nothing, type TemplateResult } from 'lit';
import { NOTICE_CHARS } from '../../wire/messages.ts';
import { choicesOf } from './builder-choices.ts';
import { codeOf } from './builder-code.ts';
import type { RelayView, RoomView } from './console-answers.ts';
import type { Question } from './console-confirm.ts';
import { copied, type Desk } from './console-desk.ts';
import { ConsoleElement } from './console-element.ts';
import { roomFacts } from './console-room-facts.ts';
import { listenersWords } from './console-words.ts';

/** Something that can be done to a room. */
interface Deed {
  /** The last part of its path. */
  path: 'call' | 'hangup' | 'kick' | 'revoke' | 'announce';
  name: string;
  /** What is said once it is done. */
  done: string;
  question?: Question;
  body?: unknown;
}

/** A room as its operator sees it, with what can be done to it. */
export class ConsoleRoom extends ConsoleElement {
  static override properties = {
    view: { attribute: false },
    relay: { attribute: false },
    desk: { attribute: false },
    isAway: { attribute: false },
    isOpen: { attribute: false },
    isBusy: { state: true },
    refusal: { state: true },
    toCopy: { state: true },
  };
  declare view: RoomView;
  declare relay: RelayView;
  declare desk: Desk;
  /** Nothing can be done while the relay does not answer. */
  declare isAway: boolean;
  /** Whether the chart is shown from the start. */
  declare isOpen: boolean;
  declare isBusy: boolean;
  declare refusal: string;
  /** What the clipboard did not take, for the operator's own hand. */
  declare toCopy: string;

  constructor() {
    super();
    this.isBusy = false;
    this.refusal = '';
    this.toCopy = '';
  }

  protected override render(): TemplateResult {
    const { room } = this.view;
    return html`<article class="room" aria-labelledby="title-${room}">
      ${roomFacts(this.view, this.relay.atMs, (text) => this.#copy(text, 'The call’s id'))} ${this.#deeds()}
      <conf-console-past
        .room=${room}
        .atMs=${this.relay.atMs}
        .history=${this.relay.history}
        .door=${this.desk.door}
        .isOpen=${this.isOpen}
      ></conf-console-past>
    </article>`;
  }

  #deeds(): TemplateResult {
    const { room, isDialled, needsTicket, state, leg, listeners } = this.view;
    const isCalling = leg !== null || state === 'connecting';
    return html`<div class="deeds">
      <p class="buttons">
        ${
          isDialled
            ? html`${this.#button(callOf(this.view), isCalling)}
              ${this.#button(hangUpOf(this.view), !isCalling)}`
            : nothing
        }
        ${this.#button(kickOf(this.view), listeners.now === 0)}
        ${needsTicket ? this.#button(revokeOf(this.view), false) : nothing}
      </p>
      <p class="buttons">
        <button type="button" aria-describedby="title-${room}" @click=${this.#copyEmbed}>
          Copy embed code
        </button>
        ${this.#listenLink()}
      </p>
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
      ${
        this.toCopy
          ? html`<label class="by-hand"
              >To copy by hand: this page may not reach the clipboard.
              <textarea readonly rows="4" .value=${this.toCopy} @focus=${selectAll}></textarea>
            </label>`
          : nothing
      }
      ${this.#notice()}
    </div>`;
  }

  #notice(): TemplateResult {
    const { room } = this.view;
    return html`<details>
      <summary>Message to listeners</summary>
      <form class="notice" @submit=${this.#announce}>
        <input
          name="text"
          maxlength=${NOTICE_CHARS}
          autocomplete="off"
          aria-label="Message to listeners"
          aria-describedby="notice-hint-${room}"
        />
        <button type="submit" aria-disabled=${String(this.isAway || this.isBusy)}>Show</button>
        <span class="soft" id="notice-hint-${room}"
          >A line of text in their players, for five minutes. An empty one takes it back.</span
        >
      </form>
    </details>`;
  }

  /** One that can do nothing now stays where the keyboard is, and says so. */
  #button(deed: Deed, isVain: boolean): TemplateResult {
    const isDisabled = isVain || this.isAway || this.isBusy;
    return html`<button
      type="button"
      aria-describedby="title-${this.view.room}"
      aria-disabled=${String(isDisabled)}
      @click=${() => (isDisabled ? undefined : this.#do(deed))}
    >
      ${deed.name}
    </button>`;
  }

  #listenLink(): TemplateResult | typeof nothing {
    const { publicUrl } = this.relay;
    if (publicUrl === undefined) return nothing;
    const { room, needsTicket } = this.view;
    return html`<a
        href="${publicUrl}/listen/${room}"
        target="_blank"
        rel="noreferrer"
        aria-describedby="title-${room}"
        >Open listen page</a
      >
      ${needsTicket ? html`<span class="soft">(listeners need a ticket)</span>` : nothing}`;
  }

  async #do({ path, done, question, body }: Deed): Promise<void> {
    if (question && !(await this.desk.confirm(question))) return;
    const { room, title } = this.view;
    this.isBusy = true;
    this.refusal = '';
    const answer = await this.desk.door.post(`/v1/rooms/${room}/${path}`, body);
    this.isBusy = false;
    if (answer.kind === 'told') this.desk.say(`${title}: ${done}`);
    else if (answer.kind === 'away')
      this.refusal = 'The relay did not answer: it is not known whether this was done.';
    else this.refusal = answer.detail;
    this.desk.refresh();
  }

  readonly #announce = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.isAway || this.isBusy) return;
    const input = this.querySelector<HTMLInputElement>('[name=text]');
    const text = input?.value.trim() ?? '';
    const done = text === '' ? 'the message is taken back.' : 'the message is shown.';
    await this.#do({ path: 'announce', name: 'Show', done, body: { text } });
    if (input && this.refusal === '') input.value = '';
  };

  readonly #copyEmbed = async (): Promise<void> => {
    const { room, title } = this.view;
    const choices = choicesOf(new URLSearchParams({ room }));
    const url = this.relay.publicUrl ?? location.origin;
    const { script = '' } = codeOf(choices, { url, files: undefined, title });
    await this.#copy(script, 'The embed code');
  };

  async #copy(text: string, what: string): Promise<void> {
    const isCopied = await copied(text);
    this.toCopy = isCopied ? '' : text;
    if (isCopied) this.desk.say(`${what} is copied.`);
  }
}

function callOf({ title }: RoomView): Deed {
  return { path: 'call', name: 'Call', done: `calling ${title}.` };
}

function hangUpOf({ title, listeners }: RoomView): Deed {
  const text = `${listenersWords(listeners.now)} will hear nothing until somebody calls again.`;
  return {
    path: 'hangup',
    name: 'Hang up',
    done: 'hung up.',
    question: { title: `Hang up ${title}?`, text, verb: 'Hang up' },
  };
}

function kickOf({ title, listeners }: RoomView): Deed {
  const text = `${listenersWords(listeners.now)} will be sent away. They may come back by pressing Listen.`;
  return {
    path: 'kick',
    name: 'Send listeners away',
    done: 'the listeners are sent away.',
    question: { title: `Send everybody in ${title} away?`, text, verb: 'Send away' },
  };
}

function revokeOf({ title, listeners }: RoomView): Deed {
  const text = `${listenersWords(listeners.now)} will be sent away, and no ticket given so far opens the room any more.`;
  return {
    path: 'revoke',
    name: 'Take tickets back',
    done: 'its tickets are taken back.',
    question: { title: `Take back all tickets of ${title}?`, text, verb: 'Take back' },
  };
}

function selectAll({ target }: Event): void {
  if (target instanceof HTMLTextAreaElement) target.select();
}
