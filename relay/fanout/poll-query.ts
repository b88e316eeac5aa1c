import type { Chunk } from '../../wire/chunk.ts';
import { ProblemError } from '../errors.ts';

/** Longest time a poll may wait, s. */
export const MAX_WAIT_SEC = 2;

/** The newest chunk a listener has. */
export type Cursor = Pick<Chunk, 'epoch' | 'sequence'>;

/** What is asked of `/chunks`. */
export interface PollQuery {
  /** Undefined where all of the last second is asked for. */
  after: Cursor | undefined;
  /** How long to collect. */
  waitMs: number;
  /** By what a listener is known from one poll to the next; undefined for one that does not say. */
  listener: string | undefined;
}

/** Reads a poll's query; parameters it does not know do not matter. Throws the problem `bad-request`. */
export function parsePollQuery(query: URLSearchParams): PollQuery {
  const after = query.get('after');
  const wait = query.get('wait') ?? String(MAX_WAIT_SEC);
  const listener = query.get('listener') ?? undefined;
  if (!/^\d(\.\d{1,3})?$/.test(wait) || Number(wait) > MAX_WAIT_SEC)
    throw new ProblemError('bad-request', `"wait" is a number of seconds from 0 to ${MAX_WAIT_SEC}.`);
  if (listener !== undefined && !/^[\w-]{1,64}$/.test(listener))
    throw new ProblemError('bad-request', '"listener" is 1 to 64 of A-Z, a-z, 0-9, _ and -.');
  return {
    after: after === null ? undefined : parseCursor(after),
    waitMs: 1000 * Number(wait),
    listener,
  };
}

function parseCursor(text: string): Cursor {
  const [, epoch = Number.NaN, sequence = Number.NaN] = (/^(\d{1,16})\.(\d{1,10})$/.exec(text) ?? []).map(
    Number,
  );
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(sequence))
    throw new ProblemError(
      'bad-request',
      '"after" is a chunk’s epoch and sequence, as in "1795224993000.17".',
    );
  return { epoch, sequence };
}
