#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseRoomId } from '../wire/room-id.ts';
import { Tickets } from './access/tickets.ts';
import { readConfig, type Config } from './config/config.ts';
import { createLog } from './log.ts';
import { startRelay } from './main.ts';
import { ServiceEnd } from './service-end.ts';
import { envName, flagName } from './config/setting-sources.ts';
import { SETTING_NAMES, describeSetting, isSecret } from './config/settings.ts';

const USAGE = `conf-relay — lets many people listen to a phone conference on a web page

  conf-relay serve                 run the relay
  conf-relay check                 check the settings, list them all
  conf-relay token <room>          print a ticket   [--scope listen|publish] [--ttl-sec 28800]
  conf-relay version

Settings: flags > environment (CONF_…) > conf-relay.json (--config FILE) > defaults.
Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
`;

/** Flags that are no settings. */
const OWN_FLAGS = ['config', 'scope', 'ttl-sec'];
const SETTING_FLAGS = SETTING_NAMES.flatMap((name) =>
  isSecret(name) ? [flagName(name), `${flagName(name)}-file`] : [flagName(name)],
);

type Flags = Readonly<Record<string, string>>;

process.exitCode = await run(process.argv.slice(2));

async function run(args: string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (typeof parsed === 'string') return fail(parsed);
  const { command, room, flags } = parsed;
  switch (command) {
    case 'serve':
      return serve(flags);
    case 'check':
      return check(flags);
    case 'token':
      return token(room, flags);
    case 'version':
      process.stdout.write(`${version()}\n`);
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
    const variable = isSecret(name) ? `${envName(name)} or ${envName(name)}_FILE` : envName(name);
    process.stdout.write(`${name}  (--${flagName(name)}, ${variable}; default ${fallback})\n    ${doc}\n`);
  }
  if (!config) return 2;
  const rooms = config.rooms.map((room) => `${room.id} (${room.source})`).join(', ');
  process.stdout.write(`\nThe settings are right. Rooms: ${rooms}\n`);
  return 0;
}

async function token(roomText: string, flags: Flags): Promise<number> {
  const room = parseRoomId(roomText);
  if (!room) return fail('token: name a room, as in: conf-relay token allhands');
  const scope = flags['scope'] ?? 'listen';
  const ttlSec = Number(flags['ttl-sec'] ?? 28_800);
  if (scope !== 'listen' && scope !== 'publish') return fail('token: --scope is listen or publish');
  if (!Number.isInteger(ttlSec) || ttlSec < 1) return fail('token: --ttl-sec is a whole number of seconds');
  const config = load(flags);
  if (!config) return 2;
  if (config.tickets.secret === undefined) {
    return fail(`token: set ${envName('ticketSecret')} first, as with: openssl rand -base64 32`);
  }
  process.stdout.write(`${await new Tickets(config.tickets.secret).issue(room, scope, ttlSec)}\n`);
  return 0;
}

/** Reads the settings; prints every fault and returns undefined when there is one. */
function load(flags: Flags): Config | undefined {
  const settings = Object.entries(flags).filter(([name]) => !OWN_FLAGS.includes(name));
  const path = flags['config'] ?? process.env['CONF_CONFIG'];
  if (path !== undefined && !existsSync(path)) {
    fail(`there is no settings file ${path}`);
    return undefined;
  }
  const reading = readConfig({
    flags: Object.fromEntries(settings),
    env: process.env,
    fileText: fileText(path),
    readText: (file) => readFileSync(file, 'utf8'),
  });
  if (reading.kind === 'config') return reading.config;
  for (const { name, detail } of reading.faults) fail(`${name} ${detail}`);
  return undefined;
}

/** Text of the settings file. Without a path: of `conf-relay.json` here, where there is one. */
function fileText(path: string | undefined): string | undefined {
  if (path === undefined && !existsSync('conf-relay.json')) return undefined;
  return readFileSync(path ?? 'conf-relay.json', 'utf8');
}

/** Command, room and flags of the command line, or what is wrong with it. */
function parseFlags(args: string[]): { command: string; room: string; flags: Flags } | string {
  const options = Object.fromEntries(
    [...OWN_FLAGS, ...SETTING_FLAGS].map((name) => [name, { type: 'string' as const }]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const flags: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) if (typeof value === 'string') flags[name] = value;
    return { command: positionals[0] ?? 'help', room: positionals[1] ?? '', flags };
  } catch (error) {
    return error instanceof Error ? error.message : 'the command line cannot be read';
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}

function fail(message: string): 2 {
  process.stderr.write(`conf-relay: ${message}\n`);
  return 2;
}
