import type { CaptionMessage, RoomState } from '../wire/messages.ts';

/** A room as its owner sees it. Media fields are null while no leg is up. */
export interface RoomStatus {
  state: RoomState;
  /** Of the leg's media clock: Unix milliseconds of its start. */
  epoch: number | null;
  /** Samples a second. */
  sampleRate: number | null;
}

/** Whether two say the same. */
export function isSameStatus(one: RoomStatus, other: RoomStatus): boolean {
  return one.state === other.state && one.epoch === other.epoch && one.sampleRate === other.sampleRate;
}

/** What a room sends on to whoever has listeners of it. */
export type RoomMessage =
  /** One encoded chunk: a whole WAV file (wire/chunk.ts). */
  | { kind: 'chunk'; bytes: Uint8Array }
  | { kind: 'status'; status: RoomStatus }
  /** The epoch's media clock at the moment of sending, milliseconds. `quiet`: nobody speaks, chunks are left out. */
  | { kind: 'clock'; epoch: number; mediaMs: number; quiet: boolean }
  /** What was said of the epoch's sound. Partials come four times a second at most. */
  | { kind: 'caption'; caption: CaptionMessage };
