import { html, nothing, type TemplateResult } from 'lit';
import type { RoomId } from '../../wire/room-id.ts';
import { ConsoleElement } from './console-element.ts';
import { momentView } from './console-marks.ts';
import { callsOf, type CallView } from './console-records.ts';
import type { RelayDoor } from './console-relay.ts';
import { countWords, endWords, spanWords } from './console-words.ts';

const MOST_CALLS = 20;
/** A year: what was kept may be older than the day that is told by default. */
const FOR_MS = 366 * 86_400_000;

/** A room's last calls: when, how long, for how many, and why each was over. Asked for once, when it is opened. */
export class ConsoleCalls extends ConsoleElement {
  static override properties = {
    room: { attribute: false },
    door: { attribute: false },
    calls: { state: true },
    refusal: { state: true },
  };
  declare room: RoomId;
  declare door: RelayDoor;
  declare calls: readonly CallView[] | undefined;
  declare refusal: string;

  constructor() {
    super();
    this.refusal = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#read();
  }

  protected override render(): TemplateResult | typeof nothing {
    if (this.refusal) return html`<p class="refusal">${this.refusal}</p>`;
    if (!this.calls) return nothing;
    if (this.calls.length === 0) return html`<p class="soft">No call has been kept yet.</p>`;
    return html`<div class="scroller" role="region" tabindex="0" aria-label="Last calls, newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Lasted</th>
            <th scope="col">Listeners</th>
            <th scope="col">Why it was over</th>
          </tr>
        </thead>
        <tbody>
          ${this.calls.map(rowOf)}
        </tbody>
      </table>
    </div>`;
  }

  async #read(): Promise<void> {
    // Properties are set in the same breath, after this.
    await this.updateComplete;
    const from = Date.now() - FOR_MS;
    const path = `/v1/rooms/${this.room}/history?kind=calls&limit=${MOST_CALLS}&from=${from}`;
    const answer = await this.door.get(path);
    if (answer.kind === 'told') this.calls = callsOf(answer.body);
    else this.refusal = answer.kind === 'away' ? 'The relay did not answer.' : answer.detail;
  }
}

function rowOf({ fromMs, toMs, end, code, peakListeners }: CallView): TemplateResult {
  return html`<tr>
    <th scope="row">${momentView(fromMs, Date.now())}</th>
    <td>${toMs === null ? 'is on' : spanWords((toMs - fromMs) / 1000)}</td>
    <td>${peakListeners === null ? '–' : countWords(peakListeners)}</td>
    <td>${end === null ? nothing : endWords(end)}${code === null ? nothing : html` <code>${code}</code>`}</td>
  </tr>`;
}
