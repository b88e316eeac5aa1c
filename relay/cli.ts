#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Tickets } from './access/tickets.ts';
import { systemClock } from './clock.ts';
import { readConfig, type Config } from './config/config.ts';
import { createLog } from './log.ts';
import { VERSION } from './installation.ts';
import { startRelay } from './main.ts';
import { ServiceEnd } from './service-end.ts';
import { envName, flagName } from './config/setting-sources.ts';
import { SETTING_NAMES, describeSetting, mayBeFile } from './config/settings.ts';
import { readWish, readingText, ticketText } from './ticket-command.ts';

const USAGE = `conf-relay — lets many people listen to a phone conference on a web page

  conf-relay serve                 run the relay   [--insecure: in spite of unsafe settings]
  conf-relay check                 check the settings, list them all
  conf-relay token <room>          print a ticket   [--scope listen|publish|admin] [--ttl 8h]
  conf-relay checktoken <ticket>   say whether it is right   [-: reads it from standard input]
  conf-relay version

Settings: flags > environment (CONF_…) > conf-relay.json (--config FILE) > defaults.
Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
`;

/** Flags that are no settings. */
const OWN_FLAGS = ['config', 'scope', 'ttl'];
/** Flags that are there or not. */
const SWITCHES = ['insecure'];
const SETTING_FLAGS = SETTING_NAMES.flatMap((name) =>
  mayBeFile(name) ? [flagName(name), `${flagName(name)}-file`] : [flagName(name)],
);

const MAX_INPUT_CHARS = 10_000;

type Flags = Readonly<Record<string, string>>;

process.exitCode = await run(process.argv.slice(2));

async function run(args: string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (typeof parsed === 'string') return fail(parsed);
  const { command, object, flags } = parsed;
  switch (command) {
    case 'serve':
      return serve(flags);
    case 'check':
      return check(flags);
    case 'token':
      return token(object, flags);
    case 'checktoken':
      return checkToken(object, flags);
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    default:
      return fail(`"${command}" is not a command.\n\n${USAGE}`);
  }
}

async function serve(flags: Flags): Promise<number> {
  const config = load(flags);
  if (!config) return 2;
  tellUnsafe(config);
  const log = createLog(config.logLevel);
  const end = new ServiceEnd(log);
  try {
    const relay = await startRelay(config, { log });
    await end.began;
    await relay.close();
    return end.finish();
  } catch (error) {
    fail(`the relay failed: ${error instanceof Error ? error.message : 'unknown error'}`);
    return 1;
  }
}

function check(flags: Flags): number {
  const config = load(flags);
  for (const name of SETTING_NAMES) {
    const { doc, fallback } = describeSetting(name);
    const variable = mayBeFile(name) ? `${envName(name)} or ${envName(name)}_FILE` : envName(name);
    process.stdout.write(`${name}  (--${flagName(name)}, ${variable}; default ${fallback})\n    ${doc}\n`);
  }
  if (!config) return 2;
  tellUnsafe(config);
  const rooms = config.rooms.map((room) => `${room.id} (${room.source})`).join(', ');
  process.stdout.write(`\nThe settings are right. Rooms: ${rooms}\n`);
  return 0;
}

async function token(room: string, flags: Flags): Promise<number> {
  const reading = readWish(room, flags['scope'], flags['ttl']);
  if (reading.kind === 'fault') return fail(`token: ${reading.detail}`);
  const { wish } = reading;
  const config = load(flags);
  if (!config) return 2;
  if (config.tickets.secret === undefined) {
    return fail(`token: set ${envName('ticketSecret')} first, as with: openssl rand -base64 32`);
  }
  if (wish.room !== '*' && !config.rooms.some(({ id }) => id === wish.room)) {
    warn(`token: these settings have no room "${wish.room}"; the ticket is for a relay that has`);
  }
  const wallMs = systemClock.wallMs();
  const jwt = await new Tickets(config.tickets).issue([wish.room], wish.scope, wish.ttlSec);
  process.stdout.write(ticketText(wish, jwt, config.publicUrl, wallMs));
  return 0;
}

async function checkToken(given: string, flags: Flags): Promise<number> {
  if (given === '') return fail('checktoken: give the ticket, or - and the ticket on standard input');
  const config = load(flags);
  if (!config) return 2;
  const ticket = given === '-' ? await standardInput() : given;
  const reading = await new Tickets(config.tickets).read(ticket.trim());
  process.stdout.write(`${readingText(reading)}\n`);
  return reading.kind === 'ticket' ? 0 : 1;
}

/** What comes on standard input, up to more than any ticket has. */
async function standardInput(): Promise<string> {
  let text = '';
  for await (const part of process.stdin) {
    text += String(part);
    if (text.length > MAX_INPUT_CHARS) break;
  }
  return text;
}

function tellUnsafe({ unsafe }: Config): void {
  for (const { name, detail } of unsafe) warn(`unsafe: ${name} ${detail}`);
}

/** Reads the settings; prints every fault and returns undefined when there is one. */
function load(flags: Flags): Config | undefined {
  const settings = Object.entries(flags).filter(([name]) => !OWN_FLAGS.includes(name));
  const path = flags['config'] ?? process.env['CONF_CONFIG'];
  const file = readFile(path);
  if (file.kind === 'unreadable') {
    fail(`the settings file cannot be read: ${file.path}`);
    return undefined;
  }
  const reading = readConfig({
    flags: Object.fromEntries(settings),
    env: process.env,
    fileText: file.text,
    readText: (named) => readFileSync(named, 'utf8'),
  });
  if (reading.kind === 'config') return reading.config;
  for (const { name, detail } of reading.faults) fail(`${name} ${detail}`);
  return undefined;
}

/** The settings file. Without a path: `conf-relay.json` here, where there is one. */
function readFile(
  path: string | undefined,
): { kind: 'read'; text: string | undefined } | { kind: 'unreadable'; path: string } {
  if (path === undefined && !existsSync('conf-relay.json')) return { kind: 'read', text: undefined };
  const named = path ?? 'conf-relay.json';
  try {
    return { kind: 'read', text: readFileSync(named, 'utf8') };
  } catch {
    return { kind: 'unreadable', path: named }; // not there, a directory, or not for us to read
  }
}

/** Command, its object (a room, a ticket) and flags of the command line, or what is wrong with it. */
function parseFlags(args: string[]): { command: string; object: string; flags: Flags } | string {
  const options = Object.fromEntries(
    [...OWN_FLAGS, ...SETTING_FLAGS].map((name) => [
      name,
      { type: SWITCHES.includes(name) ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const flags = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
    return { command: positionals[0] ?? 'help', object: positionals[1] ?? '', flags };
  } catch (error) {
    return error instanceof Error ? error.message : 'the command line cannot be read';
  }
}

function fail(message: string): 2 {
  warn(message);
  return 2;
}

function warn(message: string): void {
  process.stderr.write(`conf-relay: ${message}\n`);
}
