import type { RoomId } from '../../wire/room-id.ts';
import type { CallOutcome, LegEnd } from '../leg.ts';

/** What became of a hang-up. `gone`: the call was over already. `failed`: it may still live; `code` says why. */
export type HangUpOutcome = { kind: 'hung-up' } | { kind: 'gone' } | { kind: 'failed'; code: string };

/** News of a call, from the platform's webhooks. `legId` is the name that {@link CallOutcome} gave. */
export interface CallNews {
  legId: string;
  end: LegEnd;
}

/** A call to this relay that is not over, by whichever process of it it was asked for. */
export interface LiveLeg {
  legId: string;
  room: RoomId;
  legTicket: string;
}

/** The calls to this relay that are not over, or why they are not known. */
export type LiveLegs = { kind: 'known'; legs: readonly LiveLeg[] } | { kind: 'failed'; code: string };

/**
 * A phone platform: something that can call a conference and connect the call to our leg socket. Faults of the
 * platform are outcomes; these promises never reject.
 */
export interface Provider {
  /** Asks for one leg of the room's conference, which will arrive at the leg socket with this ticket. */
  placeCall(room: RoomId, legTicket: string): Promise<CallOutcome>;
  /** Ends a call of the room's; tries again for some seconds where the platform says "not yet". */
  hangUp(room: RoomId, legId: string): Promise<HangUpOutcome>;
  /** Asks what lives on the platform; calls to elsewhere and people's calls are none of ours. */
  liveLegs(): Promise<LiveLegs>;
}
