/** For how long things are remembered, ms. */
export const SPAN_MS = 60_000;
/** Bytes come in chunks: a bitrate of less time than this says nothing, ms. */
const BITRATE_MS = 1000;
/** Counters of the player of which every step is worth a mark. */
const COUNTED = ['underruns', 'lost', 'resyncs'];

/**
 * What a player did in the last minute: its states, its figures four times a second, and its breaks. Knows no clock:
 * each call says when, in ms that only grow.
 */
export class History {
  /** `{atMs, state}`, oldest first; the first may be older than the span, for it lasts into it. */
  states = [];
  /** `{atMs, delay, target, buffered, bitrate}` in ms and kbit/s, oldest first; undefined is not known. */
  samples = [];
  /** `{atMs, kind, count}`; kinds are those of the counters and `faults`. */
  marks = [];
  #counts = {};
  /** `{atMs, bytes}` of this Listen. */
  #bytes = [];

  /** The counters start anew: somebody has pressed Listen. */
  begin() {
    this.#counts = {};
    this.#bytes = [];
  }

  /** The player has changed its state. */
  enter(state, atMs) {
    this.states.push({ atMs, state });
    this.#forget(atMs);
  }

  /** Takes the player's figures; `stats` is what getStats() gives, without `undefined`. */
  add(stats, atMs) {
    const { behindMs, targetMs, bufferedMs, bytes } = stats;
    this.#bytes.push({ atMs, bytes });
    while (this.#bytes.length > 2 && this.#bytes[1].atMs <= atMs - BITRATE_MS) this.#bytes.shift();
    const [first] = this.#bytes;
    const spanMs = atMs - first.atMs;
    const bitrate = spanMs >= BITRATE_MS / 2 ? ((bytes - first.bytes) * 8) / spanMs : undefined;
    this.samples.push({ atMs, delay: behindMs, target: targetMs, buffered: bufferedMs, bitrate });
    for (const kind of COUNTED) {
      const count = stats[kind] - (this.#counts[kind] ?? 0);
      if (count > 0) this.mark(kind, atMs, count);
      this.#counts[kind] = stats[kind];
    }
    this.#forget(atMs);
  }

  /** Something happened `count` times. */
  mark(kind, atMs, count = 1) {
    this.marks.push({ atMs, kind, count });
    this.#forget(atMs);
  }

  /** What is older than the span goes; so everything here is bounded. */
  #forget(nowMs) {
    const fromMs = nowMs - SPAN_MS;
    this.samples = this.samples.filter(({ atMs }) => atMs >= fromMs);
    this.marks = this.marks.filter(({ atMs }) => atMs >= fromMs);
    while (this.states.length > 1 && this.states[1].atMs < fromMs) this.states.shift();
  }
}
