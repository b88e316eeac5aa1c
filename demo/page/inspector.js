import { History } from './history.js';
import { LineChart } from './line-chart.js';
import { MarkLane } from './mark-lane.js';
import { StateStrip } from './state-strip.js';

/** Between two looks at the player, ms. */
const LOOK_MS = 250;
/** Between two pictures for people who asked for less motion, ms. */
const CALM_MS = 1000;

const LINES = [
  { name: 'Delay', key: 'delay', unit: 'ms', leastTop: 200 },
  { name: 'Target', key: 'target', unit: 'ms', leastTop: 200 },
  { name: 'Buffered', key: 'buffered', unit: 'ms', leastTop: 200 },
  { name: 'Bitrate', key: 'bitrate', unit: 'kbit/s', leastTop: 200 },
];
const LANES = [
  { name: 'Times the sound ran out', kind: 'underruns' },
  { name: 'Chunks lost', kind: 'lost' },
  { name: 'Jumps to the live edge', kind: 'resyncs' },
  { name: 'Faults made here', kind: 'faults' },
];

/** What a player is doing, drawn and in words. Has a timer only while the player is listening. */
export class Inspector {
  #section;
  #player;
  #history = new History();
  #charts;
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #timer;
  #drawnMs = -Infinity;
  /** What the pictures take for now: they stand still when nobody listens. */
  #nowMs = performance.now();
  #faults = 0;

  /** Shows `player` in the charts (`data-chart`) and figures (`data-figure`) of `section`. */
  constructor(section, player) {
    this.#section = section;
    this.#player = player;
    const redraw = () => this.#draw();
    const chart = (name) => section.querySelector(`[data-chart=${name}]`);
    this.#charts = [
      new StateStrip(chart('states'), redraw),
      ...LINES.map((line) => new LineChart(chart(line.key), line, redraw)),
      ...LANES.map((lane) => new MarkLane(chart(lane.kind), lane, redraw)),
    ];
    const button = section.querySelector('#toggle');
    // Refused by the browser: the player says so itself.
    button.addEventListener('click', () => player.toggle().catch(() => {}));
    player.addEventListener('conf-play', () => this.#history.begin());
    player.addEventListener('conf-statechange', ({ detail }) => {
      this.#history.enter(detail.state, performance.now());
      button.textContent = player.playing ? 'Stop' : 'Listen';
      this.#look();
      this.#draw();
      this.#run(player.playing);
    });
    this.#draw();
  }

  /** The platform was told to misbehave in this player's room, at a time of performance.now(). */
  markFault(atMs) {
    if (atMs < 0) return; // before this page was opened
    this.#faults++;
    this.#history.mark('faults', atMs);
    this.#say('faults', this.#faults);
  }

  #run(running) {
    if (running === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = running ? setInterval(() => this.#tick(), LOOK_MS) : undefined;
  }

  #tick() {
    this.#look();
    const everyMs = this.#calm.matches ? CALM_MS : 0;
    if (document.hidden || this.#nowMs - this.#drawnMs < everyMs) return;
    this.#draw();
  }

  #look() {
    this.#nowMs = performance.now();
    const stats = this.#player.getStats?.();
    if (stats) this.#history.add(stats, this.#nowMs);
  }

  #draw() {
    this.#drawnMs = this.#nowMs;
    for (const chart of this.#charts) chart.draw(this.#history, this.#nowMs);
    this.#say('state', this.#player.state ?? 'idle');
    const stats = this.#player.getStats?.();
    if (stats) this.#showFigures(stats);
  }

  #showFigures(stats) {
    const { behindMs, targetMs, bufferedMs, bytes, startupMs } = stats;
    const bitrate = this.#history.samples.at(-1)?.bitrate;
    this.#say('delay', `${Math.round(behindMs)} ms`);
    this.#say('target', `${Math.round(targetMs)} ms`);
    this.#say('buffered', `${Math.round(bufferedMs)} ms`);
    this.#say('bitrate', bitrate === undefined ? '–' : `${Math.round(bitrate)} kbit/s`);
    this.#say('startup', startupMs === undefined ? '–' : `${Math.round(startupMs)} ms`);
    this.#say('received', bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
    for (const name of ['transport', 'reconnects', 'underruns', 'lost', 'resyncs'])
      this.#say(name, stats[name]);
    const rows = Object.entries(stats).map(([name, value]) => rowOf(name, value));
    this.#section.querySelector('#figures').replaceChildren(...rows);
  }

  /** Text that is the same is not written again: assistive technology would hear of a change. */
  #say(figure, words) {
    const place = this.#section.querySelector(`[data-figure=${figure}]`);
    if (place.textContent !== String(words)) place.textContent = words;
  }
}

function rowOf(name, value) {
  const row = document.createElement('tr');
  row.insertCell().textContent = name;
  row.insertCell().textContent = typeof value === 'number' ? Math.round(value) : (value ?? '–');
  return row;
}
