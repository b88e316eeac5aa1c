import { cpus } from 'node:os';
import { Bench } from 'tinybench';
import { pairs, type Pair } from './pairs.ts';
import { ASKED_TICKET_MS, ticketCosts } from './tickets.ts';

/** One pair's figures: medians, and the median of the other over ours. */
interface Figures {
  name: string;
  ratio: number;
  oursUs: number;
  otherUs: number;
}

const SECONDS_MS = 500;
const json = process.argv.includes('--json');

const figures: Figures[] = [];
for (const pair of pairs()) {
  const measured = await measure(pair);
  figures.push(measured);
  const { ours, other } = pair;
  console.log(`${measured.ratio.toFixed(2).padStart(8)} ×  ${pair.name}`);
  console.log(`            ${micro(measured.oursUs)}  ${ours.label}`);
  console.log(`            ${micro(measured.otherUs)}  ${other.label}`);
}
console.log(`a ticket checked: ms alone, ms of CPU as one of 1,000 at once; asked ${ASKED_TICKET_MS}`);
const tickets = await ticketCosts();
for (const { name, verdict, alongMs, cpuMs } of tickets) {
  console.log(`  ${alongMs.toFixed(3).padStart(8)} ${cpuMs.toFixed(3).padStart(8)}  ${name} (${verdict})`);
}
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
console.log(`A ratio is the second's time over the first's. On ${machine}.`);
if (json) console.log(JSON.stringify({ machine, pairs: figures, tickets }));

/** Runs the two in turn, twice each, so that neither has the warmer machine. */
async function measure({ name, ours, other }: Pair): Promise<Figures> {
  const bench = new Bench({ time: SECONDS_MS });
  bench
    .add('ours', ours.run)
    .add('other', other.run)
    .add('ours again', ours.run)
    .add('other again', other.run);
  await bench.run();
  const medianUs = (task: string): number => {
    const result = bench.getTask(task)?.result;
    return result && 'latency' in result ? result.latency.p50 * 1000 : Number.NaN;
  };
  const oursUs = (medianUs('ours') + medianUs('ours again')) / 2;
  const otherUs = (medianUs('other') + medianUs('other again')) / 2;
  return { name, ratio: otherUs / oursUs, oursUs, otherUs };
}

function micro(us: number): string {
  return `${us.toFixed(us < 10 ? 2 : 0).padStart(8)} µs`;
}
