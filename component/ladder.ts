import { TRANSPORTS, type Transport } from './line.ts';

/** A relay where WebSocket works is not asked for HTTP before so many losses in a row: its restart is no blocked page. */
const MOST_LOSSES = 3;
/** Whether WebSocket works after all is asked again by a session that begins so long after HTTP was found to, ms. */
const AGAIN_MS = 600_000;

/** What to try, in order, to get through to one relay: what worked before, in this tab, then the best first. */
export class Ladder {
  readonly #key: string;
  readonly #forbidden = new Set<Transport>();
  #won: Transport | undefined;
  #left: Transport[] = [];

  /** Of the relay of an origin; `nowMs` is Unix time. */
  constructor(origin: string, nowMs: number) {
    this.#key = `conf-listener ${origin}`;
    try {
      const [rung, atMs] = sessionStorage.getItem(this.#key)?.split(' ') ?? [];
      this.#won = TRANSPORTS.find(
        (one) => one === rung && (one === 'websocket' || nowMs - Number(atMs) < AGAIN_MS),
      );
    } catch {
      // A page may be without storage: a sandboxed frame, blocked cookies.
    }
  }

  /** Whether nothing is left to try in this attempt. */
  get isDone(): boolean {
    return this.#left.length === 0;
  }

  /** An attempt begins, after so many losses in a row. */
  begin(losses: number): void {
    const won = this.#won ?? 'websocket';
    const sure = this.#won === 'websocket' && losses < MOST_LOSSES;
    this.#left = [...new Set(sure ? [won] : [won, ...TRANSPORTS])].filter((one) => !this.#forbidden.has(one));
  }

  /** The next to try in this attempt; undefined when all have failed. */
  next(): Transport | undefined {
    return this.#left.shift();
  }

  /** It works; remembered for the next page too. `nowMs` is Unix time. */
  keep(rung: Transport, nowMs: number): void {
    if (rung === this.#won) return;
    this.#won = rung;
    try {
      sessionStorage.setItem(this.#key, `${rung} ${nowMs}`);
    } catch {
      // As above, or it is full.
    }
  }

  /** The page's policy forbids these. Returns whether that is all there is. */
  forbid(rungs: readonly Transport[]): boolean {
    for (const rung of rungs) this.#forbidden.add(rung);
    this.#left = this.#left.filter((one) => !rungs.includes(one));
    // Another page of this tab may have been allowed it.
    if (this.#won && this.#forbidden.has(this.#won)) this.#won = undefined;
    return this.#forbidden.size === TRANSPORTS.length;
  }
}
