import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From Node 24 on V8 takes its young heap into use late and in lumps of up to 80 MB, and then no more (60,000 streams:
 * 2.8 MB): there, what is held after a collection tells, and the size of the process does not.
 */
export const SIZE_TELLS = Number(process.versions.node.split('.')[0]) < 24;

setFlagsFromString('--expose_gc');
const gc: unknown = runInNewContext('gc');

/** Memory of the process without its garbage: what it holds, and what the system sees. */
export async function memory(): Promise<{ heldBytes: number; residentBytes: number }> {
  if (typeof gc !== 'function') throw new Error('this Node has no gc');
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldBytes: heapUsed + external, residentBytes: rss };
}
