import type Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { ProblemError } from '../errors.ts';
import { describeError, type Log } from '../log.ts';
import { boundary, type Answers } from './boundary.ts';
import { pageOfRefusal } from './page-routes.ts';
import { routes, type RouteParts } from './routes.ts';
import { securityHeaders } from './security-headers.ts';

/** What the routes need, and pages from elsewhere. */
export interface AppParts extends RouteParts {
  /** Is asked for whatever no route serves. Its pages bring a policy of their own, or can load nothing. */
  extraPages: Middleware | undefined;
}

/** The HTTP side of the relay: headers, the one error boundary, then the routes. */
export function createApp(parts: AppParts, log: Log): Koa {
  const answers = {
    every: securityHeaders(parts.publicUrl),
    // A page of another origin may read why.
    refusal: { 'Access-Control-Allow-Origin': '*' },
    page: pageOfRefusal,
  };
  const app = appBehind(answers, log);
  serve(app, routes(parts));
  if (parts.extraPages) app.use(parts.extraPages);
  return app;
}

/** An app that as yet has nothing but its error boundary. */
export function appBehind(answers: Answers, log: Log): Koa {
  const app = new Koa();
  app.use(boundary(answers, log));
  // What reaches Koa itself is a connection that broke while a reply was under way.
  app.on('error', (error: unknown) => log.debug('http.broken', describeError(error)));
  return app;
}

/** Adds routes to an app; a method that a path has no route for is refused with 405. */
export function serve(app: Koa, router: Router): void {
  app.use(router.routes());
  app.use(router.allowedMethods({ throw: true, methodNotAllowed: wrongMethod, notImplemented: wrongMethod }));
}

function wrongMethod(): ProblemError {
  return new ProblemError('method-not-allowed', 'This path is not served for that method.');
}
