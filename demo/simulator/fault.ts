import type { SampleRate } from '../../wire/format.ts';
import type { CallStatus } from './call-status.ts';

/** Narrows a fault to one call; without it the newest open leg is meant, or else the next to come. */
export interface FaultTarget {
  /** Conversation name. */
  conversation?: string;
  /** Leg uuid. */
  leg?: string;
}

/** Happens to an open leg: now, or when its media clock reaches `atMediaMs`. */
export type MediaFault = FaultTarget & { atMediaMs?: number } & (
    | /** The socket dies: with this close code, or without any close frame (the relay sees 1006). */
      { kind: 'drop'; closeCode?: number }
    /** No frames for `forMs`; then all of them at once, or never. */
    | { kind: 'stall'; forMs: number; backlog: 'burst' | 'loss' }
    /** The next `frames` (default 1) binary messages have `bytes` bytes. */
    | { kind: 'wrongFrame'; bytes: number; frames?: number }
    /** The platform sends no frames at all for `forMs`; profile `legacy` announces it with `websocket:media:update`. */
    | { kind: 'inactive'; forMs: number }
    /** A second socket dials the leg's URI and plays the same frames. */
    | { kind: 'secondSocket' }
  );

/** Happens while the next leg is being set up. */
export type DialFault = Pick<FaultTarget, 'conversation'> &
  (
    | /** The first text and the audio after it come `byMs` late. */
      { kind: 'firstTextLate'; byMs: number }
    /** The socket opens and says nothing: no text, no audio. */
    | { kind: 'noFirstText' }
    /** The first text is not JSON. */
    | { kind: 'firstTextNotJson' }
    /** Audio starts 50 ms before the first text. */
    | { kind: 'binaryBeforeText' }
    /** The leg announces and plays this rate, whatever was asked. */
    | { kind: 'rateMismatch'; sampleRate: SampleRate }
    /** The call never gets through and the platform reports this. */
    | { kind: 'outcome'; status: FailureStatus; detail?: string }
  );

/** How a call can end without having been answered. */
export type FailureStatus = Extract<
  CallStatus,
  'failed' | 'unanswered' | 'timeout' | 'rejected' | 'busy' | 'cancelled'
>;

/** Happens to the next `requests` REST requests (default 1). */
export type RestFault =
  | { kind: 'http'; status: 400 | 401 | 404 | 429 | 500 | 503; requests?: number }
  | { kind: 'slowApi'; byMs: number; requests?: number };

/** Happens to the next webhook, or to the next one whose `status` is the given one. */
export type WebhookFault = { status?: string } & (
  | /** Sent twice, the same bytes and token. */
    { kind: 'webhookTwice' }
  /** Sent after the call's next webhook. */
  | { kind: 'webhookLate' }
  /** Held back for `byMs`. */
  | { kind: 'webhookDelay'; byMs: number }
  /** Without a token; a 5xx answer brings it again, signed. */
  | { kind: 'webhookUnsigned' }
  /** Signed with another secret. */
  | { kind: 'webhookBadSecret' }
  /** Signed an hour ago. */
  | { kind: 'webhookStale' }
  /** Changed after signing. */
  | { kind: 'webhookTampered' }
);

/** One deliberate misbehaviour of the platform. */
export type Fault = MediaFault | DialFault | RestFault | WebhookFault;

/** Whether a fault happens to an open leg. */
export function isMediaFault(fault: Fault): fault is MediaFault {
  switch (fault.kind) {
    case 'drop':
    case 'stall':
    case 'wrongFrame':
    case 'inactive':
    case 'secondSocket':
      return true;
    default:
      return false;
  }
}
