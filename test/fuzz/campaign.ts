import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { Invariants } from './invariants.ts';

/** What is fuzzed: one kind of case, how it is written down and how it is made up. */
export interface Subject<Case> {
  /** Of `corpus/{name}.json`: a list of `{why, case}`, cases that were found once or thought of. */
  name: string;
  /** A case as it stands there. */
  written: v.GenericSchema<unknown, Case>;
  madeUp: fc.Arbitrary<Case>;
}

/**
 * Cases of a campaign beside its corpus: 10,000 of always the same. For a longer hunt somewhere else set `FUZZ_RUNS` and
 * `FUZZ_SEED`; it then says how the memory went.
 */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const WARM_UP = 0.2;

/** What a campaign may take, ms: three times what the slowest takes. */
export const MOST_MS = 6 * Math.max(RUNS, 10_000);

/** Bytes in the corpus: hexadecimal. */
export const hexBytes = v.pipe(
  v.string(),
  v.regex(/^([0-9a-f]{2})*$/),
  v.transform((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
);

/** 16-bit units of any kind: halves of pairs among them, which no valid text has. */
export const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: 'binary' }),
);

/** JSON of any shape as text, with the keys that reach for a prototype and numbers beyond what a number holds. */
export const anyJson = fc.oneof(
  fc.json({ stringUnit: 'binary' }),
  fc
    .constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'type')
    .chain((key) => fc.json().map((json) => `{"${key}":${json}}`)),
  fc.constantFrom(
    '1e400',
    '-1e400',
    '-0',
    '9007199254740993',
    '1e-400',
    '0.1e1',
    '123456789012345678901234567890',
  ),
);

/** Replays the corpus, then makes up cases. Throws with the smallest case that fails, ready for the corpus. */
export async function hunt<Case>(
  subject: Subject<Case>,
  check: (each: Case) => void | Promise<void>,
): Promise<void> {
  await huntInBatches(subject, 1, async ([each]) => {
    if (each !== undefined) await check(each);
  });
}

/** The same, so many cases at a time: for what takes long to answer. Names one that fails alone, not made smaller. */
export async function huntInBatches<Case>(
  { name, written, madeUp }: Subject<Case>,
  size: number,
  check: (batch: readonly Case[]) => Promise<void>,
): Promise<void> {
  const invariants = new Invariants();
  const batches = fc.array(madeUp, { minLength: size, maxLength: size, size: 'max' });
  const property = fc.asyncProperty(batches, (batch) => check(batch));
  const run = async (seed: number, numRuns: number, examples: [Case[]][] = []): Promise<void> => {
    const result = await fc.check(property, { seed, numRuns, examples, endOnFailure: size > 1 });
    if (!result.failed) return;
    const cause = result.errorInstance;
    const found = await failing(result.counterexample?.[0] ?? [], check);
    const lines = found.map((each) => JSON.stringify({ why: '', case: each }, hexOf));
    throw new Error(`${lines.join('\n')}\n(seed ${seed}, run ${result.numRuns}) ${String(cause)}`, { cause });
  };
  try {
    const corpus = readCorpus(name, written);
    const examples = corpus.map((each): [Case[]] => [[each]]);
    await run(SEED + 1, Math.ceil((WARM_UP * RUNS) / size) + corpus.length, examples);
    await invariants.warm();
    await run(SEED, Math.ceil(RUNS / size));
    const grownBytes = await invariants.hold();
    if (process.env['FUZZ_RUNS']) console.info(`${name}: ${RUNS} cases, ${Math.round(grownBytes / 1024)} kB`);
  } finally {
    invariants.close();
  }
}

/** The first of a batch that fails alone too; all of them where none does. */
async function failing<Case>(
  batch: readonly Case[],
  check: (batch: readonly Case[]) => Promise<void>,
): Promise<readonly Case[]> {
  for (const each of batch) {
    try {
      await check([each]);
    } catch {
      return [each]; // what it throws, the batch has thrown
    }
  }
  return batch;
}

function readCorpus<Case>(name: string, written: v.GenericSchema<unknown, Case>): Case[] {
  const text = readFileSync(join(import.meta.dirname, 'corpus', `${name}.json`), 'utf8');
  const entries = v.parse(v.array(v.strictObject({ why: v.string(), case: written })), JSON.parse(text));
  return entries.map((entry) => entry.case);
}

function hexOf(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
