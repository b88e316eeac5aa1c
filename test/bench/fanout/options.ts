import { parseArgs } from 'node:util';
import { maxHandles } from './machine.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { SERVERS, type ServerName } from './stage.ts';

/** What is to be measured. */
export interface Options {
  listeners: number;
  seconds: number;
  json: boolean;
  servers: readonly ServerName[];
  /** Instead of the comparison. */
  scenario: ScenarioName | undefined;
  /** The room wants tickets, and every listener has its own. */
  tickets: boolean;
}

/** Handles a process has open besides its listeners. */
const SPARE_HANDLES = 100;

const USAGE = `npm run bench:fanout -- [options]
  --listeners N     how many listen (10000)
  --seconds S       how long each server is measured (60); with frozen, how long the frozen do not read
  --servers a,b     of ${SERVERS.join(', ')} (all)
  --scenario NAME   of ${SCENARIOS.join(', ')}: the relay alone in trouble
  --tickets         the scenario's room wants tickets, and every listener has its own
  --json            ends with one line of JSON`;

/** Reads the command line; throws an error that says how it is used. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      listeners: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '60' },
      servers: { type: 'string', default: SERVERS.join(',') },
      scenario: { type: 'string' },
      tickets: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const listeners = Number(values.listeners);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(listeners) || listeners < 10) throw new Error(`--listeners is 10 or more\n${USAGE}`);
  if (!Number.isFinite(seconds) || seconds < 2) throw new Error(`--seconds is 2 or more\n${USAGE}`);
  const most = maxHandles() - SPARE_HANDLES;
  if (listeners > most) {
    throw new Error(`--listeners is at most ${most} here: "ulimit -Hn" limits a process's open handles`);
  }
  if (values.tickets && values.scenario === undefined)
    throw new Error(`--tickets wants a --scenario\n${USAGE}`);
  return {
    listeners,
    seconds,
    json: values.json,
    servers: values.servers.split(',').map((name) => oneOf(SERVERS, name, '--servers')),
    tickets: values.tickets,
    scenario: values.scenario === undefined ? undefined : oneOf(SCENARIOS, values.scenario, '--scenario'),
  };
}

function oneOf<Name extends string>(names: readonly Name[], text: string, option: string): Name {
  const name = names.find((known) => known === text);
  if (name === undefined) throw new Error(`${option}: "${text}" is not one of ${names.join(', ')}\n${USAGE}`);
  return name;
}
