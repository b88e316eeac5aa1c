import * as v from 'valibot';
import { isNoticeText, NOTICE_CHARS } from '../../wire/messages.ts';
import { ProblemError } from '../errors.ts';

/** What the operator may do to a room. `announce`: shows a text to who listens; an empty one takes it back. */
export type OperatorAction =
  | { kind: 'call' }
  | { kind: 'hang-up' }
  | { kind: 'kick' }
  | { kind: 'announce'; text: string };

/**
 * What became of an action. `not-dialled`: a publisher feeds the room, the relay has nothing to dial. `already`: the
 * call is up or being placed. `no-call`: there is none to hang up.
 */
export type ActionVerdict = 'done' | 'already' | 'no-call' | 'not-dialled';

const Announcement = v.object({
  text: v.pipe(
    v.string(),
    v.trim(),
    v.check((text) => isNoticeText(text) && !/\p{Surrogate}/u.test(text)),
  ),
});

/** The announcement in the body of a request. Throws the problem where there is none. */
export function announcementIn(contentType: string, body: Buffer): OperatorAction {
  const isJson = /^application\/json *(;|$)/i.test(contentType);
  const found = v.safeParse(Announcement, isJson ? jsonOf(body) : undefined);
  if (found.success) return { kind: 'announce', text: found.output.text };
  const advice = `at most ${NOTICE_CHARS} characters on one line`;
  throw new ProblemError('bad-request', `Send {"text": "…"} as application/json, ${advice}.`);
}

/** Throws the problem where an action was not done. */
export function throwUnlessDone(verdict: ActionVerdict): void {
  switch (verdict) {
    case 'done':
      return;
    case 'already':
      throw new ProblemError('already-up', 'The room has a call already, or one is being placed.');
    case 'no-call':
      throw new ProblemError('no-call', 'There is no call to hang up.');
    case 'not-dialled':
      throw new ProblemError('not-dialled', 'A publisher feeds this room: the relay dials nothing for it.');
    default:
      verdict satisfies never;
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
