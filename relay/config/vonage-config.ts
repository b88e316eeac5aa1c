import { createPrivateKey } from 'node:crypto';
import { envName, type ConfigFault } from './setting-sources.ts';
import type { Settings } from './settings.ts';

/** The Vonage application, complete. */
export interface VonageConfig {
  applicationId: string;
  privateKey: string;
  signatureSecret: string;
  apiKey: string;
  from: string;
  apiHost: string;
  lengthTimerSec: number;
  replaceBeforeSec: number;
  /** Only for looking at the account (`check`). */
  apiSecret: string | undefined;
  restHost: string;
}

/** What to do about each Vonage setting that is missing; steps as the dashboard names them. */
const VONAGE_FIXES = {
  publicUrl: 'the platform must reach the relay: give its public https origin',
  'vonage.applicationId': 'create an application with Voice in the Vonage dashboard and copy its id',
  'vonage.privateKey':
    'in the application choose "Generate public and private key" and keep the downloaded file',
  'vonage.signatureSecret': 'copy the signature secret from the dashboard’s API settings',
  'vonage.apiKey': 'copy the API key from the dashboard’s first page',
  'vonage.from': 'link a number to the application and write it here, E.164 digits without +',
} as const;

/** What is wrong with a text that is no key. */
export const NO_PRIVATE_KEY = 'is not a PEM private key; give the file that the dashboard made';

/** What the settings say of the application; what is missing goes to `faults`. */
export function resolveVonage(settings: Settings, faults: ConfigFault[]): VonageConfig {
  const need = (name: keyof typeof VONAGE_FIXES): string => {
    const value = settings[name];
    if (value !== undefined) return value;
    faults.push({ name, detail: `is missing; ${VONAGE_FIXES[name]} (${envName(name)})` });
    return '';
  };
  need('publicUrl');
  const privateKey = need('vonage.privateKey').replaceAll(String.raw`\n`, '\n');
  if (privateKey !== '' && !isPrivateKey(privateKey)) {
    faults.push({ name: 'vonage.privateKey', detail: NO_PRIVATE_KEY });
  }
  return {
    applicationId: need('vonage.applicationId'),
    privateKey,
    signatureSecret: need('vonage.signatureSecret'),
    apiKey: need('vonage.apiKey'),
    from: need('vonage.from'),
    apiHost: settings['vonage.apiHost'],
    lengthTimerSec: settings['vonage.lengthTimerSec'],
    replaceBeforeSec: Math.min(settings['vonage.replaceBeforeSec'], settings['vonage.lengthTimerSec'] / 4),
    apiSecret: settings['vonage.apiSecret'],
    restHost: settings['vonage.restHost'],
  };
}

/** Whether a text is a private key in PEM. */
export function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false; // not PEM, or of an unknown kind: the caller names the setting
  }
}
