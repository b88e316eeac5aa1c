import { BoundedList } from './bounded-list.ts';
import type { ClockScope } from './clock.ts';
import type { WebhookFault } from './fault.ts';
import { HttpCaller } from './http-caller.ts';
import type { HttpReply } from './http-caller.ts';
import { sha256Hex, signHs256 } from './jwt.ts';
import type { Account, Settings } from './options.ts';
import type { SimulatorHappening } from './simulator-event.ts';

/** A webhook to send. `fields` become a JSON body, or the query of a GET. */
export interface WebhookOrder {
  /** The call it is about. */
  uuid: string;
  url: string;
  method: 'GET' | 'POST';
  fields: Record<string, unknown>;
}

/** A webhook as it went out: one entry for each attempt. */
export interface WebhookRecord {
  /** The call it is about. */
  uuid: string;
  url: string;
  method: 'GET' | 'POST';
  /** The field `status`, where there is one. */
  status: string | undefined;
  /** The exact text sent; empty for a GET. */
  body: string;
  /** The bearer token sent; empty when the webhook went out unsigned. */
  token: string;
  /** Unix milliseconds of sending. */
  atMs: number;
  /** Undefined when no answer came. */
  responseStatus: number | undefined;
  latencyMs: number;
}

const REMEMBERED = 1000;
const STALE_SEC = 3600;
const RETRIED_STATUSES = [429, 502, 503, 504];

/**
 * Signs and sends webhooks (source: Vonage, "Signed webhooks"): HS256 over the account's claims with the SHA-256
 * of the exact body, one retry when no answer came or the status is 429, 502, 503 or 504.
 */
export class WebhookSender {
  readonly #account: Account;
  readonly #settings: Settings;
  readonly #clock: ClockScope;
  readonly #caller: HttpCaller;
  readonly #sent = new BoundedList<WebhookRecord>(REMEMBERED);
  readonly #tell: (happening: SimulatorHappening) => void;

  constructor(
    account: Account,
    settings: Settings,
    clock: ClockScope,
    tell: (happening: SimulatorHappening) => void,
  ) {
    this.#account = account;
    this.#settings = settings;
    this.#clock = clock;
    this.#caller = new HttpCaller(clock, settings.allowRemote);
    this.#tell = tell;
  }

  /** Every attempt, oldest first; at most the last 1000. */
  records(): WebhookRecord[] {
    return this.#sent.all();
  }

  /** Sends with these faults, and gives the last answer, or `undefined` when there was none. */
  async send(order: WebhookOrder, faults: readonly WebhookFault[] = []): Promise<HttpReply | undefined> {
    const kinds = new Set(faults.map((fault) => fault.kind));
    const first = this.#write(order, kinds);
    let reply = await this.#attempt(order, first);
    if (kinds.has('webhookTwice')) reply = await this.#attempt(order, first);
    // "An unsigned callback is possible; answer 5xx to get a signed retry" (the same source).
    const wantsSigned = first.token === '' && reply !== undefined && reply.status >= 500;
    if (wantsSigned || !reply || RETRIED_STATUSES.includes(reply.status)) {
      reply = await this.#attempt(order, wantsSigned ? this.#write(order, new Set()) : first);
    }
    return reply;
  }

  /** A bearer token of the account, for a payload or (WebSocket upgrades) for none. */
  token(payload: string | undefined, faultKinds: ReadonlySet<WebhookFault['kind']> = new Set()): string {
    const { apiKey, applicationId, signatureSecret } = this.#account;
    const nowSec = Math.floor(this.#clock.nowMs() / 1000);
    const claims = {
      iat: faultKinds.has('webhookStale') ? nowSec - STALE_SEC : nowSec,
      jti: this.#settings.newId(),
      iss: 'Vonage',
      ...(payload === undefined ? {} : { payload_hash: sha256Hex(payload) }),
      api_key: apiKey,
      application_id: applicationId,
    };
    return signHs256(
      claims,
      faultKinds.has('webhookBadSecret') ? `${signatureSecret}-wrong` : signatureSecret,
    );
  }

  /** Ends the webhooks under way and sends no more. */
  close(): void {
    this.#caller.close();
  }

  #write(
    order: WebhookOrder,
    kinds: ReadonlySet<WebhookFault['kind']>,
  ): { url: string; body: string; token: string } {
    const payload = JSON.stringify(order.method === 'POST' ? order.fields : textFields(order.fields));
    const token = kinds.has('webhookUnsigned') ? '' : this.token(payload, kinds);
    const fields = kinds.has('webhookTampered') ? { ...order.fields, tampered: true } : order.fields;
    if (order.method === 'POST') return { url: order.url, body: JSON.stringify(fields), token };
    return { url: withQuery(order.url, textFields(fields)), body: '', token };
  }

  async #attempt(
    order: WebhookOrder,
    written: { url: string; body: string; token: string },
  ): Promise<HttpReply | undefined> {
    const atMs = this.#clock.nowMs();
    const { url, body, token } = written;
    const reply = await this.#caller.call({
      url,
      body,
      method: order.method,
      headers: {
        ...(body === '' ? {} : { 'content-type': 'application/json' }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    const status = typeof order.fields['status'] === 'string' ? order.fields['status'] : undefined;
    const responseStatus = reply?.status;
    const latencyMs = this.#clock.nowMs() - atMs;
    const { uuid, method } = order;
    this.#sent.push({ uuid, url, method, status, body, token, atMs, responseStatus, latencyMs });
    this.#tell({ kind: 'webhook', uuid, status, responseStatus });
    return reply;
  }
}

function textFields(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function withQuery(url: string, fields: Record<string, string>): string {
  const query = new URLSearchParams(fields).toString();
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}
