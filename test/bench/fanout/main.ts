import { BASELINES, runBaseline } from './baseline.ts';
import { compare } from './comparison.ts';
import { runLoad } from './load.ts';
import { machineLine } from './machine.ts';
import { readOptions } from './options.ts';
import { runPublisher } from './publisher.ts';
import { play } from './scenarios.ts';
import { doubts, table } from './table.ts';
import { runWatchedRelay } from './watched-relay.ts';
import { CHUNK_MS } from './workload.ts';

const args = process.argv.slice(2);
const [role = '', ...rest] = args;
const baseline = BASELINES.find((name) => name === role);

if (role === 'load') runLoad();
else if (role === 'publisher') runPublisher();
else if (role === 'watched-relay') await runWatchedRelay(rest[0] ?? '', rest[1] ?? '', rest.slice(2));
else if (baseline) await runBaseline(baseline);
else await bench();

/** The program that people start; it starts the other roles. */
async function bench(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  try {
    await run();
  } catch (error) {
    console.error(`bench:fanout: ${error instanceof Error ? error.message : 'failed'}`);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  const { listeners, seconds, servers, scenario, tickets, json } = readOptions(args);
  const machine = machineLine();
  console.log(`${listeners} listeners, ${CHUNK_MS} ms chunks, ${seconds} s, on ${machine}`);
  if (scenario) {
    const figures = await play(scenario, { listeners, seconds, tickets });
    for (const [name, value] of Object.entries(figures)) {
      console.log(`  ${name.padEnd(22)} ${Number.isInteger(value) ? value : value.toFixed(2)}`);
    }
    if (json) console.log(JSON.stringify({ scenario, listeners, seconds, tickets, machine, figures }));
    return;
  }
  const runs = await compare(servers, listeners, seconds, (line) => console.error(line));
  for (const line of table(runs)) console.log(line);
  for (const doubt of doubts(runs)) console.log(`! ${doubt}`);
  if (json) console.log(JSON.stringify({ listeners, seconds, machine, runs }));
}
