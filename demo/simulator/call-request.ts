import * as v from 'valibot';
import { isSampleRate } from '../../wire/format.ts';
import type { SampleRate } from '../../wire/format.ts';
import { isLoopback } from './http-caller.ts';
import type { Settings } from './options.ts';

/** Where a call gets its NCCO: in the request, not yet checked, or from a URL. */
export type CallScript =
  | { kind: 'ncco'; ncco: unknown[] }
  | { kind: 'answer-url'; url: string; method: 'GET' | 'POST' };

interface CommonCall {
  /** Digits only; empty when the platform may choose. */
  from: string;
  script: CallScript;
  eventUrl: string | undefined;
  eventMethod: 'GET' | 'POST';
  lengthTimerSec: number;
  ringingTimerSec: number;
}

/** A WebSocket leg to dial. */
export interface WebsocketCall extends CommonCall {
  kind: 'websocket';
  uri: string;
  sampleRate: SampleRate;
  headers: Record<string, unknown>;
  authorization: { type: 'vonage' } | { type: 'custom'; value: string } | undefined;
}

/** A phone to ring. */
export interface PhoneCall extends CommonCall {
  kind: 'phone';
  number: string;
}

/** Result of {@link parseCallRequest}; `parameters` maps a field to what is wrong with it. */
export type ParsedCall =
  | { kind: 'call'; call: WebsocketCall | PhoneCall }
  | { kind: 'invalid'; parameters: Record<string, string> };

const Method = v.picklist(['GET', 'POST']);
const seconds = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));

const WebsocketEndpoint = v.object({
  type: v.literal('websocket'),
  uri: v.pipe(v.string(), v.check(isDialable, 'must be a wss: URL, or ws: on loopback')),
  'content-type': v.optional(v.pipe(v.string(), v.regex(/^audio\/l16; ?rate=(8000|16000|24000)$/))),
  headers: v.optional(v.record(v.string(), v.unknown()), {}),
  authorization: v.optional(
    v.variant('type', [
      v.object({ type: v.literal('vonage') }),
      v.object({ type: v.literal('custom'), value: v.string() }),
    ]),
  ),
});

const PhoneEndpoint = v.object({ type: v.literal('phone'), number: v.pipe(v.string(), v.digits()) });

const Body = v.pipe(
  v.object({
    to: v.pipe(v.array(v.variant('type', [WebsocketEndpoint, PhoneEndpoint])), v.length(1)),
    from: v.optional(v.object({ number: v.string() })),
    random_from_number: v.optional(v.boolean(), false),
    ncco: v.optional(v.array(v.unknown())),
    answer_url: v.optional(v.pipe(v.array(v.string()), v.length(1))),
    answer_method: v.optional(Method, 'GET'),
    event_url: v.optional(v.pipe(v.array(v.string()), v.length(1))),
    event_method: v.optional(Method, 'POST'),
    length_timer: v.optional(seconds(86_400)),
    ringing_timer: v.optional(seconds(120), 60),
  }),
  v.check((body) => body.from !== undefined || body.random_from_number, 'from is missing'),
);

/** Checks the body of POST /v1/calls (modelled: README.md). */
export function parseCallRequest(
  value: unknown,
  settings: Pick<Settings, 'headersMaxBytes' | 'missingContentType' | 'lengthTimerSec'>,
): ParsedCall {
  const parsed = v.safeParse(Body, value);
  if (!parsed.success) {
    const entries = parsed.issues.map((issue) => [v.getDotPath(issue) ?? 'from', issue.message]);
    return { kind: 'invalid', parameters: Object.fromEntries(entries) };
  }
  const body = parsed.output;
  const script = scriptOf(body);
  if (!script) return invalid('ncco', 'give exactly one of ncco and answer_url');
  const common: CommonCall = {
    from: body.from?.number ?? '',
    script,
    eventUrl: body.event_url?.[0],
    eventMethod: body.event_method,
    lengthTimerSec: body.length_timer ?? settings.lengthTimerSec,
    ringingTimerSec: body.ringing_timer,
  };

  const endpoint = body.to[0];
  if (!endpoint) return invalid('to', 'give exactly one endpoint');
  if (endpoint.type === 'phone') {
    return { kind: 'call', call: { kind: 'phone', number: endpoint.number, ...common } };
  }
  const { uri, headers, authorization } = endpoint;
  const contentType = endpoint['content-type'];
  if (contentType === undefined && settings.missingContentType === 'reject') {
    return invalid('to.0.content-type', 'is missing');
  }
  const sampleRate = Number(contentType?.split('rate=')[1] ?? 16_000);
  if (!isSampleRate(sampleRate)) return invalid('to.0.content-type', 'is not a known rate');
  const headerBytes = Buffer.byteLength(JSON.stringify(headers));
  if (headerBytes > settings.headersMaxBytes) {
    return invalid('to.0.headers', `${headerBytes} bytes, at most ${settings.headersMaxBytes} are allowed`);
  }
  return { kind: 'call', call: { kind: 'websocket', uri, sampleRate, headers, authorization, ...common } };
}

function scriptOf(body: v.InferOutput<typeof Body>): CallScript | undefined {
  const url = body.answer_url?.[0];
  if (body.ncco !== undefined && url === undefined) return { kind: 'ncco', ncco: body.ncco };
  if (body.ncco === undefined && url !== undefined) {
    return { kind: 'answer-url', url, method: body.answer_method };
  }
  return undefined;
}

function invalid(name: string, reason: string): ParsedCall {
  return { kind: 'invalid', parameters: { [name]: reason } };
}

function isDialable(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const url = new URL(uri);
  return url.protocol === 'wss:' || (url.protocol === 'ws:' && isLoopback(url));
}
