import type { Middleware } from 'koa';

/** The built element by ways on which its second script meets something, for a relay's pages from elsewhere. */
export function detour(): Middleware;
