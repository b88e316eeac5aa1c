import { CloseCode } from '../wire/messages.ts';

/** A refusal over HTTP: RFC 9457 problem details with a stable `code`. */
export interface Problem {
  /** Stable, for programs: `room-not-found`. */
  code: ProblemCode;
  /** HTTP status. */
  status: number;
  /** One sentence for a person: what is wrong and what to do next. */
  detail: string;
  /** When asking again may help, seconds. */
  retryAfterSec?: number;
}

const TITLES = {
  'bad-room-id': [400, 'Not a room id'],
  'bad-request': [400, 'Bad request'],
  'ticket-refused': [401, 'Ticket missing or wrong'],
  'ticket-expired': [401, 'Ticket expired'],
  'ticket-revoked': [401, 'Ticket revoked'],
  'key-refused': [401, 'Key missing or wrong'],
  'cross-site': [403, 'Not for pages'],
  'origin-refused': [403, 'Not for pages of this origin'],
  'room-not-found': [404, 'No such room'],
  'not-found': [404, 'Nothing here'],
  'method-not-allowed': [405, 'Method not allowed'],
  'not-live': [409, 'Nobody can be heard'],
  'not-dialled': [409, 'Nothing to dial'],
  'already-up': [409, 'Already there'],
  'no-call': [409, 'No call'],
  'no-history': [409, 'No history'],
  'too-large': [413, 'Too large'],
  'too-many-failures': [429, 'Too many failures'],
  'too-many-captions': [429, 'Too many captions'],
  'room-full': [429, 'The room is full'],
  'address-full': [429, 'Too many from one address'],
  internal: [500, 'The relay failed'],
  'format-unknown': [501, 'No such format'],
  'not-verified': [503, 'Not verified'],
  'keys-unavailable': [503, 'Keys unavailable'],
  'too-many-joins': [503, 'Too many come at once'],
  'relay-full': [503, 'The relay is full'],
  'history-unavailable': [503, 'The history cannot be read'],
  'files-full': [503, 'Out of files'],
  stuck: [503, 'Stuck'],
  'shutting-down': [503, 'Shutting down'],
} as const;

/** The stable codes of HTTP refusals. */
export type ProblemCode = keyof typeof TITLES;

/** Makes a {@link Problem}; the status belongs to the code. */
export function problem(code: ProblemCode, detail: string, retryAfterSec?: number): Problem {
  return { code, status: TITLES[code][0], detail, ...(retryAfterSec !== undefined && { retryAfterSec }) };
}

/** The close code that says the same on a listener's socket (PROTOCOL.md, "Close codes"). */
export function closeCodeOf({ status }: Problem): number {
  return status < 500 ? 4000 + status : CloseCode.goingAway;
}

/** The body of a problem as `application/problem+json`. */
export function problemBody({ code, status, detail }: Problem): string {
  return JSON.stringify({ type: 'about:blank', title: TITLES[code][1], status, code, detail });
}

/** A {@link Problem} on its way to the one error boundary (http/app.ts). */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly problem: Problem;

  constructor(code: ProblemCode, detail: string, retryAfterSec?: number) {
    super(`${code}: ${detail}`);
    this.problem = problem(code, detail, retryAfterSec);
  }

  /** A problem that is known already. */
  static of({ code, detail, retryAfterSec }: Problem): ProblemError {
    return new ProblemError(code, detail, retryAfterSec);
  }
}
