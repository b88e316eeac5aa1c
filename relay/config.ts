import { createPrivateKey } from 'node:crypto';
import * as v from 'valibot';
import type { RoomId } from '../wire/room-id.ts';
import type { LogLevel } from './log.ts';
import {
  SETTING_NAMES,
  SettingsSchema,
  isSecret,
  type RoomSettings,
  type SettingName,
  type Settings,
} from './settings.ts';

/** What is wrong with a setting and how to mend it. */
export interface ConfigFault {
  name: string;
  detail: string;
}

/** A room as the relay runs it. */
export interface RoomConfig {
  id: RoomId;
  title: string;
  source: 'vonage' | 'l16';
  conversation: string;
  number: string | undefined;
  access: 'open' | 'ticket';
  showListeners: boolean;
  chunkMs: number;
}

/** The Vonage application, complete. */
export interface VonageConfig {
  applicationId: string;
  privateKey: string;
  signatureSecret: string;
  apiKey: string;
  from: string;
  apiHost: string;
  lengthTimerSec: number;
}

/** Everything the relay is told, checked once and never changed. */
export interface Config {
  host: string;
  port: number;
  publicUrl: string;
  logLevel: LogLevel;
  lingerMs: number;
  stalledMs: number;
  retryWindowMs: number;
  ticketSecret: string | undefined;
  vonage: VonageConfig | undefined;
  rooms: readonly RoomConfig[];
}

/** Where settings come from; for each, flags win over environment over file over default. */
export interface ConfigSources {
  /** Flag name without dashes to value: `vonage-from` to `442037831800`. */
  flags: Readonly<Record<string, string>>;
  /** Environment: `CONF_VONAGE_FROM`. */
  env: Readonly<Record<string, string | undefined>>;
  /** Text of `conf-relay.json`, or undefined where there is none. */
  fileText: string | undefined;
  /** Reads the file that a `…_FILE` setting names; throws when it cannot. */
  readText: (path: string) => string;
}

/** Result of {@link readConfig}. */
export type ConfigReading =
  | { kind: 'config'; config: Config }
  | { kind: 'faults'; faults: readonly ConfigFault[] };

/** The environment variable of a setting: `vonage.applicationId` is `CONF_VONAGE_APPLICATION_ID`. */
export function envName(name: string): string {
  return `CONF_${snake(name).toUpperCase()}`;
}

/** The flag of a setting, without dashes: `vonage-application-id`. */
export function flagName(name: string): string {
  return snake(name).replaceAll('_', '-');
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('.', '_');
}

/** Reads and checks the whole configuration; names every fault at once. */
export function readConfig(sources: ConfigSources): ConfigReading {
  const faults: ConfigFault[] = [];
  const file = parseFile(sources.fileText, faults);
  refuseUnknown(sources, file, faults);
  const given = new Map<SettingName, unknown>();
  for (const name of SETTING_NAMES) given.set(name, valueOf(name, sources, file, faults));

  const result = v.safeParse(SettingsSchema, Object.fromEntries(given));
  if (!result.success) {
    for (const issue of result.issues) {
      faults.push({ name: v.getDotPath(issue) ?? 'conf-relay.json', detail: issue.message });
    }
    return { kind: 'faults', faults };
  }
  const config = resolve(result.output, faults);
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'config', config };
}

function resolve(settings: Settings, faults: ConfigFault[]): Config {
  const { host, port, logLevel, lingerMs, stalledMs, retryWindowMs, ticketSecret } = settings;
  const vonageNamed = SETTING_NAMES.some(
    (name) => name.startsWith('vonage.') && settings[name] !== v.getDefault(SettingsSchema.entries[name]),
  );
  const rooms = settings.rooms.map((room) =>
    resolveRoom(room, settings.chunkMs, vonageNamed ? 'vonage' : 'l16'),
  );
  const dials = rooms.some(({ source }) => source === 'vonage');
  for (const { id, access } of rooms) {
    if (access === 'ticket' && ticketSecret === undefined) {
      faults.push({
        name: 'ticketSecret',
        detail: `is missing, and room "${id}" wants tickets; set ${envName('ticketSecret')}`,
      });
    }
  }
  return {
    host,
    port,
    logLevel,
    lingerMs,
    stalledMs,
    retryWindowMs,
    ticketSecret,
    rooms,
    publicUrl: settings.publicUrl ?? `http://${host}:${port}`,
    vonage: dials ? resolveVonage(settings, faults) : undefined,
  };
}

function resolveRoom(room: RoomSettings, chunkMs: number, source: 'vonage' | 'l16'): RoomConfig {
  const { id, title, conversation, number, access, showListeners } = room;
  return {
    id,
    number,
    access,
    showListeners,
    chunkMs,
    title: title ?? id,
    source: room.source ?? source,
    conversation: conversation ?? id,
  };
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

function resolveVonage(settings: Settings, faults: ConfigFault[]): VonageConfig {
  const need = (name: keyof typeof VONAGE_FIXES): string => {
    const value = settings[name];
    if (value !== undefined) return value;
    faults.push({ name, detail: `is missing; ${VONAGE_FIXES[name]} (${envName(name)})` });
    return '';
  };
  need('publicUrl');
  const privateKey = need('vonage.privateKey').replaceAll(String.raw`\n`, '\n');
  if (privateKey !== '' && !isPrivateKey(privateKey)) {
    faults.push({
      name: 'vonage.privateKey',
      detail: 'is not a PEM private key; give the file that the dashboard made',
    });
  }
  return {
    applicationId: need('vonage.applicationId'),
    privateKey,
    signatureSecret: need('vonage.signatureSecret'),
    apiKey: need('vonage.apiKey'),
    from: need('vonage.from'),
    apiHost: settings['vonage.apiHost'],
    lengthTimerSec: settings['vonage.lengthTimerSec'],
  };
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false; // not PEM, or of an unknown kind: the caller names the setting
  }
}

function valueOf(
  name: SettingName,
  { flags, env, readText }: ConfigSources,
  file: ReadonlyMap<string, unknown>,
  faults: ConfigFault[],
): unknown {
  const direct = flags[flagName(name)] ?? env[envName(name)] ?? file.get(name);
  if (direct !== undefined || !isSecret(name)) return direct;
  const path = flags[`${flagName(name)}-file`] ?? env[`${envName(name)}_FILE`] ?? file.get(`${name}File`);
  if (typeof path !== 'string') return undefined;
  try {
    return readText(path).trim();
  } catch {
    faults.push({ name, detail: `names a file that cannot be read: ${path}` });
    return undefined;
  }
}

function refuseUnknown(
  sources: ConfigSources,
  file: ReadonlyMap<string, unknown>,
  faults: ConfigFault[],
): void {
  const names = SETTING_NAMES.flatMap((name) => (isSecret(name) ? [name, `${name}File`] : [name]));
  const flags = new Set(names.map(flagName));
  const envs = new Set(names.map(envName));
  const known = new Set<string>(names);
  for (const flag of Object.keys(sources.flags)) if (!flags.has(flag)) faults.push(unknownName(`--${flag}`));
  for (const name of file.keys()) if (!known.has(name)) faults.push(unknownName(name));
  for (const name of Object.keys(sources.env)) {
    if (name.startsWith('CONF_') && name !== 'CONF_CONFIG' && !envs.has(name)) faults.push(unknownName(name));
  }
}

function unknownName(name: string): ConfigFault {
  return { name, detail: 'is not a setting; "conf-relay check" lists them' };
}

/** The settings file as dotted names; lists stay whole. */
function parseFile(text: string | undefined, faults: ConfigFault[]): ReadonlyMap<string, unknown> {
  const flat = new Map<string, unknown>();
  if (text === undefined) return flat;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())), text);
  if (!parsed.success) {
    faults.push({ name: 'conf-relay.json', detail: 'is not a JSON object' });
    return flat;
  }
  for (const [name, value] of Object.entries(parsed.output)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) flat.set(name, value);
    else for (const [inner, innerValue] of Object.entries(value)) flat.set(`${name}.${inner}`, innerValue);
  }
  return flat;
}
