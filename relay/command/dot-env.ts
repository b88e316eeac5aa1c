import { shownName, type ConfigFault } from '../config/setting-sources.ts';

/** Where secrets may stand, in the directory that a command is started in. */
export const DOT_ENV = '.env';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** More text than that is no list of settings. */
const MAX_CHARS = 100_000;
const LINE = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/;

/**
 * Reads `NAME=value` lines: a value in quotes is taken as it stands between them (in double ones `\n` is a new line),
 * another ends before ` #`. What is no such line goes to `faults`, by its number and never by its text.
 */
export function readDotEnv(text: string, faults: ConfigFault[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const add = (detail: string) => faults.push({ name: DOT_ENV, detail });
  if (text.length > MAX_CHARS) {
    add('is longer than 100 kB');
    return values;
  }
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', written = ''] = LINE.exec(line) ?? [];
    const value = name === '' ? undefined : valueOf(written);
    if (value === undefined) add(`line ${index + 1} is not NAME=value`);
    else if (values.has(name)) add(`has ${shownName(name)} twice`);
    else values.set(name, value);
  }
  return values;
}

function valueOf(written: string): string | undefined {
  const [, quote, quoted = ''] = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(written) ?? [];
  if (quote === '"') return quoted.replaceAll(String.raw`\n`, '\n');
  if (quote === "'") return quoted;
  if (/^["']/.test(written)) return undefined; // a quote that nobody closed
  return written.replace(/(^|\s+)#.*$/, '');
}

/** The environment, and of the file what nobody set there: neither the setting itself nor the file that holds it. */
export function environmentOver(file: ReadonlyMap<string, string>, env: Environment): Environment {
  const isSet = (name: string): boolean => env[name] !== undefined;
  const left = [...file].filter(([name]) => {
    const setting = name.replace(/_FILE$/, '');
    return name.startsWith('CONF_') && !isSet(setting) && !isSet(`${setting}_FILE`);
  });
  return { ...Object.fromEntries(left), ...env };
}
