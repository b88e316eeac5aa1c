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

/** Of a room's settings, what its calls need. */
export interface CalledRoom {
  /** The platform's name of its conversation. */
  conversation: string;
  /** Its region's API host; undefined where the application's will do. */
  apiHost: string | undefined;
}

type Voice = Vonage['voice'];

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
  readonly #rooms: ReadonlyMap<RoomId, CalledRoom>;
  readonly #clock: Clock;
  readonly #log: Log;
  /** One for each region's host. A call is known in its own region only. */
  readonly #voices = new Map<string, Voice>();

  /** `rooms` are those that are called for; they may change. */
  constructor(settings: VonageSettings, rooms: ReadonlyMap<RoomId, CalledRoom>, clock: Clock, log: Log) {
    this.#settings = settings;
    this.#rooms = rooms;
    this.#clock = clock;
    this.#log = log;
  }

  async placeCall(room: RoomId, legTicket: string): Promise<CallOutcome> {
    try {
      const { uuid } = await this.#voiceOf(room).createOutboundCall(this.#callFor(room, legTicket));
      // The SDK passes on whatever JSON came.
      if (typeof uuid !== 'string' || uuid === '') throw new TypeError('the platform named no call');
      return { kind: 'placed', legId: uuid };
    } catch (error) {
      const { code, retryAfterMs } = faultOf(error);
      this.#log.warn('vonage.call-failed', { room, code, ...describeError(error) });
      return { kind: 'refused', code, retryAfterMs };
    }
  }

  async hangUp(room: RoomId, legId: string): Promise<HangUpOutcome> {
    const voice = this.#voiceOf(room);
    const giveUpMs = this.#clock.nowMs() + HANG_UP_FOR_MS;
    for (;;) {
      const fault = await tryHangUp(voice, legId);
      if (fault === undefined) {
        this.#log.info('call.hung-up', { room, leg: legId });
        return { kind: 'hung-up' };
      }
      if (fault.status === 404 || (fault.status === 400 && (await isOver(voice, legId)))) {
        this.#log.info('call.gone', { room, leg: legId });
        return { kind: 'gone' };
      }
      if (this.#clock.nowMs() >= giveUpMs) {
        this.#log.error('vonage.hang-up-failed', { room, leg: legId, code: fault.code });
        return { kind: 'failed', code: fault.code };
      }
      await new Promise<void>((resolve) => this.#clock.after(HANG_UP_EVERY_MS, resolve));
    }
  }

  async liveLegs(): Promise<LiveLegs> {
    const legs = new Map<string, LiveLeg>();
    try {
      for (const [apiHost, status] of this.#hosts().flatMap((host) =>
        LIVE.map((one) => [host, one] as const),
      )) {
        for await (const { uuid, to } of this.#calls(apiHost, status)) {
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
  async *#calls(apiHost: string, status: CallStatus): AsyncGenerator<v.InferOutput<typeof ListedCall>> {
    for (let recordIndex = 0; recordIndex < MOST_CALLS; recordIndex += PAGE_CALLS) {
      const filter = { status, pageSize: PAGE_CALLS, recordIndex, order: 'desc' as const };
      const calls = v.parse(CallPage, await this.#voiceAt(apiHost).getCallsPage(filter));
      yield* calls;
      if (calls.length < PAGE_CALLS) return;
    }
  }

  /** Every region that a room's calls may live in. */
  #hosts(): string[] {
    const { apiHost } = this.#settings;
    return [...new Set([apiHost, ...[...this.#rooms.values()].map((room) => room.apiHost ?? apiHost)])];
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
      name: this.#rooms.get(room)?.conversation ?? room,
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

  #voiceOf(room: RoomId): Voice {
    return this.#voiceAt(this.#rooms.get(room)?.apiHost ?? this.#settings.apiHost);
  }

  #voiceAt(apiHost: string): Voice {
    const known = this.#voices.get(apiHost);
    if (known) return known;
    const { applicationId, privateKey } = this.#settings;
    const options = { apiHost, timeout: REQUEST_TIMEOUT_MS, appendUserAgent: 'conf-relay' };
    const { voice } = new Vonage(new Auth({ applicationId, privateKey }), options);
    this.#voices.set(apiHost, voice);
    return voice;
  }
}

async function tryHangUp(voice: Voice, legId: string): Promise<ApiFault | undefined> {
  try {
    await voice.hangupCall(legId);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}

async function isOver(voice: Voice, legId: string): Promise<boolean> {
  try {
    const { status } = await voice.getCall(legId);
    return OVER.has(status);
  } catch (error) {
    return faultOf(error).status === 404;
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
