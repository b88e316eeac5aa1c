import { problem, type Problem, type ProblemCode } from '../errors.ts';

/** What listeners are told who may not come in, or not stay. */
const DETAILS = {
  'bad-room-id': 'A room id is 1 to 64 of a-z, 0-9 and -, a letter or digit first.',
  'room-not-found': 'There is no such room here.',
  'ticket-refused': 'A ticket for this room is wanted (in an address: one with at most 60 s left).',
  'ticket-expired': 'The ticket has run out; ask for a new one.',
  'ticket-revoked': 'The ticket was taken back; ask for a new one.',
  'origin-refused': 'Pages of this origin may not play the room; its operator can add the origin.',
  'too-many-failures': 'Too many failures from your network; try again in a minute.',
  'keys-unavailable': 'Tickets cannot be checked now; come back in a few seconds.',
} as const satisfies Partial<Record<ProblemCode, string>>;

/** Why somebody may not listen. */
export type AccessRefusal = keyof typeof DETAILS;

const RETRY_AFTER_SEC: Readonly<Partial<Record<AccessRefusal, number>>> = {
  'keys-unavailable': 5,
  'too-many-failures': 60,
};

/** The refusal with its words. Those say the same of a room that does not exist and of one that is private. */
export function refusalOf(code: AccessRefusal): Problem {
  return problem(code, DETAILS[code], RETRY_AFTER_SEC[code]);
}
