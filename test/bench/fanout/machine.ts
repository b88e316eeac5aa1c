import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { PLACEMENT } from './child.ts';

/** What runs here, in one line. */
export function machineLine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}, ${process.platform}, ${PLACEMENT}`;
}

/** CPU time of all threads of a process so far, µs; NaN where the system does not tell. */
export function cpuUs(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce(
      (sum, task) =>
        sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000,
      0,
    );
  } catch {
    return Number.NaN; // no Linux, or a thread that has just ended
  }
}

/** Resident memory of a process, kB; NaN where the system does not tell. */
export function rssKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readSystem(`/proc/${pid}/status`))?.[1] ?? Number.NaN);
}

/** Open handles of a process; NaN where the system does not tell. */
export function handles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return Number.NaN; // no Linux
  }
}

/** Memory of the kernel's TCP buffers, kB; NaN where the system does not tell. */
export function tcpMemoryKb(): number {
  return Number(/^TCP:.* mem (\d+)/m.exec(readSystem('/proc/net/sockstat'))?.[1] ?? Number.NaN) * 4;
}

/** The most handles a process may have; Infinity where the system does not tell. */
export function maxHandles(): number {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(readSystem('/proc/self/limits'))?.[1];
  return hard === undefined ? Infinity : Number(hard);
}

/** How long a core has been busy so far, µs, with whatever; NaN where the system does not tell. */
export function coreBusyUs(core: number): number {
  const line = new RegExp(String.raw`^cpu${core} (.*)$`, 'm').exec(readSystem('/proc/stat'))?.[1];
  if (line === undefined) return Number.NaN;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) * 10_000;
}

function readSystem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no Linux
  }
}
