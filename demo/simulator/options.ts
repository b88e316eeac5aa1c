import { randomUUID } from 'node:crypto';
import { allHands } from '../voice/recording.ts';
import type { AudioSource } from './audio-source.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';

/** The account and application whose platform this is. */
export interface Account {
  applicationId: string;
  /** Public half of the key that signs REST requests (RS256), PEM. */
  publicKeyPem: string;
  apiKey: string;
  /** Signs webhooks and upgrades (HS256). */
  signatureSecret: string;
}

/** Region of an application, which is where its calls live (source: Vonage Application API reference). */
export type Region = 'na-east' | 'na-west' | 'eu-west' | 'eu-east' | 'apac-sng' | 'apac-australia';

/** What can be set beside the {@link Account}; each has a default. */
export interface Settings {
  /** Opens the Application and Numbers APIs, with the API key; undefined: nobody gets in there. Default undefined. */
  apiSecret: string | undefined;
  /** Linked to the application, E.164 digits. Default: three. */
  numbers: readonly string[];
  /** Of the application. Default `eu-west`. */
  region: Region;
  /** Whether the application has its webhooks signed. Default true. */
  signedCallbacks: boolean;
  /** The platform's clock is ahead of this machine's by so much: in `Date`, and where REST tokens are judged. Default 0. */
  clockSkewSec: number;
  /** TCP port on 127.0.0.1; 0 takes a free one. Default 0. */
  port: number;
  /** Where inbound calls get their NCCO. May be set later. */
  answerUrl: string | undefined;
  /** Where calls without an `event_url` of their own report. May be set later. */
  eventUrl: string | undefined;
  /** POST /v1/calls a second; beyond it 429. Default 3 (source: Vonage Voice API reference). */
  callsPerSecond: number;
  /** Other REST requests a second. Default 15 (source: the same). */
  requestsPerSecond: number;
  /** How long a new call answers PUT with 400. Default 1500 (source: support article 10359615124380). */
  settleMs: number;
  /** Default 50 (source: Vonage Voice API reference). */
  maxParticipants: number;
  /** Of a WebSocket endpoint's `headers` as JSON. Default 512 (source: Vonage Voice API reference). */
  headersMaxBytes: number;
  /** Ringing before the WebSocket is dialled. Default 0. */
  answerDelayMs: number;
  /** Spoken text lasts this long a character. Default 60. */
  talkMsPerCharacter: number;
  /** A call without `length_timer` ends after this. Default 7200 s. */
  lengthTimerSec: number;
  /** What an endpoint without `content-type` gets; the live answer is unknown. Default `reject` (400). */
  missingContentType: 'reject' | 'default16k';
  /** `legacy` is the platform of 2016 to 2020: no `event` in the first text, subprotocol WSBRIDGE. Default `2026`. */
  profile: '2026' | 'legacy';
  /** Somebody is always talking in every conversation, from its first mention on. Default true. */
  alwaysStarted: boolean;
  /** Keep the wall-clock time of every frame sent, for the first 10 minutes of a leg. Default false. */
  recordSendTimes: boolean;
  /** Dial and post to other machines too. Default false: loopback only. */
  allowRemote: boolean;
  /** What a conversation plays until it is told otherwise. Default: the all-hands recording. */
  source: AudioSource;
  clock: Clock;
  /** Makes uuids. */
  newId: () => string;
}

/** What {@link startSimulator} takes. */
export type SimulatorOptions = Account & Partial<Settings>;

/** The settings of a simulator whose options leave everything open. */
export function defaultSettings(): Settings {
  return {
    apiSecret: undefined,
    numbers: ['442079460000', '442079460001', '442079460002'],
    region: 'eu-west',
    signedCallbacks: true,
    clockSkewSec: 0,
    port: 0,
    answerUrl: undefined,
    eventUrl: undefined,
    callsPerSecond: 3,
    requestsPerSecond: 15,
    settleMs: 1500,
    maxParticipants: 50,
    headersMaxBytes: 512,
    answerDelayMs: 0,
    talkMsPerCharacter: 60,
    lengthTimerSec: 7200,
    missingContentType: 'reject',
    profile: '2026',
    alwaysStarted: true,
    recordSendTimes: false,
    allowRemote: false,
    source: allHands(),
    clock: systemClock,
    newId: randomUUID,
  };
}
