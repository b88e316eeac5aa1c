import { parseArgs } from 'node:util';
import { flagName } from '../config/setting-sources.ts';
import { SETTING_NAMES, mayBeFile } from '../config/settings.ts';
import type { Flags } from './settings-files.ts';

/** What each command takes beside settings: flags of its own, and whether it has an object such as a room. */
const COMMANDS = {
  serve: { flags: [], object: false, settings: true },
  check: { flags: ['offline', 'json'], object: false, settings: true },
  init: {
    flags: ['room-id', 'room-title', 'room-source', 'room-access', 'room-origins', 'admin', 'yes', 'force'],
    object: false,
    settings: true,
  },
  token: { flags: ['scope', 'ttl', 'json'], object: true, settings: true },
  checktoken: { flags: [], object: true, settings: true },
  rooms: { flags: ['json'], object: false, settings: true },
  settings: { flags: ['json'], object: false, settings: false },
  schema: { flags: [], object: false, settings: false },
  version: { flags: ['json'], object: false, settings: false },
  help: { flags: [], object: true, settings: false },
} as const;

/** Flags that are there or not. */
const SWITCHES = ['insecure', 'offline', 'json', 'yes', 'force', 'help', 'version'];

const SETTING_FLAGS = SETTING_NAMES.flatMap((name) =>
  mayBeFile(name) ? [flagName(name), `${flagName(name)}-file`] : [flagName(name)],
);

/** Name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** All of them, in the order of the overview. */
export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS).filter(isCommand);

/** A command line, read. */
export interface CommandLine {
  command: CommandName;
  /** A room, a ticket, a command; empty where none is given. */
  object: string;
  /** Flags of the command itself. */
  own: Flags;
  /** Flags of settings, and `config`. */
  flags: Flags;
}

/** Result of {@link readCommandLine}; the detail never quotes a value. */
export type CommandLineReading =
  | { kind: 'command'; line: CommandLine }
  | { kind: 'help'; of: CommandName | undefined }
  | { kind: 'fault'; detail: string };

/** Whether there is a command of this name. */
export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** The flags that only this command has. */
export function ownFlags(command: CommandName): readonly string[] {
  return COMMANDS[command].flags;
}

/** Reads what stands behind `conf-relay`. */
export function readCommandLine(args: readonly string[]): CommandLineReading {
  const parsed = parse(args);
  if (typeof parsed === 'string') return { kind: 'fault', detail: parsed };
  const { values, positionals } = parsed;
  const { help, version, ...given } = values;
  const [name = version === undefined ? 'help' : 'version', object = '', ...more] = positionals;
  if (!isCommand(name)) {
    const detail = `"${name.slice(0, 80)}" is not a command; "conf-relay help" lists them`;
    return { kind: 'fault', detail };
  }
  if (help !== undefined) return { kind: 'help', of: positionals.length === 0 ? undefined : name };
  const command = COMMANDS[name];
  if (more.length > 0 || (object !== '' && !command.object)) {
    return { kind: 'fault', detail: `${name}: too many words; see: conf-relay help ${name}` };
  }
  const owned = ownFlags(name);
  const own = Object.entries(given).filter(([flag]) => owned.includes(flag));
  const others = Object.entries(given).filter(([flag]) => !owned.includes(flag));
  const stray = others.find(([flag]) => !command.settings || !isSettingFlag(flag));
  if (stray) {
    return { kind: 'fault', detail: `--${stray[0]} is not for ${name}; see: conf-relay help ${name}` };
  }
  const line = { command: name, object, own: Object.fromEntries(own), flags: Object.fromEntries(others) };
  return { kind: 'command', line };
}

function isSettingFlag(flag: string): boolean {
  return flag === 'config' || SETTING_FLAGS.includes(flag);
}

/** Values and positionals, or what is wrong. */
function parse(args: readonly string[]): { values: Flags; positionals: string[] } | string {
  const own = COMMAND_NAMES.flatMap(ownFlags);
  const names = new Set(['config', 'help', 'version', ...own, ...SETTING_FLAGS]);
  const options = Object.fromEntries(
    [...names].map((name) => [
      name,
      {
        type: SWITCHES.includes(name) ? ('boolean' as const) : ('string' as const),
        ...(name === 'help' && { short: 'h' }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const flags = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
    return { values: flags, positionals };
  } catch (error) {
    return error instanceof Error ? error.message : 'the command line cannot be read';
  }
}
