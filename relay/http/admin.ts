import type { AdminConfig } from '../config/config.ts';
import type { Clock } from '../clock.ts';
import { problem } from '../errors.ts';
import type { Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';
import { guard, UNAUTHORIZED, type GuardParts } from './admin-guard.ts';
import { adminRoutes, type AdminRouteParts } from './admin-routes.ts';
import { appBehind, serve } from './app.ts';
import type { Assets } from './assets.ts';
import { consoleRoutes } from './console-page.ts';
import { ADMIN_HEADERS } from './security-headers.ts';
import { openServer, type HttpServer } from './server.ts';

/** What the admin listener hands requests to. */
export interface AdminParts extends GuardParts, AdminRouteParts {
  /** What the console loads. */
  pageFiles: Assets;
  clock: Clock;
  log: Log;
}

/**
 * Listens for the operator, and rejects when that is not possible. The console's page is for everybody and holds
 * nothing; nobody without key or ticket learns what else is there.
 */
export function openAdmin({ key, ...at }: AdminConfig, parts: AdminParts): Promise<HttpServer> {
  const app = appBehind({ every: ADMIN_HEADERS, refusal: {} }, parts.log);
  app.use(consoleRoutes(parts.pageFiles).routes());
  app.use(guard(key, parts));
  serve(app, adminRoutes(parts));
  const refusal = problem('key-refused', UNAUTHORIZED);
  const handlers = {
    request: app.callback(),
    upgrade: (_: unknown, socket: Parameters<typeof refuseUpgrade>[0]) => refuseUpgrade(socket, refusal),
  };
  return openServer(handlers, at, parts.clock, parts.log);
}
