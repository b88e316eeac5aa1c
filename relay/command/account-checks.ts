import type { Account, AccountAnswer, ApplicationFacts } from '../account.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { RoomConfig } from '../config/room-config.ts';
import type { VonageConfig } from '../config/vonage-config.ts';
import { networkAdvice } from '../network-fault.ts';
import { failure, notChecked, ok, warning, type Finding } from './finding.ts';
import { regionFinding } from './region.ts';

const SKEW_WARN_SEC = 30;
/** The platform refuses tokens that are from so far ahead. */
const SKEW_FAIL_SEC = 60;

/** What is looked at with the API secret. */
const WITH_SECRET = ['answer URL', 'event URL', 'signed callbacks', 'region', 'linked numbers'];

/** Looks at the platform's side: clock, key, application and numbers, all at once. */
export async function checkAccount(config: Config, account: Account, clock: Clock): Promise<Finding[]> {
  const { vonage } = config;
  if (!vonage) return [];
  const hasSecret = vonage.apiSecret !== undefined;
  const [[calls, wallMs], application, numbers] = await Promise.all([
    account.calls().then((answer) => [answer, clock.wallMs()] as const),
    hasSecret ? account.application() : undefined,
    hasSecret ? account.numbers() : undefined,
  ]);
  const skewSec =
    calls.kind === 'no-answer' || calls.dateMs === undefined ? undefined : (wallMs - calls.dateMs) / 1000;
  const first = [clockFinding(skewSec), apiFinding(calls, vonage, skewSec)];
  if (!application || !numbers) {
    return [...first, ...WITH_SECRET.map((what) => notChecked(what, 'set vonage.apiSecret'))];
  }
  return [
    ...first,
    ...applicationFindings(application, config, vonage),
    ...numberFindings(numbers, config, vonage),
  ];
}

/** `skewSec`: how far this machine's clock is ahead; undefined where the platform did not say what time it is. */
function clockFinding(skewSec: number | undefined): Finding {
  if (skewSec === undefined) return notChecked('clock', 'the platform does not say what time it is');
  const far = Math.abs(skewSec);
  const text = `${Math.round(far)} s ${skewSec > 0 ? 'ahead of' : 'behind'} the platform’s`;
  const fix = 'set it by the network: timedatectl set-ntp true; then look: timedatectl';
  if (far > SKEW_FAIL_SEC) return failure('clock', `is ${text}: keys and signatures are refused`, fix);
  if (far > SKEW_WARN_SEC) return warning('clock', `is ${text}: soon keys will be refused`, fix);
  return ok('clock', 'is within 30 s of the platform’s');
}

function apiFinding(
  answer: AccountAnswer<null>,
  { apiHost }: VonageConfig,
  skewSec: number | undefined,
): Finding {
  const what = 'Vonage API';
  if (answer.kind === 'refused' && answer.status === 401) {
    if (Math.abs(skewSec ?? 0) > SKEW_FAIL_SEC) {
      return notChecked(what, 'it refuses every key while the clock is wrong; mend that first');
    }
    const fix =
      'take vonage.applicationId and vonage.privateKey from the same application; or make a new key there ("Generate public and private key") and keep its file';
    return failure(what, `${apiHost} refuses the key (401)`, fix);
  }
  return answer.kind === 'answer'
    ? ok(what, `${apiHost} takes the key`)
    : unanswered(what, answer, 'vonage.apiHost');
}

/** What to say of no answer, or of none that says anything. */
function unanswered(
  what: string,
  answer: Exclude<AccountAnswer<unknown>, { kind: 'answer' }>,
  setting: string,
): Finding {
  switch (answer.kind) {
    case 'no-answer': {
      const { why, fix } = networkAdvice(answer.code);
      return failure(what, `${setting}: ${why}`, fix);
    }
    case 'unreadable':
      return failure(what, 'its answer is none of this API', `take the default of ${setting}`);
    case 'refused':
      return answer.status === 429 || answer.status >= 500
        ? warning(what, `is not well (${answer.status})`, 'run "conf-relay check" again in a minute')
        : failure(
            what,
            `refuses to answer (${answer.status})`,
            `look at ${setting}, and at the account in the Vonage dashboard`,
          );
    default:
      return answer satisfies never;
  }
}

function applicationFindings(
  answer: AccountAnswer<ApplicationFacts>,
  config: Config,
  vonage: VonageConfig,
): Finding[] {
  const [answerUrl = '', eventUrl = '', callbacks = '', region = ''] = WITH_SECRET;
  const untold = [answerUrl, eventUrl, callbacks, region];
  if (answer.kind !== 'answer') {
    return [
      applicationFault(answer),
      ...untold.map((what) => notChecked(what, 'the application cannot be read')),
    ];
  }
  const { voice } = answer.value;
  if (!voice) {
    const fix = 'switch Voice on in the application, in the Vonage dashboard';
    const missing = failure('application', 'has no Voice', fix);
    return [missing, ...untold.map((what) => notChecked(what, 'the application has no Voice'))];
  }
  return [
    webhookFinding(answerUrl, voice.answerUrl, `${config.publicUrl}/vonage/answer`),
    webhookFinding(eventUrl, voice.eventUrl, `${config.publicUrl}/vonage/event`),
    voice.signedCallbacks
      ? ok(callbacks, 'are on')
      : failure(
          callbacks,
          'are off: the relay refuses what is not signed',
          'tick "Use signed webhooks" in the application’s Voice settings',
        ),
    ...regionFindings(region, voice.region, dialled(config), vonage),
  ];
}

function applicationFault(answer: Exclude<AccountAnswer<unknown>, { kind: 'answer' }>): Finding {
  if (answer.kind === 'refused' && answer.status === 401) {
    const fix = 'copy vonage.apiKey and vonage.apiSecret from the Vonage dashboard’s API settings';
    return failure('application', 'the account refuses the API key or secret (401)', fix);
  }
  if (answer.kind === 'refused' && answer.status === 404) {
    return failure(
      'application',
      'the account has none of this id (404)',
      'copy vonage.applicationId from the Vonage dashboard',
    );
  }
  return unanswered('application', answer, 'vonage.apiHost');
}

function webhookFinding(what: string, found: string | undefined, wanted: string): Finding {
  if (found === wanted) return ok(what, `is ${wanted}`);
  const why = found === undefined ? 'is not set' : `is ${bareAddress(found)}`;
  return failure(what, why, `in the application’s Voice settings set it to ${wanted}`);
}

/** Without what may be secret in it. */
function bareAddress(url: string): string {
  if (!URL.canParse(url)) return 'no address';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.slice(0, 200);
}

function regionFindings(
  what: string,
  region: string | undefined,
  rooms: readonly RoomConfig[],
  { apiHost }: VonageConfig,
): Finding[] {
  const others = rooms.flatMap((room) =>
    room.apiHost === undefined ? [] : [{ name: `apiHost of room "${room.id}"`, apiHost: room.apiHost }],
  );
  return [{ name: 'vonage.apiHost', apiHost }, ...others].map((one) => regionFinding(what, region, one));
}

function numberFindings(
  answer: AccountAnswer<readonly string[]>,
  config: Config,
  { from }: VonageConfig,
): Finding[] {
  const what = 'linked numbers';
  if (answer.kind !== 'answer') return [unanswered(what, answer, 'vonage.restHost')];
  const linked = new Set(answer.value);
  const named = dialled(config).flatMap(({ id, number }) =>
    number === undefined ? [] : [{ name: `number of room "${id}"`, number }],
  );
  const all = [{ name: 'vonage.from', number: from }, ...named];
  const missing = all.filter(({ number }) => !linked.has(number));
  if (missing.length === 0)
    return [ok(what, `all ${all.length} of the settings are linked to the application`)];
  // The numbers themselves stay untold, as everywhere.
  return missing.map(({ name }) =>
    failure(
      name,
      'is not linked to the application',
      'link it under Numbers in the Vonage dashboard, or write one that is',
    ),
  );
}

function dialled({ rooms }: Config): RoomConfig[] {
  return rooms.filter(({ source }) => source === 'vonage');
}
