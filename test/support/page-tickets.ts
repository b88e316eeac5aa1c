import {
  TicketSource,
  type TicketHost,
  type TicketOptions,
  type TicketReason,
} from '../../component/ticket-source.ts';

/** A ticket of these claims, signed by nobody. */
export function ticketOf(claims: Record<string, unknown>): string {
  return `${partOf({ alg: 'HS256' })}.${partOf(claims)}.c2lnbmVk`;
}

/** A ticket issued at `atMs`, Unix time, for `lifeSec`. */
export function ticketAt(atMs: number, lifeSec: number): string {
  const iat = Math.floor(atMs / 1000);
  return ticketOf({ iat, exp: iat + lifeSec });
}

/** What a page says of its tickets, for tests that change their mind. */
export type Page = { -readonly [Field in keyof TicketHost]: TicketHost[Field] };

/** A page whose room is allhands and that gives no ticket, but for `fields`. */
export function pageOf(fields: Partial<TicketHost> = {}): Page {
  return { room: 'allhands', token: '', tokenUrl: '', tokenProvider: undefined, ...fields };
}

/** The tickets of such a page. */
export function ticketsOf(fields: Partial<TicketHost> = {}, options: TicketOptions = {}): TicketSource {
  return new TicketSource(pageOf(fields), options);
}

/** A provider whose questions the test answers. */
export class FakeProvider {
  /** Why it was asked, oldest first. */
  readonly reasons: TicketReason[] = [];
  /** For which rooms. */
  readonly rooms: string[] = [];
  #last = { answer: (_ticket: string): void => {}, fail: (): void => {} };

  /** In the place of a page's own. */
  readonly provide = (room: string, reason: TicketReason): Promise<string> => {
    this.rooms.push(room);
    this.reasons.push(reason);
    return new Promise((resolve, reject) => {
      this.#last = { answer: resolve, fail: () => reject(new Error('offline')) };
    });
  };

  /** Its last question: for answers that come after the next one. */
  get last(): { readonly answer: (ticket: string) => void } {
    return this.#last;
  }

  /** Answers the last question, soon. */
  answer(ticket: string): void {
    this.#last.answer(ticket);
  }

  /** Cannot answer the last question. */
  fail(): void {
    this.#last.fail();
  }
}

/** A part of a JWT: JSON in base64url. */
function partOf(value: unknown): string {
  return btoa(JSON.stringify(value)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}
