import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { RoomId } from '../../wire/room-id.ts';
import type { RelayView } from './console-answers.ts';
import { chartView } from './console-chart-view.ts';
import { ConsoleElement } from './console-element.ts';
import { momentView } from './console-marks.ts';
import { eventsOf, samplesOf, type AudienceSample, type EventView } from './console-records.ts';
import type { Answer, RelayDoor } from './console-relay.ts';
import { eventWords } from './console-words.ts';

const HOUR_MS = 3_600_000;
const RANGES_H = [1, 6, 24] as const;
/** The relay tells 1000 samples at once at most, one a minute. */
const PART_MS = 12 * HOUR_MS;
/** A new sample comes once a minute. */
const SAMPLES_EVERY_MS = 60_000;
const EVENTS_EVERY_MS = 2000;

/** What a room's past is to be known of. */
type Section = 'chart' | 'events' | 'table';

/** A room's past: how many listened, what happened, and all of it as text. Nothing is asked for before it is opened. */
export class ConsolePast extends ConsoleElement {
  static override properties = {
    room: { attribute: false },
    atMs: { attribute: false },
    history: { attribute: false },
    door: { attribute: false },
    isOpen: { attribute: false },
    open: { state: true },
    hours: { state: true },
    samples: { state: true },
    events: { state: true },
    refusal: { state: true },
  };
  declare room: RoomId;
  /** The relay's time, Unix milliseconds. */
  declare atMs: number;
  declare history: RelayView['history'];
  declare door: RelayDoor;
  /** Whether the chart is open from the start. */
  declare isOpen: boolean;
  declare open: ReadonlySet<Section>;
  declare hours: (typeof RANGES_H)[number];
  declare samples: readonly AudienceSample[] | undefined;
  declare events: readonly EventView[] | undefined;
  declare refusal: string;
  /** When what is shown was asked for, in the relay's time. */
  #askedAtMs = { chart: Number.NEGATIVE_INFINITY, events: Number.NEGATIVE_INFINITY };

  constructor() {
    super();
    this.open = new Set();
    this.hours = 1;
    this.refusal = '';
  }

  protected override render(): TemplateResult {
    const { room, history, open } = this;
    return html`
      ${
        history === 'off'
          ? nothing
          : html`<details ?open=${this.isOpen} @toggle=${(event: Event) => this.#toggle('chart', event)}>
              <summary>Last hours</summary>
              ${open.has('chart') ? this.#chart() : nothing}
            </details>`
      }
      <details @toggle=${(event: Event) => this.#toggle('events', event)}>
        <summary>Events</summary>
        ${open.has('events') ? this.#eventList() : nothing}
      </details>
      ${
        history === 'off'
          ? nothing
          : html`<details @toggle=${(event: Event) => this.#toggle('table', event)}>
              <summary>Calls and export</summary>
              ${
                open.has('table')
                  ? html`<conf-console-calls .room=${room} .door=${this.door}></conf-console-calls>
                      <conf-console-export .room=${room} .door=${this.door}></conf-console-export>`
                  : nothing
              }
            </details>`
      }
    `;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('atMs') || changed.has('open')) {
      if (this.#isDue('events', EVENTS_EVERY_MS)) void this.#readEvents();
      if (this.#isDue('chart', SAMPLES_EVERY_MS)) void this.#readSamples();
    }
  }

  #chart(): TemplateResult {
    const { room, hours, atMs } = this;
    return html`<fieldset class="range">
        <legend class="spoken">How far back</legend>
        ${RANGES_H.map(
          (range) =>
            html`<label>
              <input
                type="radio"
                name="range-${room}"
                .checked=${range === hours}
                @change=${() => this.#look(range)}
              />
              ${range} h
            </label>`,
        )}
      </fieldset>
      ${this.refusal ? html`<p class="refusal">${this.refusal}</p>` : nothing}
      ${
        this.samples
          ? chartView({ room, samples: this.samples, fromMs: atMs - hours * HOUR_MS, toMs: atMs })
          : html`<p class="soft">Loading…</p>`
      }`;
  }

  #eventList(): TemplateResult {
    const events = this.events;
    if (!events) return html`<p class="soft">Loading…</p>`;
    if (events.length === 0) return html`<p class="soft">Nothing has happened since the relay’s start.</p>`;
    return html`<ol class="events" role="list" tabindex="0" aria-label="Events, newest first">
      ${events.map(
        ({ atMs, level, event, details }) =>
          html`<li class=${level}>
            ${momentView(atMs, this.atMs, true)}
            <span>
              ${level === 'info' ? nothing : html`<strong>${level === 'warn' ? 'Warning' : 'Error'}:</strong>`}
              ${eventWords(event)} <span class="soft">${details.join(', ')}</span>
            </span>
          </li>`,
      )}
    </ol>`;
  }

  #toggle(section: Section, { target }: Event): void {
    if (!(target instanceof HTMLDetailsElement)) return;
    const open = new Set(this.open);
    if (target.open) open.add(section);
    else open.delete(section);
    this.open = open;
  }

  #look(hours: (typeof RANGES_H)[number]): void {
    this.hours = hours;
    void this.#readSamples();
  }

  #isDue(section: 'chart' | 'events', everyMs: number): boolean {
    return this.open.has(section) && this.atMs - this.#askedAtMs[section] >= everyMs;
  }

  async #readEvents(): Promise<void> {
    this.#askedAtMs.events = this.atMs;
    const answer = await this.door.get(`/v1/rooms/${this.room}/timeline`);
    if (answer.kind === 'told') this.events = eventsOf(answer.body);
  }

  async #readSamples(): Promise<void> {
    const { atMs: toMs, hours, room } = this;
    this.#askedAtMs.chart = toMs;
    const parts: Promise<Answer>[] = [];
    for (let fromMs = toMs - hours * HOUR_MS; fromMs < toMs; fromMs += PART_MS) {
      const until = Math.min(toMs, fromMs + PART_MS);
      parts.push(
        this.door.get(`/v1/rooms/${room}/history?kind=audience&limit=1000&from=${fromMs}&to=${until}`),
      );
    }
    const answers = await Promise.all(parts);
    // Another stretch has been chosen meanwhile.
    if (hours !== this.hours) return;
    const refused = answers.find((answer) => answer.kind === 'refused');
    this.refusal = refused?.detail ?? '';
    if (answers.every((answer) => answer.kind === 'told'))
      this.samples = answers.flatMap(({ body }) => samplesOf(body));
    else this.samples ??= [];
  }
}
