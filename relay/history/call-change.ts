import type { Happening } from '../log.ts';
import type { CallRecord } from './records.ts';

/**
 * What is learnt of a call. Of each column the first value that is told stays; but a call that only `ended` or was
 * `closed` was hung up by us, where that is told afterwards.
 */
export type CallFacts = Partial<Omit<CallRecord, 'room' | 'epoch' | 'peakListeners'>>;

/** Of which call, and what. */
export type CallChange =
  | { kind: 'of-epoch'; room: string; epoch: number; facts: CallFacts }
  /** Room null: whichever it is in; the platform's names are its own. */
  | { kind: 'of-leg'; room: string | null; leg: string; facts: CallFacts }
  /** Every call that is not over. */
  | { kind: 'of-all'; facts: CallFacts };

/** Statuses that end a call, and how (Vonage Voice API, webhook reference). */
const STATUS_ENDS: ReadonlyMap<unknown, string> = new Map([
  ['completed', 'ended'],
  ['disconnected', 'lost'],
  ['failed', 'failed'],
  ['rejected', 'rejected'],
  ['busy', 'busy'],
  ['cancelled', 'cancelled'],
  ['timeout', 'timeout'],
  ['unanswered', 'unanswered'],
]);

/** What a line of the log says of a call; null when it says nothing, or not of which call. */
export function callChange({ atMs, event, fields }: Happening): CallChange | null {
  const { room, epoch, leg } = fields;
  if (event === 'relay.closed') return { kind: 'of-all', facts: { closedMs: atMs, end: 'relay-closed' } };
  if (event === 'vonage.event') {
    const end = STATUS_ENDS.get(fields['status']);
    if (end === undefined || typeof leg !== 'string') return null;
    return { kind: 'of-leg', room: null, leg, facts: { closedMs: atMs, end } };
  }
  if (typeof room !== 'string') return null;
  const ofEpoch = (facts: CallFacts): CallChange | null =>
    isEpoch(epoch) ? { kind: 'of-epoch', room, epoch, facts } : null;
  const ofLeg = (facts: CallFacts): CallChange | null =>
    typeof leg === 'string' ? { kind: 'of-leg', room, leg, facts } : null;
  switch (event) {
    case 'call.dialled':
      return ofEpoch({ dialledMs: atMs, attempt: numberOr(fields['attempt']) });
    case 'call.placed':
      return ofEpoch({ placedMs: atMs, leg: textOr(leg) });
    case 'call.refused':
      return ofEpoch({ closedMs: atMs, end: 'refused', code: textOr(fields['code']) });
    case 'leg.opened':
      return ofEpoch({ openedMs: atMs });
    case 'leg.replaced':
      // It is heard no more, and hung up soon: only then it is over.
      return ofEpoch({ end: 'replaced' });
    case 'leg.closed':
      return ofEpoch({ closedMs: atMs, end: textOr(fields['end']) });
    case 'call.hung-up':
      return ofLeg({ hungUpMs: atMs, closedMs: atMs, end: 'hung-up' });
    case 'call.gone':
      return ofLeg({ closedMs: atMs, end: 'gone' });
    case 'vonage.hang-up-failed':
      return ofLeg({ closedMs: atMs, end: 'hang-up-failed' });
    default:
      return null;
  }
}

function isEpoch(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
