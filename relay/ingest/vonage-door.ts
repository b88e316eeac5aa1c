import * as v from 'valibot';
import { problem, type Problem } from '../errors.ts';
import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import type { LegTicketVerdict } from '../access/leg-tickets.ts';
import type { Admission, LegEnd } from '../leg.ts';
import type { Log } from '../log.ts';
import { refuseUpgrade } from '../refusal.ts';
import type { LegDoor, Upgrade } from './leg-door.ts';
import type { CallNews } from './provider.ts';
import {
  checkPin,
  nccoForCaller,
  nccoForPin,
  noConference,
  parseAttempt,
  turnedAway,
  type Ncco,
  type TalkerRoom,
} from './talker-entry.ts';
import type { SignatureVerdict, VonageSignature } from './vonage-signature.ts';

/** What the platform's requests to us are answered with. */
export interface VonageDoorParts {
  door: LegDoor;
  signature: VonageSignature;
  spendLegTicket: (room: RoomId, ticket: string) => LegTicketVerdict;
  admit: (room: RoomId, epoch: number) => Admission;
  /** The room that talkers reach under a dialled number (E.164 digits). */
  roomOfNumber: (number: string) => TalkerRoom | undefined;
  roomOfId: (room: RoomId) => TalkerRoom | undefined;
  /** Counts wrong PINs by the number that calls; over the limit even the right one is turned away. */
  pinFailures: { failed(caller: string): void; isOver(caller: string): boolean };
  /** Where the platform reaches this relay: `https://relay.example`. */
  publicUrl: string;
  onNews: (news: CallNews) => void;
  log: Log;
}

/** Answer to a webhook: an NCCO, nothing (204), or a refusal. */
export type WebhookAnswer =
  | { kind: 'ncco'; ncco: Ncco }
  | { kind: 'done' }
  | { kind: 'refused'; problem: Problem };

const EventBody = v.object({ uuid: v.optional(v.string()), status: v.optional(v.string()) });
const AnswerBody = v.object({ to: v.optional(v.string(), '') });
const PinBody = v.object({
  from: v.nullish(v.string(), ''),
  dtmf: v.nullish(v.object({ digits: v.nullish(v.string(), '') }), {}),
});

/**
 * Statuses that end a call, and how (Vonage Voice API, webhook reference). `disconnected` is never sent for a hang-up
 * of ours.
 */
const ENDS: ReadonlyMap<string, LegEnd> = new Map<string, LegEnd>([
  ['completed', 'ended'],
  ['disconnected', 'lost'],
  ['failed', 'lost'],
  ['rejected', 'lost'],
  ['busy', 'lost'],
  ['cancelled', 'lost'],
  ['timeout', 'lost'],
  ['unanswered', 'lost'],
]);

/** Everything the Vonage platform asks of the relay: its leg's upgrade and its webhooks. */
export class VonageDoor {
  readonly #parts: VonageDoorParts;

  constructor(parts: VonageDoorParts) {
    this.#parts = parts;
  }

  /**
   * `GET /vonage/leg/{room}/{legTicket}`: 401 before the upgrade unless signature and ticket are right. In this order:
   * only the platform may use a ticket up.
   */
  async upgrade(upgrade: Upgrade, roomText: string, ticket: string): Promise<void> {
    const { door, admit, log, signature, spendLegTicket } = this.#parts;
    const room = parseRoomId(roomText);
    const signed = await signature.check(upgrade.request.headers.authorization, [], 'leg');
    if (signed.kind !== 'right') {
      log.warn('leg.refused', { room, why: why(signed) });
      return refuseUpgrade(upgrade.socket, problem('ticket-refused', 'The platform did not sign this leg.'));
    }
    const verdict = room ? spendLegTicket(room, ticket) : { kind: 'wrong' as const };
    if (!room || verdict.kind !== 'right') {
      log.warn('leg.refused', { room, why: `ticket-${verdict.kind}` });
      return refuseUpgrade(
        upgrade.socket,
        problem('ticket-refused', 'The leg ticket is wrong, too old or used.'),
      );
    }
    door.open(upgrade, room, admit(room, verdict.epoch));
  }

  /** `/vonage/event`: news of a call, in any order, once or twice. `body` is the raw body, or the query of a GET. */
  async event(authorization: string | undefined, body: string | Buffer): Promise<WebhookAnswer> {
    const verdict = await this.#check('event', authorization, body);
    if (verdict.kind === 'replayed') return { kind: 'done' };
    if (verdict.kind !== 'right') return refusalFor(verdict);
    const event = parseBody(EventBody, body);
    if (!event)
      return refused(problem('bad-request', 'The event is not a JSON object with uuid and status.'));
    this.#parts.log.info('vonage.event', { leg: event.uuid, status: event.status });
    const end = ENDS.get(event.status ?? '');
    if (event.uuid !== undefined && end) this.#parts.onNews({ legId: event.uuid, end });
    return { kind: 'done' };
  }

  /**
   * `/vonage/answer`: a talker has dialled in; answers with the NCCO that takes them into the room. The platform asks
   * again when the first answer was late, so the same question gets the same answer.
   */
  async answer(authorization: string | undefined, body: string | Buffer): Promise<WebhookAnswer> {
    const verdict = await this.#check('answer', authorization, body);
    if (verdict.kind === 'missing' || verdict.kind === 'wrong') return refusalFor(verdict);
    const call = parseBody(AnswerBody, body);
    if (!call) return refused(problem('bad-request', 'The request names no dialled number in "to".'));
    const room = this.#parts.roomOfNumber(call.to.replace(/^\+/, ''));
    return { kind: 'ncco', ncco: room ? nccoForCaller(room, this.#parts.publicUrl) : noConference() };
  }

  /**
   * `POST /vonage/pin/{room}/{attempt}`: a talker has keyed something in; answers with the NCCO that lets them in, asks
   * again or says goodbye. Nothing is kept between the tries: the address names the next one. Asked a second time, the
   * same digits get the same answer and count once; only if that once reached the limit is the second answer goodbye.
   */
  async pin(
    authorization: string | undefined,
    body: string | Buffer,
    roomText: string,
    attemptText: string,
  ): Promise<WebhookAnswer> {
    const { log, pinFailures, publicUrl, roomOfId } = this.#parts;
    const id = parseRoomId(roomText);
    const attempt = parseAttempt(attemptText);
    const signed = await this.#check(`pin/${id}/${attempt}`, authorization, body);
    if (signed.kind === 'missing' || signed.kind === 'wrong') return refusalFor(signed);
    if (!id) return refused(problem('bad-room-id', 'A room id is a-z, 0-9 and -.'));
    if (!attempt) return refused(problem('not-found', 'There are three tries: 1, 2 and 3.'));
    const room = roomOfId(id);
    if (!room) return refused(problem('room-not-found', `There is no room "${id}".`));
    const keyed = parseBody(PinBody, body);
    if (!keyed) return refused(problem('bad-request', 'The request is not a JSON object with dtmf.digits.'));
    const caller = callerOf(keyed.from);
    const verdict = checkPin(room, keyed.dtmf.digits);
    const isOver = pinFailures.isOver(caller);
    if (verdict === 'wrong' && signed.kind === 'right') pinFailures.failed(caller);
    log.info('talker.pin', { room: id, attempt, verdict: isOver ? 'too-many-failures' : verdict });
    return { kind: 'ncco', ncco: isOver ? turnedAway() : nccoForPin(room, verdict, attempt, publicUrl) };
  }

  async #check(
    use: string,
    authorization: string | undefined,
    body: string | Buffer,
  ): Promise<SignatureVerdict> {
    const verdict = await this.#parts.signature.check(authorization, payloadsOf(body), use);
    if (verdict.kind === 'missing' || verdict.kind === 'wrong')
      this.#parts.log.warn('vonage.webhook-refused', { webhook: use, why: why(verdict) });
    return verdict;
  }
}

function refusalFor(verdict: SignatureVerdict): WebhookAnswer {
  // A 5xx makes the platform send again; it says that unsigned callbacks happen, rarely, and are signed then.
  if (verdict.kind === 'missing') return refused(problem('not-verified', 'The webhook is not signed.'));
  return refused(problem('ticket-refused', 'The signature of the webhook is wrong.'));
}

function refused(refusal: Problem): WebhookAnswer {
  return { kind: 'refused', problem: refusal };
}

function why(verdict: SignatureVerdict): string {
  return verdict.kind === 'wrong' ? `signature-${verdict.code}` : `signature-${verdict.kind}`;
}

/** Who calls, as far as wrong PINs are counted: whoever shows no number is one with all others who show none. */
function callerOf(from: string): string {
  const number = from.replace(/^\+/, '');
  return /^\d{3,20}$/.test(number) ? number : 'withheld';
}

/** What `payload_hash` may be of: the exact bytes, or the same JSON written compactly. */
function payloadsOf(body: string | Buffer): readonly (string | Buffer)[] {
  const json = parseJson(body);
  try {
    return json === undefined ? [body] : [body, JSON.stringify(json)];
  } catch {
    return [body]; // lists in lists, 5000 deep: they can be read and not written
  }
}

function parseBody<Output>(
  schema: v.GenericSchema<unknown, Output>,
  body: string | Buffer,
): Output | undefined {
  const result = v.safeParse(schema, parseJson(body));
  return result.success ? result.output : undefined;
}

function parseJson(body: string | Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined; // not JSON: the schema refuses undefined
  }
}
