import { readConfig, type ConfigReading } from '../config/config.ts';
import type { ConfigFault } from '../config/setting-sources.ts';
import { DOT_ENV, environmentOver, readDotEnv, type Environment } from './dot-env.ts';

/** Where the settings stand unless `--config` or `CONF_CONFIG` names another file. */
export const SETTINGS_FILE = 'conf-relay.json';

/** Flags by their name without dashes. */
export type Flags = Readonly<Record<string, string>>;

/** What {@link loadConfig} reads from. */
export interface SettingsFiles {
  /** Of settings, and `config`. */
  flags: Flags;
  env: Environment;
  /** Reads a file; throws when it cannot, with the code `ENOENT` where there is none. */
  readText: (path: string) => string;
}

/** Reads settings from flags, environment, `.env` and settings file. May be called again: nothing is kept. */
export function loadConfig({ flags, env, readText }: SettingsFiles): ConfigReading {
  const faults: ConfigFault[] = [];
  const dotEnv = readDotEnv(textOf(DOT_ENV, readText, true, faults) ?? '', faults);
  const environment = environmentOver(dotEnv, env);
  const { config: named = environment['CONF_CONFIG'], ...settings } = flags;
  const fileText = textOf(named ?? SETTINGS_FILE, readText, named === undefined, faults);
  // Without its file everything else would be missing too.
  if (faults.length > 0) return { kind: 'faults', faults };
  return readConfig({ flags: settings, env: environment, fileText, readText });
}

/** The text of a file; undefined where there is none and need be none, or where it goes to `faults`. */
function textOf(
  path: string,
  readText: (path: string) => string,
  isOptional: boolean,
  faults: ConfigFault[],
): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (isOptional && code === 'ENOENT') return undefined;
    const name = path === DOT_ENV ? DOT_ENV : 'the settings file';
    faults.push({ name, detail: `cannot be read: ${path} (${code})` });
    return undefined;
  }
}
