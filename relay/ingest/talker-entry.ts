import { createHash, timingSafeEqual } from 'node:crypto';
import type { RoomId } from '../../wire/room-id.ts';
import type { RoomConfig } from '../config/room-config.ts';

/** What a talker's way in depends on. */
export type TalkerRoom = Pick<RoomConfig, 'id' | 'title' | 'conversation' | 'pin' | 'hostPin'>;

/** Which of a call's tries to key in the PIN. */
export type Attempt = 1 | 2 | 3;

/** One NCCO: what the platform is to do with a call. It hangs up at the end. Source: Vonage, NCCO reference. */
export type Ncco = readonly NccoAction[];

type NccoAction =
  | { action: 'talk'; text: string; bargeIn?: true }
  | {
      action: 'input';
      type: ['dtmf'];
      dtmf: { maxDigits: number; timeOut: number; submitOnHash: true };
      eventUrl: [string];
      eventMethod: 'POST';
    }
  | { action: 'conversation'; name: string; startOnEnter: boolean; endOnExit?: true };

/** As whom the digits let a caller in, or why they do not. */
export type PinVerdict = 'talker' | 'host' | 'wrong' | 'nothing-keyed';

/** The longest PIN there is: whoever guesses does not learn the length of this one. */
const MAX_DIGITS = 12;
/** Time to find the next key, s. Also ends what nobody closed with the hash key. */
const TIME_OUT_SEC = 7;
const ASK = 'Please key in the PIN, then press the hash key.';

/** Where the platform is to bring the digits of a try; the digits themselves travel in the signed body. */
export function pinUrl(publicUrl: string, room: RoomId, attempt: Attempt): string {
  return `${publicUrl}/vonage/pin/${room}/${attempt}`;
}

/** The try that a path names; undefined for anything but `1`, `2` or `3`. */
export function parseAttempt(text: string): Attempt | undefined {
  switch (text) {
    case '1':
      return 1;
    case '2':
      return 2;
    case '3':
      return 3;
    default:
      return undefined;
  }
}

/**
 * Both PINs are always compared, each in constant time: the time of the answer tells nothing about either. Where the
 * PIN was taken away while somebody keyed it in, everybody is a talker.
 */
export function checkPin({ pin, hostPin }: TalkerRoom, digits: string): PinVerdict {
  const given = digest(digits);
  const isHost = timingSafeEqual(given, digest(hostPin ?? ''));
  const isTalker = timingSafeEqual(given, digest(pin ?? ''));
  if (pin === undefined) return 'talker';
  if (digits === '') return 'nothing-keyed';
  if (isHost) return 'host';
  return isTalker ? 'talker' : 'wrong';
}

/** What somebody who has dialled the room is answered with. A room with a PIN tells nothing of itself yet. */
export function nccoForCaller(room: TalkerRoom, publicUrl: string): Ncco {
  return room.pin === undefined ? admitted(room, 'talker') : asked(room, 1, publicUrl, ASK);
}

/** What somebody is answered with who has keyed something in, or nothing, as their try `attempt`. */
export function nccoForPin(room: TalkerRoom, verdict: PinVerdict, attempt: Attempt, publicUrl: string): Ncco {
  switch (verdict) {
    case 'host':
    case 'talker':
      return admitted(room, verdict);
    case 'wrong':
    case 'nothing-keyed':
      if (attempt === 3) return turnedAway();
      return asked(room, attempt === 1 ? 2 : 3, publicUrl, `That is not the PIN. ${ASK}`);
    default:
      return verdict satisfies never;
  }
}

/** The same goodbye for three wrong tries and for whoever may not try again yet. */
export function turnedAway(): Ncco {
  return [{ action: 'talk', text: 'You cannot be let in. Goodbye.' }];
}

/** The operator's numbers are few and no secret: who dials one without a room is told so. */
export function noConference(): Ncco {
  return [{ action: 'talk', text: 'There is no conference under this number.' }];
}

function admitted({ title, conversation: name, hostPin }: TalkerRoom, role: 'talker' | 'host'): Ncco {
  const enter: NccoAction =
    role === 'host'
      ? { action: 'conversation', name, startOnEnter: true, endOnExit: true }
      : { action: 'conversation', name, startOnEnter: hostPin === undefined };
  return [{ action: 'talk', text: `Welcome to ${title}.` }, enter];
}

function asked({ id }: TalkerRoom, attempt: Attempt, publicUrl: string, text: string): Ncco {
  return [
    { action: 'talk', text, bargeIn: true },
    {
      action: 'input',
      type: ['dtmf'],
      dtmf: { maxDigits: MAX_DIGITS, timeOut: TIME_OUT_SEC, submitOnHash: true },
      eventUrl: [pinUrl(publicUrl, id, attempt)],
      eventMethod: 'POST',
    },
  ];
}

/** Of equal length whatever was keyed in. */
function digest(digits: string): Buffer {
  return createHash('sha256').update(digits).digest();
}
