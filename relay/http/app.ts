import Koa, { type Context, type Middleware, type Next } from 'koa';
import { problem, problemBody, ProblemError, type Problem } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { routes, type RouteParts } from './routes.ts';

/** What the routes need, and pages from elsewhere. */
export interface AppParts extends RouteParts {
  /** Is asked for whatever no route serves. */
  extraPages: Middleware | undefined;
}

/** The HTTP side of the relay: headers, the one error boundary, then the routes. */
export function createApp(parts: AppParts, log: Log): Koa {
  const app = new Koa();
  const router = routes(parts);
  app.use(async (context, next) => boundary(context, next, log));
  app.use(router.routes());
  app.use(
    router.allowedMethods({
      throw: true,
      methodNotAllowed: methodNotAllowed,
      notImplemented: methodNotAllowed,
    }),
  );
  if (parts.extraPages) app.use(parts.extraPages);
  // What reaches Koa itself is a connection that broke while a reply was under way.
  app.on('error', (error: unknown) => log.debug('http.broken', describeError(error)));
  return app;
}

async function boundary(context: Context, next: Next, log: Log): Promise<void> {
  context.set('X-Content-Type-Options', 'nosniff');
  context.set('Referrer-Policy', 'strict-origin-when-cross-origin');
  try {
    await next();
    const served = context.status !== 404 || context.respond === false;
    if (!served) throw new ProblemError('not-found', 'Nothing is served under this path.');
  } catch (error) {
    const refusal = refusalFor(error);
    // Its sender has gone, or was too slow and has been cut: nobody is there to be answered.
    if (refusal.status === 500 && context.req.destroyed && !context.req.complete)
      return log.debug('http.broken', describeError(error));
    if (refusal.status === 500) log.error('http.failed', describeError(error));
    // What is to be tried again later comes by the thousand; whoever refuses it says so now and then.
    else if (refusal.retryAfterSec === undefined)
      log.info('http.refused', { code: refusal.code, method: context.method });
    else context.set('Retry-After', String(refusal.retryAfterSec));
    // A page of another origin may read why.
    context.set('Access-Control-Allow-Origin', '*');
    context.status = refusal.status;
    context.type = 'application/problem+json';
    context.body = problemBody(refusal);
  }
}

function refusalFor(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return problem('internal', 'The relay failed; its log says why.');
}

function methodNotAllowed(): ProblemError {
  return new ProblemError('method-not-allowed', 'This path is not served for that method.');
}
