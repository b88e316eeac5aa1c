import { SETTING_NAMES, mayBeFile, type SettingName } from './settings.ts';
import { readCommentedJson } from './strict-json.ts';

/** What is wrong with a setting and how to mend it. */
export interface ConfigFault {
  name: string;
  detail: string;
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

/** The environment variable of a setting: `vonage.applicationId` is `CONF_VONAGE_APPLICATION_ID`. */
export function envName(name: string): string {
  return `CONF_${snake(name).toUpperCase()}`;
}

/** The flag of a setting, without dashes: `vonage-application-id`. */
export function flagName(name: string): string {
  return snake(name).replaceAll('_', '-');
}

/** A name that somebody else chose, short and without control characters. */
export function shownName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?');
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('.', '_');
}

/** The value of every setting from the strongest source that has it; what is wrong with the sources goes to `faults`. */
export function gatherSettings(
  sources: ConfigSources,
  faults: ConfigFault[],
): ReadonlyMap<SettingName, unknown> {
  const file = parseFile(sources.fileText, faults);
  refuseUnknown(sources, file, faults);
  return new Map(SETTING_NAMES.map((name) => [name, valueOf(name, sources, file, faults)]));
}

/** The value from the strongest source that has it; within one source the setting itself wins over its file. */
function valueOf(
  name: SettingName,
  { flags, env, readText }: ConfigSources,
  file: ReadonlyMap<string, unknown>,
  faults: ConfigFault[],
): unknown {
  const ranked = [
    [flags[flagName(name)], flags[`${flagName(name)}-file`]],
    [env[envName(name)], env[`${envName(name)}_FILE`]],
    [file.get(name), file.get(`${name}File`)],
  ];
  const [direct, path] = ranked.find((pair) => pair.some((value) => value !== undefined)) ?? [];
  if (direct !== undefined || path === undefined || !mayBeFile(name)) return direct;
  if (typeof path !== 'string') {
    faults.push({ name: `${name}File`, detail: 'is not the path of a file' });
    return undefined;
  }
  try {
    return readText(path).trim();
  } catch (error) {
    // The path stays untold: some write the secret itself there.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    const detail = `names a file that cannot be read${code}; a path counts from where the relay is started`;
    faults.push({ name: `${name}File`, detail });
    return undefined;
  }
}

function refuseUnknown(
  sources: ConfigSources,
  file: ReadonlyMap<string, unknown>,
  faults: ConfigFault[],
): void {
  const names = SETTING_NAMES.flatMap((name) => (mayBeFile(name) ? [name, `${name}File`] : [name]));
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
  return { name: shownName(name), detail: 'is not a setting; "conf-relay settings" lists them' };
}

/** The settings file as dotted names; lists stay whole. */
function parseFile(text: string | undefined, faults: ConfigFault[]): ReadonlyMap<string, unknown> {
  const flat = new Map<string, unknown>();
  if (text === undefined) return flat;
  const reading = readCommentedJson(text);
  if (reading.kind === 'fault') {
    faults.push({ name: 'conf-relay.json', detail: reading.detail });
    return flat;
  }
  if (!isObject(reading.value)) {
    faults.push({ name: 'conf-relay.json', detail: 'is not a JSON object' });
    return flat;
  }
  const add = (name: string, value: unknown) => {
    if (flat.has(name)) faults.push({ name: shownName(name), detail: 'stands twice in conf-relay.json' });
    flat.set(name, value);
  };
  for (const [name, value] of Object.entries(reading.value)) {
    // For editors: where the schema of this file lies.
    if (name === '$schema' && typeof value === 'string') continue;
    if (!isObject(value)) add(name, value);
    else for (const [inner, innerValue] of Object.entries(value)) add(`${name}.${inner}`, innerValue);
  }
  return flat;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
