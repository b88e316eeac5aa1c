import { createPrivateKey } from 'node:crypto';
import * as v from 'valibot';
import type { RoomId } from '../../wire/room-id.ts';
import type { AdmissionLimits } from '../access/admission.ts';
import type { LogLevel } from '../log.ts';
import { contradictions } from './contradictions.ts';
import { debugFaults } from './debug-output.ts';
import { envName, gatherSettings, type ConfigFault, type ConfigSources } from './setting-sources.ts';
import type { RoomSettings } from './room-settings.ts';
import { unsafeSettings } from './safety.ts';
import { schemaFault } from './schema-fault.ts';
import { SETTING_NAMES, SettingsSchema, type Settings } from './settings.ts';

/** A room as the relay runs it. */
export interface RoomConfig {
  id: RoomId;
  title: string;
  source: 'vonage' | 'l16';
  conversation: string;
  number: string | undefined;
  /** What talkers key in; undefined where nobody is asked. */
  pin: string | undefined;
  /** What the host keys in; the room is moderated where there is one. */
  hostPin: string | undefined;
  access: 'open' | 'origin' | 'ticket';
  /** Pages of which origins may play it (origins.ts); empty: of any. */
  origins: readonly string[];
  silence: 'suppress' | 'send';
  showListeners: boolean;
  chunkMs: number;
}

/** Whose tickets are taken. */
export interface TicketConfig {
  /** Signs tickets, HS256; undefined where nobody set one. */
  secret: string | undefined;
  previousSecret: string | undefined;
  /** Key set of an identity provider. */
  jwksUrl: string | undefined;
  /** What `iss` must be, where it is set. */
  issuer: string | undefined;
  audience: string;
}

/** The admin listener. */
export interface AdminConfig {
  host: string;
  port: number;
  key: string;
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
  /** Who offers the player, as other sites name it. */
  providerName: string;
  logLevel: LogLevel;
  lingerMs: number;
  stalledMs: number;
  retryWindowMs: number;
  limits: AdmissionLimits;
  trustProxy: number;
  tickets: TicketConfig;
  /** Undefined where nobody set a key. */
  admin: AdminConfig | undefined;
  /** What is unsafe and was let through by `insecure`. */
  unsafe: readonly ConfigFault[];
  vonage: VonageConfig | undefined;
  rooms: readonly RoomConfig[];
}

/** Result of {@link readConfig}. */
export type ConfigReading =
  | { kind: 'config'; config: Config }
  | { kind: 'faults'; faults: readonly ConfigFault[] };

/** More than that is no slip of the pen. */
const MOST_FAULTS = 50;

/** Reads and checks the whole configuration; names every fault at once, of very many the first 50. */
export function readConfig(sources: ConfigSources): ConfigReading {
  const faults: ConfigFault[] = [];
  const given = gatherSettings(sources, faults);
  const result = v.safeParse(SettingsSchema, Object.fromEntries(given));
  if (!result.success) return refused([...faults, ...result.issues.slice(0, MOST_FAULTS).map(schemaFault)]);
  const settings = result.output;
  const config = resolve(settings, faults);
  faults.push(
    ...contradictions(settings, config.rooms).slice(0, MOST_FAULTS),
    ...debugFaults(sources.env, config.vonage !== undefined),
  );
  const unsafe = unsafeSettings(settings, config.rooms);
  if (!settings.insecure) faults.push(...unsafe.slice(0, MOST_FAULTS).map(withWayOut));
  return faults.length > 0 ? refused(faults) : { kind: 'config', config: { ...config, unsafe } };
}

function refused(faults: readonly ConfigFault[]): ConfigReading {
  return { kind: 'faults', faults: faults.slice(0, MOST_FAULTS) };
}

function withWayOut({ name, detail }: ConfigFault): ConfigFault {
  return { name, detail: `${detail}; or start with --insecure` };
}

function resolve(settings: Settings, faults: ConfigFault[]): Omit<Config, 'unsafe'> {
  const { host, port, providerName, logLevel, lingerMs, stalledMs, retryWindowMs, trustProxy } = settings;
  const adminKey = settings['admin.key'];
  const vonageNamed = SETTING_NAMES.some(
    (name) => name.startsWith('vonage.') && settings[name] !== v.getDefault(SettingsSchema.entries[name]),
  );
  const rooms = settings.rooms.map((room) =>
    resolveRoom(room, settings.chunkMs, vonageNamed ? 'vonage' : 'l16'),
  );
  const dials = rooms.some(({ source }) => source === 'vonage');
  return {
    host,
    port,
    providerName,
    logLevel,
    lingerMs,
    stalledMs,
    retryWindowMs,
    limits: {
      connections: settings['limits.connections'],
      perRoom: settings['limits.perRoom'],
      perAddress: settings['limits.perAddress'],
      joinsPerSec: settings['limits.joinsPerSec'],
    },
    trustProxy,
    tickets: {
      secret: settings.ticketSecret,
      previousSecret: settings.previousTicketSecret,
      jwksUrl: settings.ticketJwksUrl,
      issuer: settings.ticketIssuer,
      audience: settings.ticketAudience,
    },
    admin:
      adminKey === undefined
        ? undefined
        : { key: adminKey, host: settings['admin.host'], port: settings['admin.port'] },
    rooms,
    publicUrl: settings.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    vonage: dials ? resolveVonage(settings, faults) : undefined,
  };
}

function resolveRoom(room: RoomSettings, chunkMs: number, source: 'vonage' | 'l16'): RoomConfig {
  const { id, title, conversation, number, pin, hostPin, origins = [], silence, showListeners } = room;
  return {
    id,
    number,
    pin,
    hostPin,
    access: room.access ?? (origins.length > 0 ? 'origin' : 'open'),
    origins,
    silence,
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
