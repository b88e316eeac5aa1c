import type { KeyObject } from 'node:crypto';
import * as v from 'valibot';
import { AccountApi } from './account-api.ts';
import { Call } from './call.ts';
import { parseCallRequest } from './call-request.ts';
import type { Calls, ControlledCall } from './calls.ts';
import { readPublicKey, verifyRs256 } from './jwt.ts';
import { parseNcco } from './ncco.ts';
import { platformMs, type Platform } from './platform.ts';
import { RateLimit } from './rate-limit.ts';
import { refusal } from './rest-reply.ts';
import type { RestReply } from './rest-reply.ts';

/** A REST request, read whole. */
export interface RestRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Of the `Authorization` header; empty without one. */
  authorization: string;
  contentType: string;
  body: string;
}

const IAT_LEEWAY_SEC = 60;
const PAGE_SIZE_MAX = 100;

const Modification = v.variant('action', [
  v.object({ action: v.picklist(['hangup', 'mute', 'unmute', 'earmuff', 'unearmuff']) }),
  v.object({
    action: v.literal('transfer'),
    destination: v.object({ type: v.literal('ncco'), ncco: v.array(v.unknown()) }),
  }),
]);

/** The calls part of the Voice API (source: Vonage Voice API reference), and the account's own APIs. */
export class RestApi {
  readonly #platform: Platform;
  readonly #calls: Calls;
  readonly #account: AccountApi;
  readonly #key: KeyObject;
  readonly #callLimit: RateLimit;
  readonly #requestLimit: RateLimit;

  constructor(platform: Platform, calls: Calls) {
    const { account, settings } = platform;
    this.#platform = platform;
    this.#calls = calls;
    this.#account = new AccountApi(platform);
    this.#key = readPublicKey(account.publicKeyPem);
    this.#callLimit = new RateLimit(settings.callsPerSecond);
    this.#requestLimit = new RateLimit(settings.requestsPerSecond);
  }

  /** The answer, and what to do once it is on its way. */
  answer(request: RestRequest): { reply: RestReply; afterwards?: () => void } {
    const reply = this.#account.answer(request);
    if (reply) return { reply };
    const [, version, resource, uuid, part, ...rest] = request.path.split('/');
    if (version !== 'v1' || resource !== 'calls' || rest.length > 0) return { reply: refusal(404) };
    if (!this.#isAuthorized(request.authorization)) return { reply: refusal(401) };
    const isCreation = request.method === 'POST' && uuid === undefined;
    const limit = isCreation ? this.#callLimit : this.#requestLimit;
    if (!limit.allows(this.#platform.clock.nowMs())) return { reply: refusal(429) };
    if (isCreation) return this.#create(request);
    if (request.method === 'GET' && uuid === undefined) return { reply: this.#list(request.query) };
    const found = this.#calls.find(uuid ?? '');
    if (!found) return { reply: refusal(404) };
    if (part !== undefined) {
      const isKnown = ['talk', 'stream', 'dtmf'].includes(part) && ['PUT', 'DELETE'].includes(request.method);
      return { reply: isKnown ? { status: 200, body: { message: 'OK', uuid } } : refusal(404) };
    }
    if (request.method === 'GET') return { reply: { status: 200, body: detailOf(found.call) } };
    if (request.method === 'PUT') return { reply: this.#modify(found, request) };
    return { reply: refusal(404) };
  }

  #isAuthorized(authorization: string): boolean {
    const [scheme, token] = authorization.split(' ');
    if (scheme !== 'Bearer' || token === undefined) return false;
    const claims = verifyRs256(token, this.#key);
    if (!claims || claims['application_id'] !== this.#platform.account.applicationId) return false;
    const nowSec = platformMs(this.#platform) / 1000;
    const { exp, iat } = claims;
    return (
      typeof exp === 'number' && exp > nowSec && typeof iat === 'number' && iat <= nowSec + IAT_LEEWAY_SEC
    );
  }

  #create(request: RestRequest): { reply: RestReply; afterwards?: () => void } {
    const body = readJson(request);
    if (body === undefined) return { reply: refusal(400) };
    const parsed = parseCallRequest(body, this.#platform.settings);
    if (parsed.kind === 'invalid') return { reply: refusal(400, parsed.parameters) };
    const created = this.#calls.create(parsed.call);
    const { uuid, conversationUuid } = created.call;
    const reply = {
      status: 201,
      body: { uuid, status: 'started', direction: 'outbound', conversation_uuid: conversationUuid },
    };
    return { reply, afterwards: () => created.place() };
  }

  #list(query: URLSearchParams): RestReply {
    const pageSize = Math.min(numberOf(query, 'page_size', 10), PAGE_SIZE_MAX);
    const firstIndex = numberOf(query, 'record_index', 0);
    const status = query.get('status');
    const conversation = query.get('conversation_uuid');
    const startMs = timeOf(query, 'date_start', -Infinity);
    const endMs = timeOf(query, 'date_end', Infinity);
    const matching = this.#calls
      .all()
      .filter((call) => status === null || call.status === status)
      .filter((call) => conversation === null || call.conversationUuid === conversation)
      .filter((call) => call.createdAtMs >= startMs && call.createdAtMs <= endMs);
    if (query.get('order') === 'desc') matching.reverse();
    const calls = matching.slice(firstIndex, firstIndex + pageSize).map(detailOf);
    const next = firstIndex + pageSize;
    const links = { self: linkTo(query), ...(next < matching.length ? { next: linkTo(query, next) } : {}) };
    return {
      status: 200,
      body: {
        count: matching.length,
        page_size: pageSize,
        record_index: firstIndex,
        _links: links,
        _embedded: { calls },
      },
    };
  }

  #modify(target: ControlledCall, request: RestRequest): RestReply {
    const { call } = target;
    const ageMs = this.#platform.clock.nowMs() - call.createdAtMs;
    if (call.isOver || ageMs < this.#platform.settings.settleMs) return refusal(400);
    const parsed = v.safeParse(Modification, readJson(request));
    if (!parsed.success) return refusal(400, { action: 'is not known' });
    const order = parsed.output;
    switch (order.action) {
      case 'hangup':
        this.#platform.tell({ kind: 'hang-up', uuid: call.uuid });
        target.hangUp();
        break;
      case 'earmuff':
      case 'unearmuff':
        target.setEarmuffs(order.action === 'earmuff');
        break;
      case 'transfer': {
        const ncco = parseNcco(order.destination.ncco);
        if (!ncco) return refusal(400, { destination: 'is not an NCCO' });
        target.transfer(ncco);
        break;
      }
      case 'mute':
      case 'unmute':
        break; // nobody hears a call anyway: conversations play their source
      default:
        order satisfies never;
    }
    return { status: 204, body: undefined };
  }
}

function readJson(request: RestRequest): unknown {
  if (!request.contentType.startsWith('application/json')) return undefined;
  try {
    return JSON.parse(request.body);
  } catch {
    return undefined; // the caller refuses it like any other wrong body
  }
}

function detailOf(call: Call): Record<string, unknown> {
  const { kind, to, from, direction } = call.plan;
  return {
    _links: { self: { href: `/v1/calls/${call.uuid}` } },
    uuid: call.uuid,
    conversation_uuid: call.conversationUuid,
    to: kind === 'websocket' ? { type: kind, uri: to } : { type: kind, number: to },
    from: { type: 'phone', number: from },
    status: call.status,
    direction,
    ...call.bill(),
  };
}

function numberOf(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value : otherwise;
}

function timeOf(query: URLSearchParams, name: string, otherwise: number): number {
  const atMs = Date.parse(query.get(name) ?? '');
  return Number.isNaN(atMs) ? otherwise : atMs;
}

function linkTo(query: URLSearchParams, recordIndex?: number): { href: string } {
  const params = new URLSearchParams(query);
  if (recordIndex !== undefined) params.set('record_index', String(recordIndex));
  // Absolute, because the SDK parses it with `new URL`.
  return { href: `https://api.nexmo.com/v1/calls?${params.toString()}` };
}
