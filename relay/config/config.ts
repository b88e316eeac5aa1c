import * as v from 'valibot';
import type { AdmissionLimits } from '../access/admission.ts';
import type { LogLevel } from '../log.ts';
import { contradictions } from './contradictions.ts';
import { debugFaults } from './debug-output.ts';
import { gatherSettings, type ConfigFault, type ConfigSources } from './setting-sources.ts';
import { resolveRoom, type RoomConfig } from './room-config.ts';
import { unsafeSettings } from './safety.ts';
import { schemaFault } from './schema-fault.ts';
import { SETTING_NAMES, SettingsSchema, type Settings } from './settings.ts';
import { resolveVonage, type VonageConfig } from './vonage-config.ts';

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

/** Where and for how long the history is kept. */
export interface HistoryConfig {
  dir: string;
  days: number;
}

/** What a byte sent costs. */
export interface EgressPrice {
  perGb: number;
  currency: string;
}

/** Everything the relay is told, checked once and never changed. */
export interface Config {
  host: string;
  port: number;
  publicUrl: string;
  /** Who offers the player, as other sites name it. */
  providerName: string;
  logLevel: LogLevel;
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
  /** Undefined where nothing is to be kept. */
  history: HistoryConfig | undefined;
  /** Undefined where no estimate is wanted. */
  egressPrice: EgressPrice | undefined;
  /** Whether metrics tell of each room apart. */
  metricsPerRoom: boolean;
  rooms: readonly RoomConfig[];
}

/** Result of {@link readConfig}. */
export type ConfigReading =
  | { kind: 'config'; config: Config }
  | { kind: 'faults'; faults: readonly ConfigFault[] };

/** Of more rooms, metrics tell the sum only: each would be a dozen series. */
const MOST_ROOMS_APART = 200;

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
  const { host, port, providerName, logLevel, stalledMs, retryWindowMs, trustProxy } = settings;
  const perGb = settings['egress.costPerGb'];
  const adminKey = settings['admin.key'];
  const vonageNamed = SETTING_NAMES.some(
    (name) => name.startsWith('vonage.') && settings[name] !== v.getDefault(SettingsSchema.entries[name]),
  );
  const rooms = settings.rooms.map((room) => resolveRoom(room, settings, vonageNamed ? 'vonage' : 'l16'));
  const dials = rooms.some(({ source }) => source === 'vonage');
  return {
    host,
    port,
    providerName,
    logLevel,
    stalledMs,
    retryWindowMs,
    limits: {
      connections: settings['limits.connections'],
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
    history: settings.history ? { dir: settings.dataDir, days: settings.historyDays } : undefined,
    egressPrice: perGb === 0 ? undefined : { perGb, currency: settings['egress.currency'] },
    metricsPerRoom: settings['metrics.perRoom'] && rooms.length <= MOST_ROOMS_APART,
    rooms,
    publicUrl: settings.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    vonage: dials ? resolveVonage(settings, faults) : undefined,
  };
}
