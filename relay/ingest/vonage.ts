import { Auth } from '@vonage/auth';
import { Vonage } from '@vonage/server-sdk';
import {
  CallStatus,
  NCCOActions,
  type NCCOAction,
  type OutboundCall,
  type WebsocketEndpoint,
} from '@vonage/voice';
import * as v from 'valibot';
import type { RoomId } from '../../wire/room-id.ts';
import type { Clock } from '../clock.ts';
import type { CallOutcome } from '../leg.ts';
import { describeError, type Log } from '../log.ts';
import { legUrl, parseLegUrl } from './leg-url.ts';
import type { HangUpOutcome, LiveLeg, LiveLegs, Provider } from './provider.ts';

/** What the operator says of the Vonage application; see the settings of these names in config.ts. */
export interface VonageSettings {
  applicationId: string;
  /** PEM text of the application's private key. */
  privateKey: string;
  /** A number linked to the application: E.164 digits without `+`. */
  from: string;
  /** Region host of the API, such as `https://api.nexmo.com`. */
  apiHost: string;
  /** The platform ends a leg of this age, seconds; 1…86400. */
  lengthTimerSec: number;
  /** Where the platform reaches this relay: `https://relay.example`. */
  publicUrl: string;
}

/** The API's field; the SDK (1.21) sends its own `contentType` under that name, which the API does not know. */
type Endpoint = WebsocketEndpoint & { 'content-type': string };

const REQUEST_TIMEOUT_MS = 10_000;
const RINGING_TIMER_SEC = 30;
/** The platform answers 400 to a hang-up in a call's first 2 s (support article 10359615124380); we outwait that. */
const HANG_UP_FOR_MS = 5000;
const HANG_UP_EVERY_MS = 500;
/** In the order in which a call goes through them: asked for so, none slips through between two questions. */
const LIVE = [CallStatus.STARTED, CallStatus.RINGING, CallStatus.ANSWERED];
const PAGE_CALLS = 100;
/** So many calls of each status are looked at. */
const MOST_CALLS = 1000;
const OVER = new Set(['completed', 'failed', 'rejected', 'busy', 'cancelled', 'timeout', 'unanswered']);

const ListedEndpoint = v.object({ uri: v.optional(v.string()) });

/** The reference shows one endpoint, calls are made with a list of them; a phone's has no `uri`. */
const ListedCall = v.object({
  uuid: v.string(),
  to: v.fallback(v.union([v.array(ListedEndpoint), ListedEndpoint]), []),
});

/** The calls of a page of `GET /v1/calls`. */
const CallPage = v.pipe(
  v.object({ _embedded: v.object({ calls: v.array(ListedCall) }) }),
  v.transform(({ _embedded: { calls } }) => calls),
);

/** The Vonage Voice API through its own SDK, held so that none of its errors (which carry tokens) gets out. */
export class VonageProvider implements Provider {
  readonly #settings: VonageSettings;
  readonly #conversation: (room: RoomId) => string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #voice: Vonage['voice'];

  /** `conversation` names the platform's conversation of a room. */
  constructor(settings: VonageSettings, conversation: (room: RoomId) => string, clock: Clock, log: Log) {
    this.#settings = settings;
    this.#conversation = conversation;
    this.#clock = clock;
    this.#log = log;
    const { applicationId, privateKey, apiHost } = settings;
    const options = { apiHost, timeout: REQUEST_TIMEOUT_MS, appendUserAgent: 'conf-relay' };
    this.#voice = new Vonage(new Auth({ applicationId, privateKey }), options).voice;
  }

  async placeCall(room: RoomId, legTicket: string): Promise<CallOutcome> {
    try {
      const { uuid } = await this.#voice.createOutboundCall(this.#callFor(room, legTicket));
      // The SDK passes on whatever JSON came.
      if (typeof uuid !== 'string' || uuid === '') throw new TypeError('the platform named no call');
      return { kind: 'placed', legId: uuid };
    } catch (error) {
      const { code, retryAfterMs } = faultOf(error);
      this.#log.warn('vonage.call-failed', { room, code, ...describeError(error) });
      return { kind: 'refused', code, retryAfterMs };
    }
  }

  async hangUp(legId: string): Promise<HangUpOutcome> {
    const giveUpMs = this.#clock.nowMs() + HANG_UP_FOR_MS;
    for (;;) {
      const fault = await this.#tryHangUp(legId);
      if (fault === undefined) {
        this.#log.info('call.hung-up', { leg: legId });
        return { kind: 'hung-up' };
      }
      if (fault.status === 404 || (fault.status === 400 && (await this.#isOver(legId))))
        return { kind: 'gone' };
      if (this.#clock.nowMs() >= giveUpMs) {
        this.#log.error('vonage.hang-up-failed', { leg: legId, code: fault.code });
        return { kind: 'failed', code: fault.code };
      }
      await new Promise<void>((resolve) => this.#clock.after(HANG_UP_EVERY_MS, resolve));
    }
  }

  async liveLegs(): Promise<LiveLegs> {
    const legs = new Map<string, LiveLeg>();
    try {
      for (const status of LIVE) {
        for await (const { uuid, to } of this.#calls(status)) {
          const [leg] = [to].flat().map(({ uri = '' }) => parseLegUrl(this.#settings.publicUrl, uri));
          if (leg) legs.set(uuid, { legId: uuid, ...leg });
        }
      }
      return { kind: 'known', legs: [...legs.values()] };
    } catch (error) {
      return { kind: 'failed', code: faultOf(error).code };
    }
  }

  /** The newest first. */
  async *#calls(status: CallStatus): AsyncGenerator<v.InferOutput<typeof ListedCall>> {
    for (let recordIndex = 0; recordIndex < MOST_CALLS; recordIndex += PAGE_CALLS) {
      const filter = { status, pageSize: PAGE_CALLS, recordIndex, order: 'desc' as const };
      const calls = v.parse(CallPage, await this.#voice.getCallsPage(filter));
      yield* calls;
      if (calls.length < PAGE_CALLS) return;
    }
  }

  #callFor(room: RoomId, legTicket: string): OutboundCall {
    const { publicUrl, from, lengthTimerSec } = this.#settings;
    const to: Endpoint = {
      type: 'websocket',
      uri: legUrl(publicUrl, room, legTicket),
      headers: { room },
      authorization: { type: 'vonage' },
      'content-type': 'audio/l16;rate=16000',
    };
    // startOnEnter false: a listener must not start a moderated conference. mute: it is never heard or recorded.
    const enter: NCCOAction = {
      action: NCCOActions.CONVERSATION,
      name: this.#conversation(room),
      startOnEnter: false,
      mute: true,
    };
    return {
      to: [to],
      from: { type: 'phone', number: from },
      ncco: [enter],
      eventUrl: [`${publicUrl}/vonage/event`],
      lengthTimer: lengthTimerSec,
      ringingTimer: RINGING_TIMER_SEC,
    };
  }

  async #tryHangUp(legId: string): Promise<ApiFault | undefined> {
    try {
      await this.#voice.hangupCall(legId);
      return undefined;
    } catch (error) {
      return faultOf(error);
    }
  }

  async #isOver(legId: string): Promise<boolean> {
    try {
      const { status } = await this.#voice.getCall(legId);
      return OVER.has(status);
    } catch (error) {
      return faultOf(error).status === 404;
    }
  }
}

/** A failed request: `status` is null when no answer came. */
interface ApiFault {
  status: number | null;
  code: string;
  retryAfterMs: number | null;
}

/** Reads what may be told from an SDK error; its `config` holds the bearer token and is not touched. */
function faultOf(error: unknown): ApiFault {
  if (typeof error !== 'object' || error === null || !('response' in error)) {
    return { status: null, code: 'no-answer', retryAfterMs: null };
  }
  const { response } = error;
  if (typeof response !== 'object' || response === null || !('status' in response)) {
    return { status: null, code: 'no-answer', retryAfterMs: null };
  }
  const status = typeof response.status === 'number' ? response.status : null;
  const header = 'headers' in response && response.headers instanceof Object ? response.headers : undefined;
  const retryAfterSec =
    header && 'get' in header && typeof header.get === 'function'
      ? Number(header.get('retry-after') ?? Number.NaN)
      : NaN;
  return {
    status,
    code: `http-${status ?? 'unknown'}`,
    retryAfterMs: Number.isFinite(retryAfterSec) ? retryAfterSec * 1000 : null,
  };
}
