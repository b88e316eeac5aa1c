import { html, nothing, type TemplateResult } from 'lit';
import type { Host, RelayView } from './console-answers.ts';
import { momentView, problemList } from './console-marks.ts';
import {
  bytesWords,
  countWords,
  delayWords,
  hindranceWords,
  moneyWords,
  rateWords,
  spanWords,
} from './console-words.ts';

const UNKNOWN = '–';

/** The relay as a whole: whether it takes listeners, how many there are, and how the machine fares. */
export function summaryView(relay: RelayView): TemplateResult {
  const { version, atMs, startedAtMs, listeners, hindrance } = relay;
  return html`<section class="summary" aria-labelledby="relay">
    <h2 id="relay">Relay</h2>
    ${
      hindrance === null
        ? html`<p class="mood good">Ready: listeners can join.</p>`
        : html`<p class="mood bad">Nobody more can join: ${hindranceWords(hindrance)}.</p>`
    }
    ${historyView(relay.history)}
    <dl class="tiles">
      ${tile(
        'Listeners',
        countWords(listeners.now),
        `peak ${countWords(listeners.peak)}${
          listeners.limit === null ? '' : `, limit ${countWords(listeners.limit)}`
        }`,
      )}
      ${tile('Running for', spanWords((atMs - startedAtMs) / 1000), html`since ${momentView(startedAtMs, atMs)}, version ${version}`)}
      ${hostTiles(relay.host)}
      ${
        relay.historyBytes === null ? nothing : tile('History', bytesWords(relay.historyBytes), 'in its file')
      }
    </dl>
    ${problemList('.relay', relay.problems, atMs)}
  </section>`;
}

function hostTiles({
  eventLoopMs,
  rssBytes,
  cpu,
  egressBitsPerSec,
  egressCostPerHour,
}: Host): TemplateResult[] {
  return [
    tile(
      'Sent to listeners',
      egressBitsPerSec === null ? UNKNOWN : rateWords(egressBitsPerSec),
      egressCostPerHour === null ? 'no price is set' : `about ${moneyWords(egressCostPerHour)} an hour`,
    ),
    tile('Processor', cpu === null ? UNKNOWN : `${Math.round(cpu * 100)} %`, 'of one core'),
    tile('Memory', rssBytes === null ? UNKNOWN : bytesWords(rssBytes), 'held by the relay'),
    tile(
      'Work comes late by',
      eventLoopMs === null ? UNKNOWN : delayWords(eventLoopMs.p99),
      eventLoopMs === null
        ? ''
        : `99 % of the last minute (half: ${delayWords(eventLoopMs.p50)}, worst: ${delayWords(eventLoopMs.max)})`,
    ),
  ];
}

function tile(name: string, value: string, more: unknown): TemplateResult {
  return html`<div class="tile">
    <dt>${name}</dt>
    <dd><strong>${value}</strong> <span class="soft">${more}</span></dd>
  </div>`;
}

function historyView(history: RelayView['history']): TemplateResult | typeof nothing {
  switch (history) {
    case 'on':
      return nothing;
    case 'off':
      return html`<p class="mood">No history is kept: past listeners and calls are not shown.</p>`;
    case 'failing':
      return html`<p class="mood bad">
        The history cannot be written: see the relay’s log. Sound is not affected.
      </p>`;
    default:
      return history satisfies never;
  }
}
