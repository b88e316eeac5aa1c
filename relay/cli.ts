#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { systemClock } from './clock.ts';
import { check } from './command/check.ts';
import { isCommand, readCommandLine, type CommandLine } from './command/command-line.ts';
import { init } from './command/init.ts';
import { manualText } from './command/manual.ts';
import { ConsolePrompt } from './command/prompt.ts';
import { listRooms } from './command/rooms.ts';
import { loadConfig, type Flags } from './command/settings-files.ts';
import { listSettings } from './command/settings-table.ts';
import { printJson, refuse, warn, type ExitCode, type Terminal } from './command/terminal.ts';
import { checkToken, issueToken } from './command/token.ts';
import type { Config, ConfigReading } from './config/config.ts';
import { SETTINGS_SCHEMA_FILE, VERSION } from './installation.ts';
import { createLog, type LevelledLog } from './log.ts';
import type { Relay } from './relay.ts';
import { ServiceEnd } from './service-end.ts';

const WORD_BYTES = 10;

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

process.exitCode = await run(process.argv.slice(2));

async function run(args: string[]): Promise<ExitCode> {
  const reading = readCommandLine(args);
  switch (reading.kind) {
    case 'command':
      return perform(reading.line);
    case 'help':
      terminal.out(manualText(reading.of));
      return 0;
    case 'fault':
      return refuse(terminal, reading.detail);
    default:
      return reading satisfies never;
  }
}

async function perform({ command, object, own, flags }: CommandLine): Promise<ExitCode> {
  const json = own['json'] !== undefined;
  switch (command) {
    case 'serve':
      return serve(flags);
    case 'check':
      return check(read(flags), { offline: own['offline'] !== undefined, json }, await checkParts());
    case 'init':
      return init(
        { flags: { ...flags, ...own }, yes: own['yes'] !== undefined, force: own['force'] !== undefined },
        initParts(),
      );
    case 'token':
      return issueToken({ room: object, scope: own['scope'], ttl: own['ttl'], json }, () => load(flags), {
        terminal,
        clock: systemClock,
      });
    case 'checktoken':
      return checkToken(object, () => load(flags), { terminal, input: process.stdin });
    case 'rooms': {
      const config = load(flags);
      return config ? listRooms(config, json, terminal) : 2;
    }
    case 'settings':
      return listSettings(json, terminal);
    case 'schema':
      terminal.out(readFileSync(SETTINGS_SCHEMA_FILE, 'utf8'));
      return 0;
    case 'version':
      if (json) printJson(terminal, { version: VERSION, node: process.versions.node });
      else terminal.out(`${VERSION}\n`);
      return 0;
    case 'help':
      if (object !== '' && !isCommand(object))
        return refuse(terminal, 'help: no such command; see: conf-relay help');
      terminal.out(manualText(isCommand(object) ? object : undefined));
      return 0;
    default:
      return command satisfies never;
  }
}

async function serve(flags: Flags): Promise<ExitCode> {
  const config = load(flags);
  if (!config) return 2;
  for (const { name, detail } of config.unsafe) warn(terminal, `unsafe: ${name} ${detail}`);
  // The other commands need nothing of it, and start in a third of the time.
  const { startRelay } = await import('./main.ts');
  const log = createLog(config.logLevel);
  const end = new ServiceEnd(log);
  try {
    const relay = await startRelay(config, { log });
    process.on('SIGHUP', () => reload(relay, flags, log));
    await end.began;
    await relay.close();
    return end.finish();
  } catch (error) {
    warn(terminal, `the relay failed: ${error instanceof Error ? error.message : 'unknown error'}`);
    return 1;
  }
}

/** Reads the settings again; where they have a fault, those from before stay. */
function reload(relay: Relay, flags: Flags, log: LevelledLog): void {
  const reading = read(flags);
  if (reading.kind === 'faults') {
    for (const { name, detail } of reading.faults)
      relay.log.error('config.refused', { setting: name, detail });
    return;
  }
  log.setLevel(reading.config.logLevel);
  relay.reload(reading.config);
}

async function checkParts(): Promise<Parameters<typeof check>[2]> {
  const { VonageAccount } = await import('./ingest/vonage-account.ts');
  return {
    terminal,
    clock: systemClock,
    account: (vonage) => new VonageAccount(vonage),
    nodeVersion: process.versions.node,
    limits: process.platform === 'linux' ? readFileSync('/proc/self/limits', 'utf8') : undefined,
    word: randomBytes(WORD_BYTES).toString('hex'),
  };
}

function initParts(): Parameters<typeof init>[1] {
  return {
    terminal,
    openPrompt: () => new ConsolePrompt(process.stdin, process.stdout),
    readText: (path) => readFileSync(path, 'utf8'),
    newSecret: () => randomBytes(32).toString('base64'),
    schema: relative('.', SETTINGS_SCHEMA_FILE),
  };
}

/** The settings; can be read again at any time. */
function read(flags: Flags): ConfigReading {
  return loadConfig({ flags, env: process.env, readText: (path) => readFileSync(path, 'utf8') });
}

/** The same; prints every fault and returns undefined when there is one. */
function load(flags: Flags): Config | undefined {
  const reading = read(flags);
  if (reading.kind === 'config') return reading.config;
  for (const { name, detail } of reading.faults) warn(terminal, `${name} ${detail}`);
  return undefined;
}
