import { misconfigured, playerError, type Fault } from './player-error.ts';
import { isTicket, lifeLeft, timesOf } from './ticket-life.ts';

/** Why a ticket is asked for: there is none, the one at hand is running out, or the relay has refused it. */
export type TicketReason = 'connect' | 'refresh' | 'refused';

/** Gives a ticket (a JWT) for a room; may take its time, as for a sign-in. A rejection is tried again. */
export type TicketProvider = (room: string, reason: TicketReason) => Promise<string>;

/** Where the page says its tickets come from: the provider before the address before the token. Read anew each time. */
export interface TicketHost {
  readonly room: string;
  readonly token: string;
  readonly tokenUrl: string;
  readonly tokenProvider: TicketProvider | undefined;
}

/** The defaults are the browser's own; tests bring theirs. */
export interface TicketOptions {
  fetch?: typeof fetch;
  /** In [0, 1). */
  random?: () => number;
}

/** A ticket, '' where the page gives none; why there will be none; undefined: none now, another try may help. */
export type TicketAnswer = string | Fault | undefined;

const TIMEOUT_MS = 10_000;
/** A ticket is not renewed more often than this, ms. */
const LEAST_MS = 5000;
/** What a timer can take, ms. */
const MOST_MS = 2 ** 31 - 1;

/** Gets a room's tickets, keeps the last one, also from one connection to the next, and renews it while one is open. */
export class TicketSource {
  readonly #host: TicketHost;
  readonly #options: TicketOptions;
  #ticket = '';
  /** When the ticket is over, ms of `performance.now()`; not finite where it does not say. */
  #endMs = 0;
  /** What the ticket is of: relay and room, token, address and provider. */
  #of: unknown[] = [];
  /** Since the relay let somebody in, it has refused a ticket that was asked for anew then. */
  #refused = false;
  /** The question that is out. */
  #asked: { reason: TicketReason; abort: AbortController } | undefined;
  /** Of the next renewal, or of an answer that does not come. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onRenewed: (() => void) | undefined;

  /** Asks nobody yet. */
  constructor(host: TicketHost, options: TicketOptions = {}) {
    this.#host = host;
    this.#options = options;
  }

  /** The last ticket, or ''. */
  get ticket(): string {
    return this.#ticket;
  }

  /** A connection to the room at `url` begins; `onRenewed` tells of each further `ticket`, until `close`. */
  open(url: string, onRenewed: () => void): void {
    const { token, tokenUrl, tokenProvider } = this.#host;
    const of = [url, token, tokenUrl, tokenProvider];
    if (this.#refused || of.some((one, n) => one !== this.#of[n])) this.#keep('', 0);
    this.#of = of;
    this.#refused = false;
    this.#onRenewed = onRenewed;
    const fresh = token && !tokenProvider && !(timesOf(token).endMs < Date.now());
    if (!this.#ticket && (this.#isPlain || fresh)) this.#keep(token || '');
    this.#schedule();
  }

  /** The connection is over: nobody is asked any more, and an answer that comes late does nothing. */
  close(): void {
    this.#onRenewed = undefined;
    this.#cancel();
  }

  /** Hands a ticket to connect with to `onAnswer`: at once the one at hand, if it is good, or else a new one. */
  get(onAnswer: (answer: TicketAnswer) => void): void {
    const good = this.#isPlain || !(this.#endMs <= performance.now());
    if (good) onAnswer(this.#ticket && ticketOrFault(this.#ticket));
    else this.#ask(this.#refused ? 'refused' : 'connect', onAnswer);
  }

  /** The relay has refused `ticket`. Returns whether `get` may bring a better one. */
  refuse(ticket: string): boolean {
    if (ticket !== this.#ticket) return true;
    if (this.#isPlain || this.#refused) return false;
    this.#endMs = 0;
    this.#refused = true;
    return true;
  }

  /** The relay has let the listener in. */
  accept(): void {
    this.#refused = false;
  }

  /** The page has another `token`: while a connection is open it is the next ticket, whoever gave the last one. */
  take(): void {
    const { token } = this.#host;
    if (!this.#onRenewed || !isTicket(token)) return;
    this.#of[1] = token;
    this.#keep(token);
    this.#onRenewed();
  }

  get #isPlain(): boolean {
    return !this.#host.tokenProvider && !this.#host.tokenUrl;
  }

  #keep(ticket: string, lifeMs = lifeLeft(ticket, Date.now())): void {
    this.#ticket = ticket;
    this.#endMs = performance.now() + lifeMs;
    this.#schedule();
  }

  /** Renews the ticket after a share of the life that is left to it: listeners who came together do so apart. */
  #schedule(share = 0.75 + (this.#options.random ?? Math.random)() / 10): void {
    const leftMs = this.#endMs - performance.now();
    if (this.#asked || this.#isPlain || !(leftMs > 0)) return;
    clearTimeout(this.#timer);
    const renew = (): void =>
      this.#ask('refresh', (answer) => {
        if (typeof answer === 'string') this.#onRenewed?.();
      });
    this.#timer = setTimeout(renew, Math.min(MOST_MS, Math.max(LEAST_MS, leftMs * share)));
  }

  #ask(reason: TicketReason, onAnswer: (answer: TicketAnswer) => void): void {
    if (this.#asked?.reason === reason) return;
    this.#cancel();
    const abort = new AbortController();
    const asked = { reason, abort };
    const settle = (answer: TicketAnswer): void => {
      if (this.#asked !== asked) return;
      this.#cancel();
      if (typeof answer === 'string') this.#keep(answer);
      else this.#schedule(0.5);
      onAnswer(answer);
    };
    this.#asked = asked;
    // A provider may have somebody sign in; that takes its time.
    if (!this.#host.tokenProvider) this.#timer = setTimeout(settle, TIMEOUT_MS);
    void this.#request(reason, abort.signal)
      .catch(() => undefined)
      .then(settle);
  }

  async #request(reason: TicketReason, signal: AbortSignal): Promise<TicketAnswer> {
    const { room, token, tokenUrl, tokenProvider } = this.#host;
    if (tokenProvider) return ticketOrFault(await tokenProvider(room, reason));
    const url = urlOf(tokenUrl);
    if (!url) return misconfigured('token-url', tokenUrl, 'an address');
    url.searchParams.set('room', room);
    const { fetch: request = fetch } = this.#options;
    const response = await request(url, {
      signal,
      cache: 'no-store',
      credentials: 'include',
      // Another server than the relay, which gave the token, may not expect the header, nor the preflight it needs.
      headers: token ? { Authorization: `Bearer ${this.#ticket || token}` } : {},
    });
    if (response.status >= 500) return undefined;
    if (response.ok) return ticketOrFault(ticketIn(await response.text()));
    return denied(`token-url answered ${response.status}: sign in again, or let it give you a ticket`);
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort.abort();
    this.#asked = undefined;
  }
}

function urlOf(address: string): URL | undefined {
  try {
    return new URL(address, document.baseURI);
  } catch {
    return undefined;
  }
}

/** An answer's ticket: the bare text, or `token` of a JSON object. */
function ticketIn(text: string): unknown {
  try {
    const { token }: { token?: unknown } = JSON.parse(text);
    return token;
  } catch {
    return text.trim();
  }
}

function ticketOrFault(ticket: unknown): string | Fault {
  return isTicket(ticket)
    ? ticket
    : denied('token, token-url or tokenProvider gave something else than a JWT');
}

function denied(message: string): Fault {
  return playerError('denied', 'ticket', message);
}
