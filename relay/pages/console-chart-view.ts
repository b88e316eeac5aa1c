import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { AudienceSample } from './console-records.ts';
import { curveOf, HEIGHT, thinned, timeMarks, WIDTH, type Curve, type TimeMark } from './console-chart.ts';
import { momentView } from './console-marks.ts';
import { countWords, delayWords, timeWords } from './console-words.ts';

/** What a chart shows. */
export interface ChartParts {
  room: string;
  samples: readonly AudienceSample[];
  /** Unix milliseconds. */
  fromMs: number;
  toMs: number;
}

/** Listeners and their delay over time, as two charts with one axis, and as a table. */
export function chartView({ room, samples, fromMs, toMs }: ChartParts): TemplateResult {
  const shown = thinned(samples, fromMs, toMs);
  if (shown.length === 0) return html`<p class="soft">Nothing is known of this time.</p>`;
  const marks = timeMarks(fromMs, toMs);
  const listeners = curveOf(shown, fromMs, toMs, ({ peak }) => peak);
  const delay = curveOf(shown, fromMs, toMs, ({ rttP95Ms }) => rttP95Ms);
  return html`<div class="charts">
      ${chart('Listeners', 'listeners', listeners, marks, countWords)}
      ${chart('Round trip (95 % are under)', 'delay', delay, marks, delayWords)}
      <div class="time-axis soft" aria-hidden="true">
        <svg width="100%" height="1.25em">
          ${marks.map(({ x, atMs }) => svg`<text x="${(100 * x) / WIDTH}%" y="1em">${timeWords(atMs)}</text>`)}
        </svg>
      </div>
    </div>
    <details class="as-table">
      <summary>The same as a table</summary>
      ${table(room, shown, toMs)}
    </details>`;
}

function chart(
  name: string,
  kind: 'listeners' | 'delay',
  { path, area, most, top }: Curve,
  marks: readonly TimeMark[],
  words: (value: number) => string,
): TemplateResult {
  const said = most === null ? 'nothing measured' : `at most ${words(most)}`;
  return html`<figure class="chart ${kind}">
    <figcaption><strong>${name}</strong> <span class="soft">${said}</span></figcaption>
    <span class="top soft" aria-hidden="true">${words(top)}</span>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name}: ${said}">
      ${grid(marks)}
      <path class="area" d=${area} />
      <path class="curve" d=${path} />
    </svg>
  </figure>`;
}

function grid(marks: readonly TimeMark[]): SVGTemplateResult {
  const lines = marks.map(({ x }) => `M${x} 0V${HEIGHT}`).join('');
  return svg`<path class="grid" d="M0 0.500H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}${lines}" />`;
}

function table(room: string, samples: readonly AudienceSample[], nowMs: number): TemplateResult {
  return html`<div class="scroller" role="region" tabindex="0" aria-label="Listeners and delay, newest first">
    <table id="samples-${room}">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Listeners</th>
          <th scope="col">Round trip</th>
        </tr>
      </thead>
      <tbody>
        ${samples.toReversed().map(
          ({ atMs, peak, rttP95Ms }) =>
            html`<tr>
              <th scope="row">${momentView(atMs, nowMs)}</th>
              <td>${countWords(peak)}</td>
              <td>${rttP95Ms === null ? '–' : delayWords(rttP95Ms)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
