import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { RoomState } from '../../wire/messages.ts';
import type { Trouble } from './console-answers.ts';
import { eventWords, levelWords, momentWords, STATE_WORDS } from './console-words.ts';

/** Least level shown, dBFS. */
const FLOOR_DBFS = -60;

/** A shape for each state, for who does not tell colours apart. */
const SHAPES: Readonly<Record<RoomState, SVGTemplateResult>> = {
  idle: svg`<circle cx="8" cy="8" r="6" class="line" />`,
  connecting: svg`<circle cx="8" cy="8" r="6" class="line" /><path d="M8 2a6 6 0 0 1 0 12z" />`,
  waiting: svg`<path d="M3 2h3.5v12H3zM9.500 2H13v12H9.500z" />`,
  live: svg`<circle cx="8" cy="8" r="3.500" /><circle cx="8" cy="8" r="6.800" class="line" />`,
  ended: svg`<path d="M2.500 2.500h11v11h-11z" />`,
  unavailable: svg`<path d="M8 1 15.500 14.500H.5z" />`,
};

/** A room's state: shape, colour and word. */
export function stateMark(state: RoomState): TemplateResult {
  return html`<p class="state state-${state}">
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${SHAPES[state]}</svg>
    ${STATE_WORDS[state][0]}
  </p>`;
}

/** A moment as people here read it; whoever points at it sees it in full, as programs do. */
export function momentView(ms: number, nowMs: number, withSeconds = false): TemplateResult {
  const iso = new Date(ms).toISOString();
  return html`<time datetime=${iso} title=${iso}>${momentWords(ms, nowMs, withSeconds)}</time>`;
}

/** How loud a line is, from −60 to 0 dBFS. Null: nothing comes in. */
export function levelMeter(levelDbfs: number | null, label: string): TemplateResult {
  const shown = Math.min(0, Math.max(FLOOR_DBFS, levelDbfs ?? FLOOR_DBFS));
  const words = levelDbfs === null ? 'nothing' : levelWords(levelDbfs);
  return html`<div class="level">
    <div
      class="meter"
      role="meter"
      aria-label=${label}
      aria-valuemin=${FLOOR_DBFS}
      aria-valuemax="0"
      aria-valuenow=${Math.round(shown)}
      aria-valuetext="${words}; 0 is the loudest possible"
    >
      <svg width="100%" height="100%" aria-hidden="true">
        <rect height="100%" width="${((1 - shown / FLOOR_DBFS) * 100).toFixed(1)}%" />
      </svg>
    </div>
    <span class="soft" aria-hidden="true">${words}</span>
  </div>`;
}

/** What went wrong last, of a room or of the relay; `of` is its name. Nothing where nothing did. */
export function problemList(
  of: string,
  problems: readonly Trouble[],
  nowMs: number,
): TemplateResult | typeof nothing {
  if (problems.length === 0) return nothing;
  return html`<div class="problems">
    <h3 id="problems-${of}">Last problems</h3>
    <ul aria-labelledby="problems-${of}">
      ${problems.map(
        ({ atMs, event, code }) =>
          html`<li>
            ${momentView(atMs, nowMs, true)}
            ${eventWords(event)}${code === null ? nothing : html` <code>${code}</code>`}
          </li>`,
      )}
    </ul>
  </div>`;
}
