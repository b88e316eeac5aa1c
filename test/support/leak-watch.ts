import { LeakSearch, type SecretKind } from './leak-search.ts';

/** What was watched in one test file. */
export interface LeakCounts {
  /** Relays started in this process. */
  relays: number;
  /** Lines of logs: of relays, of parts of them, of relays in processes of their own. */
  lines: number;
  /** Problems that clients were told, and reasons for which sockets were closed. */
  answers: number;
  secrets: Readonly<Record<SecretKind, number>>;
}

/** Enough to see what is wrong. */
const MAX_KEPT = 20;

/**
 * Searches every line as it is logged, for a secret is known before anybody can tell it: nothing has to be kept, and the
 * relay is not disturbed. `leak-setup.ts` lets it know and looks at the end of each test file.
 */
export class LeakWatch {
  readonly #search = new LeakSearch();
  #leaks: string[] = [];
  #relays = 0;
  #lines = 0;
  #answers = 0;

  get counts(): LeakCounts {
    return {
      relays: this.#relays,
      lines: this.#lines,
      answers: this.#answers,
      secrets: { ...this.#search.learnt },
    };
  }

  learn(kind: SecretKind, secret: string | undefined): void {
    this.#search.learn(kind, secret);
  }

  relayStarts(): void {
    this.#relays++;
  }

  /** A line of a log, with its `event`. */
  line(line: object): void {
    this.#lines++;
    this.#look('event' in line ? String(line.event) : 'a line', line);
  }

  /** What somebody outside is told. */
  answer(what: string, told: unknown): void {
    this.#answers++;
    this.#look(what, told);
  }

  /** The first 20 leaks since last asked, as texts: `ticket in listener.refused at message`. */
  takeLeaks(): string[] {
    const leaks = this.#leaks;
    this.#leaks = [];
    return leaks;
  }

  #look(what: string, told: unknown): void {
    for (const { kind, at } of this.#search.leaksIn(told)) {
      if (this.#leaks.length < MAX_KEPT) this.#leaks.push(`${kind} in ${what} at ${at || 'all of it'}`);
    }
  }
}

/** The one of this process: vitest gives every test file its own. */
export const leakWatch = new LeakWatch();
