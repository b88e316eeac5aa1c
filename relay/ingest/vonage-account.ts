import { Auth } from '@vonage/auth';
import * as v from 'valibot';
import type { Account, AccountAnswer, ApplicationFacts } from '../account.ts';
import { networkFault } from '../network-fault.ts';

/** The settings of these names; see config/settings.ts. */
export interface VonageAccountSettings {
  applicationId: string;
  privateKey: string;
  apiKey: string;
  /** Without it only {@link VonageAccount.calls} can be asked. */
  apiSecret: string | undefined;
  apiHost: string;
  restHost: string;
}

const TIMEOUT_MS = 5000;
const PAGE_NUMBERS = 100;
const MOST_PAGES = 10;
/** Applications of every region are kept in one place (source: Vonage Application API reference). */
const APPLICATIONS_HOST = 'https://api.nexmo.com';

const Webhook = v.optional(v.object({ address: v.optional(v.string()) }));

const Application = v.pipe(
  v.object({
    capabilities: v.object({
      voice: v.optional(
        v.object({
          webhooks: v.optional(v.object({ answer_url: Webhook, event_url: Webhook })),
          signed_callbacks: v.optional(v.boolean(), false),
          region: v.optional(v.string()),
        }),
      ),
    }),
  }),
  v.transform(({ capabilities: { voice } }): ApplicationFacts => ({
    voice: voice && {
      answerUrl: voice.webhooks?.answer_url?.address,
      eventUrl: voice.webhooks?.event_url?.address,
      signedCallbacks: voice.signed_callbacks,
      region: voice.region,
    },
  })),
);

/** A page of numbers; an account without any gets an empty object. */
const NumberPage = v.pipe(
  v.object({ numbers: v.optional(v.array(v.object({ msisdn: v.string() })), []) }),
  v.transform(({ numbers }) => numbers.map(({ msisdn }) => msisdn)),
);

const CallPage = v.pipe(
  v.object({ _embedded: v.object({ calls: v.array(v.unknown()) }) }),
  v.transform(() => null),
);

/**
 * The Vonage account through its REST APIs. Tokens are the SDK's; the requests are not, which hides the `Date` of an
 * answer and hangs the token on its errors.
 */
export class VonageAccount implements Account {
  readonly #settings: VonageAccountSettings;

  constructor(settings: VonageAccountSettings) {
    this.#settings = settings;
  }

  async calls(): Promise<AccountAnswer<null>> {
    const { apiHost, applicationId, privateKey } = this.#settings;
    const authorization = await new Auth({ applicationId, privateKey }).createBearerHeader();
    return ask(`${apiHost}/v1/calls?page_size=1`, authorization, CallPage);
  }

  async application(): Promise<AccountAnswer<ApplicationFacts>> {
    const { apiHost, applicationId } = this.#settings;
    const host = isVonage(apiHost) ? APPLICATIONS_HOST : apiHost;
    return ask(`${host}/v2/applications/${encodeURIComponent(applicationId)}`, this.#basic(), Application);
  }

  async numbers(): Promise<AccountAnswer<readonly string[]>> {
    const { restHost, applicationId } = this.#settings;
    const all: string[] = [];
    for (let index = 1; ; index++) {
      const query = new URLSearchParams({
        application_id: applicationId,
        size: String(PAGE_NUMBERS),
        index: String(index),
      });
      const page = await ask(`${restHost}/account/numbers?${query.toString()}`, this.#basic(), NumberPage);
      if (page.kind !== 'answer') return page;
      all.push(...page.value);
      if (page.value.length < PAGE_NUMBERS || index === MOST_PAGES) return { ...page, value: all };
    }
  }

  #basic(): string {
    const { apiKey, apiSecret = '' } = this.#settings;
    return `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  }
}

function isVonage(apiHost: string): boolean {
  return /\.(vonage|nexmo)\.com$/.test(new URL(apiHost).hostname);
}

async function ask<Schema extends v.GenericSchema>(
  url: string,
  authorization: string,
  schema: Schema,
): Promise<AccountAnswer<v.InferOutput<Schema>>> {
  try {
    const reply = await fetch(url, {
      headers: { authorization, accept: 'application/json' },
      // A secret goes where it was meant for, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const atMs = Date.parse(reply.headers.get('date') ?? '');
    const dateMs = Number.isNaN(atMs) ? undefined : atMs;
    if (reply.status !== 200) {
      await reply.body?.cancel();
      return { kind: 'refused', status: reply.status, dateMs };
    }
    const parsed = v.safeParse(schema, parseJson(await reply.text()));
    return parsed.success ? { kind: 'answer', value: parsed.output, dateMs } : { kind: 'unreadable', dateMs };
  } catch (error) {
    return { kind: 'no-answer', code: networkFault(error) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page: the schema refuses it
  }
}
