import { SPAN_MS } from './history.js';
import { Plot, shape } from './plot.js';

/** States in which a listener hears what there is to hear: they stand lower, so the others stick out without colour. */
const CALM = ['idle', 'waiting', 'live', 'silent', 'ended'];
const CALM_SHARE = 0.7;
/** A state that was there is seen, however short, px. */
const LEAST_PX = 3;
const LETTER_PX = 6.5;
const PADDING_PX = 10;

/** The states of the last minute as a coloured strip. */
export class StateStrip {
  #plot;

  constructor(svg, onResize) {
    this.#plot = new Plot(svg, onResize);
  }

  draw({ states }, nowMs) {
    const { height } = this.#plot;
    const spent = new Map();
    const shapes = [];
    states.forEach(({ atMs, state }, index) => {
      const toMs = states[index + 1]?.atMs ?? nowMs;
      const fromMs = Math.max(atMs, nowMs - SPAN_MS);
      if (toMs < fromMs) return;
      spent.set(state, (spent.get(state) ?? 0) + toMs - fromMs);
      const to = this.#plot.xOf(toMs, nowMs);
      const from = Math.max(0, Math.min(this.#plot.xOf(fromMs, nowMs), to - LEAST_PX));
      const tall = CALM.includes(state) ? Math.round(height * CALM_SHARE) : height;
      const place = { x: from.toFixed(1), y: height - tall, width: (to - from).toFixed(1), height: tall };
      shapes.push(shape('rect', { class: `state ${state}`, ...place }));
      if (to - from < state.length * LETTER_PX + PADDING_PX) return;
      shapes.push(
        shape('text', { class: `state-name ${state}`, x: (from + 6).toFixed(1), y: height - 7 }, state),
      );
    });
    this.#plot.show(labelOf(spent), shapes);
  }
}

function labelOf(spent) {
  if (spent.size === 0) return 'State: nothing yet';
  const parts = [...spent].map(
    ([state, ms]) => `${state} ${ms < 1000 ? 'under 1' : Math.round(ms / 1000)} s`,
  );
  return `States in the last 60 s: ${parts.join(', ')}`;
}
