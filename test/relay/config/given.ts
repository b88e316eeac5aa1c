import { readConfig, type Config, type ConfigReading } from '../../../relay/config/config.ts';

/** A ticket secret that is one. */
export const SECRET = 'a secret of thirty-two characters';

/** Settings from a file (an object, or its text), environment, flags and other files. */
export interface Given {
  file?: unknown;
  env?: Record<string, string>;
  flags?: Record<string, string>;
  files?: Record<string, string>;
}

/** Reads it as the command line does. */
export function read({ file, env = {}, flags = {}, files = {} }: Given): ConfigReading {
  return readConfig({
    flags,
    env,
    fileText: file === undefined ? undefined : typeof file === 'string' ? file : JSON.stringify(file),
    readText: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
      return text;
    },
  });
}

/** The configuration; throws where there are faults. */
export function config(given: Given): Config {
  const reading = read(given);
  if (reading.kind === 'faults') throw new Error(JSON.stringify(reading.faults));
  return reading.config;
}

/** Faults as `name detail`, as the command line prints them. */
export function faults(given: Given): string[] {
  const reading = read(given);
  return reading.kind === 'config' ? [] : reading.faults.map(({ name, detail }) => `${name} ${detail}`);
}
