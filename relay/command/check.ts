import { createPrivateKey } from 'node:crypto';
import type { Account } from '../account.ts';
import type { Clock } from '../clock.ts';
import type { Config, ConfigReading } from '../config/config.ts';
import type { ConfigFault } from '../config/setting-sources.ts';
import { checkAccount } from './account-checks.ts';
import { failure, findingLine, findingSum, notChecked, ok, warning, type Finding } from './finding.ts';
import { dataDirFindings, nodeFinding, openFilesFinding } from './machine-checks.ts';
import { checkReach } from './reach-checks.ts';
import { printJson, type ExitCode, type Terminal } from './terminal.ts';

/** What `conf-relay check` looks through. */
export interface CheckParts {
  terminal: Terminal;
  clock: Clock;
  /** The account of the settings. */
  account: (vonage: NonNullable<Config['vonage']>) => Account;
  /** Such as `20.19.0`. */
  nodeVersion: string;
  /** Text of `/proc/self/limits`; undefined where there is none. */
  limits: string | undefined;
  /** Random letters and digits, by which the relay knows its own answer. */
  word: string;
}

/** How it is asked. */
export interface CheckWishes {
  /** Asks nobody outside, the public address included. */
  offline: boolean;
  json: boolean;
}

const SHORTEST_KEY_BITS = 2048;

/** Looks at everything, whatever fails of it, and tells; 2: the settings are wrong, 1: something else is. */
export async function check(
  reading: ConfigReading,
  wishes: CheckWishes,
  parts: CheckParts,
): Promise<ExitCode> {
  const { terminal } = parts;
  const findings = await findingsOf(reading, wishes.offline, parts);
  const isWell = !findings.some(({ status }) => status === 'fail');
  if (wishes.json) printJson(terminal, { ok: isWell, findings });
  else terminal.out(`${findings.map(findingLine).join('')}\n${findingSum(findings)}`);
  if (reading.kind === 'faults') return 2;
  return isWell ? 0 : 1;
}

async function findingsOf(reading: ConfigReading, offline: boolean, parts: CheckParts): Promise<Finding[]> {
  const node = nodeFinding(parts.nodeVersion);
  if (reading.kind === 'faults') {
    return [...reading.faults.map(faultFinding), node, notChecked('all else', 'the settings are wrong')];
  }
  const { config } = reading;
  const [dir, reach, account] = await Promise.all([
    dataDirFindings(config),
    checkReach(config, parts.word, offline),
    accountFindings(config, offline, parts),
  ]);
  return [
    ...settingFindings(config),
    node,
    openFilesFinding(parts.limits, config.limits.connections),
    ...dir,
    ...reach,
    ...account,
  ];
}

async function accountFindings(
  config: Config,
  offline: boolean,
  { account, clock }: CheckParts,
): Promise<Finding[]> {
  if (!config.vonage) return [notChecked('Vonage', 'no room is dialled')];
  if (offline) return [notChecked('Vonage', 'not with --offline')];
  return checkAccount(config, account(config.vonage), clock);
}

function settingFindings({ rooms, unsafe, vonage }: Config): Finding[] {
  const list = rooms.map(({ id, source }) => `${id} (${source})`).join(', ');
  return [
    ok('settings', `are right; rooms: ${list}`),
    ...unsafe.map(({ name, detail }) => {
      const [why, fix] = parted(detail);
      return warning(name, `${why} (let through by --insecure)`, fix);
    }),
    ...(vonage ? [keyFinding(vonage.privateKey)] : []),
  ];
}

/** `pem` is a private key: the settings are right. */
function keyFinding(pem: string): Finding {
  const what = 'vonage.privateKey';
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = createPrivateKey(pem);
  const fix = 'in the application choose "Generate public and private key" and keep the downloaded file';
  if (type !== 'rsa') return failure(what, `is ${type}, and the platform takes RSA only`, fix);
  const bits = details?.modulusLength ?? 0;
  return bits < SHORTEST_KEY_BITS
    ? warning(what, `is RSA of ${bits} bits only`, fix)
    : ok(what, `is an RSA key of ${bits} bits`);
}

function faultFinding({ name, detail }: ConfigFault): Finding {
  const [why, fix] = parted(detail);
  return fix === '' ? { status: 'fail', what: name, why } : failure(name, why, fix);
}

/** What is wrong, and what to do: parted by the first semicolon, as faults of settings are written. */
function parted(detail: string): [why: string, fix: string] {
  const at = detail.indexOf('; ');
  return at < 0 ? [detail, ''] : [detail.slice(0, at), detail.slice(at + 2)];
}
