import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RoomId } from '../../wire/room-id.ts';
import type { Entry, ListenerAdmission } from './admission.ts';
import { clientAddress } from './client-address.ts';
import type { Clock } from '../clock.ts';
import { ProblemError } from '../errors.ts';
import type { Log } from '../log.ts';
import { SeldomLog } from '../seldom-log.ts';

const LOG_EVERY_MS = 60_000;

/** Where listeners of every transport ask to be admitted, with the request that they came with. */
export class Reception {
  readonly #admission: ListenerAdmission;
  readonly #trustProxy: number;
  readonly #log: SeldomLog;

  /** `trustProxy`: so many proxies stand in front. */
  constructor(admission: ListenerAdmission, trustProxy: number, clock: Clock, log: Log) {
    this.#admission = admission;
    this.#trustProxy = trustProxy;
    this.#log = new SeldomLog(log, clock, LOG_EVERY_MS);
  }

  /** Counts a listener in until the connection itself closes: for upgrades, which have it for themselves. */
  admit(room: RoomId | undefined, request: IncomingMessage): Entry {
    const entry = this.enter(room, request);
    if (entry.kind === 'admitted') request.socket.once('close', entry.leave);
    return entry;
  }

  /** Counts a listener in until its response closes; throws the problem where it may not come in. */
  admitResponse(room: RoomId, request: IncomingMessage, response: ServerResponse): void {
    // Behind another response on its connection (no browser sends requests so) its end would not be noticed.
    if (!response.socket) {
      throw new ProblemError('bad-request', 'Ask for a stream on a connection of its own.');
    }
    const entry = this.enter(room, request);
    if (entry.kind !== 'admitted') {
      const { code, detail, retryAfterSec } = entry.refusal;
      throw new ProblemError(code, detail, retryAfterSec);
    }
    response.once('close', entry.leave);
  }

  /** Counts a listener in until `leave` is called: for those who are there for longer than one request. */
  enter(room: RoomId | undefined, request: IncomingMessage): Entry {
    const { socket, headers } = request;
    const forwardedFor = headers['x-forwarded-for'];
    // Node joins several of them with commas, and types them as if it did not.
    const claims = Array.isArray(forwardedFor) ? forwardedFor.join() : forwardedFor;
    if (claims !== undefined && this.#trustProxy === 0)
      this.#log.warn('listener.proxy-not-trusted', { code: 'set-trust-proxy' });
    const entry = this.#admission.admit(room, clientAddress(socket.remoteAddress, claims, this.#trustProxy));
    if (entry.kind !== 'admitted') this.#log.warn('listener.turned-away', { code: entry.refusal.code });
    return entry;
  }
}
