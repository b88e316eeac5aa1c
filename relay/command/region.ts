import { isLoopback } from '../config/loopback.ts';
import { failure, notChecked, ok, warning, type Finding } from './finding.ts';

/** The host of each region (source: Vonage Application API reference). */
const HOSTS = {
  'na-east': 'api-us-3.vonage.com',
  'na-west': 'api-us-4.vonage.com',
  'eu-west': 'api-eu-3.vonage.com',
  'eu-east': 'api-eu-4.vonage.com',
  'apac-sng': 'api-ap-3.vonage.com',
  'apac-australia': 'api-ap-4.vonage.com',
};
/** Hosts of before, by what the names of their regions begin with. */
const LEGACY_HOSTS = {
  'api-us-1.nexmo.com': 'na-',
  'api-us-2.nexmo.com': 'na-',
  'api-eu-1.nexmo.com': 'eu-',
  'api-eu-2.nexmo.com': 'eu-',
  'api-sg-1.nexmo.com': 'apac-',
};
/** Passes requests on to the right one. */
const ANY_HOST = 'api.nexmo.com';

/** Whether calls asked for at this host live where the application does: elsewhere they are not found again. */
export function regionFinding(
  what: string,
  region: string | undefined,
  { name, apiHost }: { name: string; apiHost: string },
): Finding {
  const { hostname } = new URL(apiHost);
  if (hostname === ANY_HOST) return ok(what, `${name} is right for any`);
  if (isLoopback(hostname)) return ok(what, `${name} is on this machine`);
  if (region === undefined) return notChecked(what, 'the application names none');
  const [, host] = Object.entries(HOSTS).find(([known]) => known === region) ?? [];
  if (hostname === host) return ok(what, `${name} is that of ${region}`);
  const [, prefix] = Object.entries(LEGACY_HOSTS).find(([known]) => known === hostname) ?? [];
  if (prefix !== undefined && region.startsWith(prefix))
    return ok(what, `${name} is an older one of ${region}`);
  const fix = `set it to https://${host ?? ANY_HOST}, or leave it out`;
  const isKnown = prefix !== undefined || Object.values<string>(HOSTS).includes(hostname);
  return isKnown
    ? failure(what, `${name} is ${hostname}, and the application lives in ${region}`, fix)
    : warning(what, `${name} is ${hostname}, which is no known host of ${region}`, fix);
}
