import { html, nothing, type TemplateResult } from 'lit';
import type { RoomId } from '../../wire/room-id.ts';
import { copied } from './console-desk.ts';
import { ConsoleElement } from './console-element.ts';
import type { RelayDoor } from './console-relay.ts';

const KINDS = { calls: 'Calls', audience: 'Listeners, minute by minute', events: 'Events' } as const;
type Kind = keyof typeof KINDS;
const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30, 90] as const;

/** A room's history as CSV: to read and copy here, or to fetch with a command. A link would have no key to show. */
export class ConsoleExport extends ConsoleElement {
  static override properties = {
    room: { attribute: false },
    door: { attribute: false },
    kind: { state: true },
    days: { state: true },
    csv: { state: true },
    isCut: { state: true },
    said: { state: true },
  };
  declare room: RoomId;
  declare door: RelayDoor;
  declare kind: Kind;
  declare days: (typeof DAYS)[number];
  declare csv: string | undefined;
  declare isCut: boolean;
  declare said: string;

  constructor() {
    super();
    this.kind = 'calls';
    this.days = 7;
    this.said = '';
    this.isCut = false;
  }

  protected override render(): TemplateResult {
    return html`<form class="export" @submit=${this.#read}>
        <label
          >What
          <select @change=${this.#chooseKind}>
            ${Object.entries(KINDS).map(
              ([kind, name]) => html`<option value=${kind} ?selected=${kind === this.kind}>${name}</option>`,
            )}
          </select></label
        >
        <label
          >How far back
          <select @change=${this.#chooseDays}>
            ${DAYS.map(
              (days) =>
                html`<option value=${days} ?selected=${days === this.days}>
                  ${days === 1 ? '1 day' : `${days} days`}
                </option>`,
            )}
          </select></label
        >
        <button type="submit">Show</button>
      </form>
      ${
        this.csv === undefined
          ? nothing
          : html`<label class="csv"
                >CSV${this.isCut ? ', only its beginning: for all of it use the command below' : ''}
                <textarea readonly rows="8" wrap="off" spellcheck="false" .value=${this.csv}></textarea>
              </label>
              <p class="buttons"><button type="button" @click=${this.#copy}>Copy CSV</button></p>`
      }
      <p role="status">${this.said}</p>
      <p class="soft">Into a file, from a shell that has the key in CONF_ADMIN_KEY:</p>
      <pre tabindex="0"><code>${this.#command()}</code></pre>`;
  }

  #path(): string {
    const from = new Date(Date.now() - this.days * DAY_MS);
    from.setUTCMinutes(0, 0, 0);
    const query = new URLSearchParams({ kind: this.kind, format: 'csv' });
    return `/v1/rooms/${this.room}/history?${query}&from=${from.toISOString().replace('.000', '')}`;
  }

  #command(): string {
    return `curl -OJH "Authorization: Bearer $CONF_ADMIN_KEY" '${location.origin}${this.#path()}'`;
  }

  readonly #read = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    this.said = '';
    const answer = await this.door.get(this.#path());
    this.csv = answer.kind === 'told' ? answer.text : undefined;
    this.isCut = answer.kind === 'told' && answer.isCut;
    if (answer.kind === 'away') this.said = 'The relay did not answer.';
    else if (answer.kind !== 'told') this.said = answer.detail;
  };

  readonly #copy = async (): Promise<void> => {
    if (await copied(this.csv ?? '')) this.said = 'Copied.';
    else {
      this.querySelector('textarea')?.select();
      this.said = 'Selected: press Ctrl-C.';
    }
  };

  readonly #chooseKind = ({ target }: Event): void => {
    if (!(target instanceof HTMLSelectElement)) return;
    this.kind = target.value === 'audience' || target.value === 'events' ? target.value : 'calls';
    this.csv = undefined;
  };

  readonly #chooseDays = ({ target }: Event): void => {
    if (!(target instanceof HTMLSelectElement)) return;
    this.days = DAYS.find((days) => String(days) === target.value) ?? 7;
    this.csv = undefined;
  };
}
