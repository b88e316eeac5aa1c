import { FRAME_MS } from '../../wire/format.ts';
import type { RoomId } from '../../wire/room-id.ts';
import type { Config } from '../config/config.ts';
import type { RoomConfig } from '../config/room-config.ts';
import type { LegEnd } from '../leg.ts';
import type { RoomMessage } from '../room-message.ts';
import { lifecycleOf } from './room-life.ts';
import type { RoomParts } from './room.ts';
import { ScheduledRoom } from './scheduled-room.ts';

/** What all rooms share. */
export interface RoomsParts extends Pick<RoomParts, 'calls' | 'clock' | 'random' | 'log'> {
  out: (room: RoomId, message: RoomMessage) => void;
}

/** The rooms that this relay runs, by id. */
export class Rooms {
  readonly #parts: RoomsParts;
  readonly #rooms = new Map<RoomId, ScheduledRoom>();

  constructor(parts: RoomsParts) {
    this.#parts = parts;
  }

  /** Begins a room, as the configuration has it. Only one that is dialled gets hold of the calls. */
  open(config: Config, settings: RoomConfig): void {
    const { id, source, chunkMs, silence, schedule } = settings;
    const { calls, out, ...shared } = this.#parts;
    const parts = {
      ...shared,
      id,
      // The fan-out joins frames to chunks, for each part of the audience at another moment.
      chunkMs: FRAME_MS,
      prerollMs: chunkMs - FRAME_MS,
      suppressSilence: silence === 'suppress',
      lifecycle: lifecycleOf(config, settings),
      calls: source === 'vonage' ? calls : null,
      out: (message: RoomMessage) => out(id, message),
    };
    this.#rooms.set(id, new ScheduledRoom(parts, schedule));
  }

  /** Ends a room. */
  async drop(id: RoomId): Promise<void> {
    const room = this.#rooms.get(id);
    this.#rooms.delete(id);
    await room?.close();
  }

  /** The room, or `undefined` when there is none of this id. */
  get(id: RoomId): ScheduledRoom | undefined {
    return this.#rooms.get(id);
  }

  /** Passes news of a call to the room whose call it is; the others do not know its name. */
  callOver(legId: string, end: LegEnd): void {
    for (const room of this.#rooms.values()) room.callOver(legId, end);
  }

  /** Hangs up everywhere; resolves when the platform has answered for each room. */
  async close(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.close()));
  }
}
