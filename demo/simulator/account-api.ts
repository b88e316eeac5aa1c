import type { Platform } from './platform.ts';
import { refusal } from './rest-reply.ts';
import type { RestReply } from './rest-reply.ts';

const PAGE_SIZE = 10;
const PAGE_SIZE_MAX = 100;

/** What {@link AccountApi} reads of a request. */
interface AccountRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string;
}

/** The account's application and numbers (sources: Vonage Application API v2 and Numbers API references). */
export class AccountApi {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Undefined where the request is for another API. */
  answer({ method, path, query, authorization }: AccountRequest): RestReply | undefined {
    const [, id] = /^\/v2\/applications\/([^/]+)$/.exec(path) ?? [];
    if (method !== 'GET' || (id === undefined && path !== '/account/numbers')) return undefined;
    if (!this.#isAuthorized(authorization)) return refusal(401);
    const { applicationId } = this.#platform.account;
    if (id === undefined) return this.#numbers(query);
    return id === applicationId ? { status: 200, body: this.#application() } : refusal(404);
  }

  #isAuthorized(authorization: string): boolean {
    const { account, settings } = this.#platform;
    const [scheme, token = ''] = authorization.split(' ');
    if (scheme !== 'Basic' || settings.apiSecret === undefined) return false;
    return Buffer.from(token, 'base64').toString() === `${account.apiKey}:${settings.apiSecret}`;
  }

  #application(): object {
    const { account, settings } = this.#platform;
    const { answerUrl, eventUrl, region, signedCallbacks } = settings;
    return {
      id: account.applicationId,
      name: 'conf-listener',
      capabilities: {
        voice: {
          webhooks: { answer_url: webhook(answerUrl, 'GET'), event_url: webhook(eventUrl, 'POST') },
          signed_callbacks: signedCallbacks,
          region,
        },
      },
      keys: { public_key: account.publicKeyPem },
      privacy: { improve_ai: false },
      _links: { self: { href: `/v2/applications/${account.applicationId}` } },
    };
  }

  #numbers(query: URLSearchParams): RestReply {
    const { account, settings } = this.#platform;
    const asked = query.get('application_id');
    const owned = asked === null || asked === account.applicationId ? settings.numbers : [];
    // An account without numbers gets an empty object.
    if (owned.length === 0) return { status: 200, body: {} };
    const size = Math.min(Number(query.get('size') ?? PAGE_SIZE), PAGE_SIZE_MAX);
    const first = (Number(query.get('index') ?? 1) - 1) * size;
    const numbers = owned.slice(first, first + size).map((msisdn) => ({
      country: 'GB',
      msisdn,
      type: 'landline',
      features: ['VOICE'],
      app_id: account.applicationId,
    }));
    return { status: 200, body: { count: owned.length, numbers } };
  }
}

function webhook(address: string | undefined, method: string): object | undefined {
  return address === undefined ? undefined : { address, http_method: method };
}
