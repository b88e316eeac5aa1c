import type { CaptionMessage, RoomState } from '../wire/messages.ts';

/** A room as its owner sees it. Media fields are null while no leg is up. */
export interface RoomStatus {
  state: RoomState;
  /** Of the leg's media clock: Unix milliseconds of its start. */
  epoch: number | null;
  /** Samples a second. */
  sampleRate: number | null;
  /** When its schedule opens it, Unix ms; absent where it is open, has no schedule, or nothing is planned. */
  opensAtMs?: number;
}

/** Whether two say the same. */
export function isSameStatus(one: RoomStatus, other: RoomStatus): boolean {
  return (
    one.state === other.state &&
    one.epoch === other.epoch &&
    one.sampleRate === other.sampleRate &&
    one.opensAtMs === other.opensAtMs
  );
}

/** What a room sends on to whoever has listeners of it. */
export type RoomMessage =
  /** One encoded chunk: a whole WAV file (wire/chunk.ts). */
  | { kind: 'chunk'; bytes: Uint8Array }
  | { kind: 'status'; status: RoomStatus }
  /** The epoch's media clock at the moment of sending, milliseconds. `quiet`: nobody speaks, chunks are left out. */
  | { kind: 'clock'; epoch: number; mediaMs: number; quiet: boolean }
  /** What was said of the epoch's sound. Partials come four times a second at most. */
  | { kind: 'caption'; caption: CaptionMessage }
  /**
   * What the operator has to say to who listens (`isNoticeText`), until `untilMs` (Unix ms, 5 min from now by default,
   * 24 h at most); empty, it takes back what was said.
   */
  | { kind: 'notice'; text: string; untilMs?: number };
