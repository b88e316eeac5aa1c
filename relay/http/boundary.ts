import { randomBytes } from 'node:crypto';
import type { Context, Middleware, Next } from 'koa';
import { problem, problemBody, ProblemError, type Problem } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { PAGE_HEADERS, type HeaderSet } from './security-headers.ts';

const REQUEST_ID_BYTES = 8;

/** What answers say, whatever they are, and how refusals look. */
export interface Answers {
  every: HeaderSet;
  /** Refusals say this beside. */
  refusal: HeaderSet;
  /** A refusal as HTML, for who wants that; it may set headers. Default: nobody does. */
  page?: (context: Context, refusal: Problem) => string | undefined;
}

/** The one error boundary: whatever goes wrong behind it is answered as problem+json, or as a page. */
export function boundary(answers: Answers, log: Log): Middleware {
  return async (context, next) => {
    context.set(answers.every);
    try {
      await served(context, next);
    } catch (error) {
      const refusal = refusalFor(error);
      // Its sender has gone, or was too slow and has been cut: nobody is there to be answered.
      if (refusal.status === 500 && context.req.destroyed && !context.req.complete)
        return log.debug('http.broken', describeError(error));
      // By it, who was refused and who reads the log find each other.
      const request = randomBytes(REQUEST_ID_BYTES).toString('hex');
      context.set('X-Request-Id', request);
      if (refusal.status === 500) log.error('http.failed', { request, ...describeError(error) });
      // What is to be tried again later comes by the thousand; whoever refuses it says so now and then.
      else if (refusal.retryAfterSec === undefined)
        log.info('http.refused', { request, code: refusal.code, method: context.method });
      // Who comes with credentials may not read what is for any origin (Fetch, "CORS check").
      if (!context.response.get('Access-Control-Allow-Credentials')) context.set(answers.refusal);
      tell(context, refusal, answers.page?.(context, refusal));
    }
  };
}

async function served(context: Context, next: Next): Promise<void> {
  await next();
  if (context.status === 404 && context.respond !== false)
    throw new ProblemError('not-found', 'Nothing is served under this path.');
  if (context.response.is('html')) context.set(PAGE_HEADERS);
}

function tell(context: Context, refusal: Problem, page: string | undefined): void {
  if (refusal.retryAfterSec !== undefined) context.set('Retry-After', String(refusal.retryAfterSec));
  // RFC 9110 §15.5.2 asks for it; browsers show no dialog for this scheme.
  if (refusal.status === 401) context.set('WWW-Authenticate', 'Bearer');
  // A cache may otherwise keep a 404 as long as it likes (RFC 9111 §4.2.2).
  context.set('Cache-Control', 'no-store');
  context.status = refusal.status;
  if (page !== undefined) context.set(PAGE_HEADERS);
  context.type = page === undefined ? 'application/problem+json' : 'html';
  context.body = page ?? problemBody(refusal);
}

function refusalFor(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return problem('internal', 'The relay failed; its log says why.');
}
