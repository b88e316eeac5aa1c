import type { Middleware } from 'koa';
import type { Clock } from './clock.ts';
import type { ConfigChange } from './config/config-change.ts';
import type { Config } from './config/config.ts';
import type { Log } from './log.ts';
import type { SlowCounts } from './relay-status.ts';

/** What tests and the demo may put in place of the real thing. */
export interface RelayOptions {
  log?: Log;
  clock?: Clock;
  random?: () => number;
  /** Where the built element lies, and what the relay's own pages load; default: beside the built relay. */
  assetsDir?: string;
  pagesDir?: string;
  /** Serves what the relay itself does not, such as the demo's pages. */
  extraPages?: Middleware;
}

/** A running relay. */
export interface Relay {
  /** `http://host:port` it listens on. */
  url: string;
  /** `http://host:port` of the admin listener; undefined where there is none. */
  adminUrl: string | undefined;
  /** What is logged here, the operator sees too: on the console, in the history and the metrics. */
  log: Log;
  /**
   * Takes other settings over while it runs: nobody is dropped. Gives what has changed, and when it counts; the log says
   * so too.
   */
  reload(next: Config): readonly ConfigChange[];
  /** Connected listeners, all rooms. */
  listeners(): number;
  /** What slow listeners have suffered since the start. */
  slow(): Readonly<SlowCounts>;
  /**
   * Admits nobody any more, says goodbye to listeners, hangs up every leg; goes on answering requests until both are
   * done; closes every socket. Resolves after 25 s at the latest; once is enough.
   */
  close(): Promise<void>;
}
