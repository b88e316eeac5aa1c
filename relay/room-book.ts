import type { RoomId } from '../wire/room-id.ts';
import { repeat, type Cancel, type Clock } from './clock.ts';
import type { RoomConfig } from './config/room-config.ts';

/** Settings that are read whenever they are needed; all others are built into a room that runs. */
const READ_ANEW: readonly (keyof RoomConfig)[] = [
  'number',
  'pin',
  'hostPin',
  'access',
  'origins',
  'maxListeners',
];

/** How often a room that is to be built anew is looked at, ms. */
const LOOK_EVERY_MS = 2000;

/** How rooms are begun and ended. */
export interface RoomBuilding {
  open: (room: RoomConfig) => void;
  drop: (id: RoomId) => void;
  /** Whether nobody listens and no leg is up or on its way. */
  isAtRest: (id: RoomId) => boolean;
  clock: Clock;
}

/**
 * The rooms as they were configured last, and as they run. A change drops nobody: what is built into a room, and the
 * end of one that is configured no more, wait until it is at rest. Such a room lets nobody in any more.
 */
export class RoomBook {
  /** As configured: who may come in, and with what. */
  readonly configured = new Map<RoomId, RoomConfig>();
  /** As they run. */
  readonly running = new Map<RoomId, RoomConfig>();
  readonly #building: RoomBuilding;
  #cancelLook: Cancel | undefined;

  constructor(building: RoomBuilding) {
    this.#building = building;
  }

  /** From now on these are the rooms. */
  take(rooms: readonly RoomConfig[]): void {
    const wanted = new Map(rooms.map((room) => [room.id, room]));
    for (const [id, room] of wanted) if (!this.running.has(id)) this.#open(room);
    // In their order, for lists.
    this.configured.clear();
    for (const [id, room] of wanted) this.configured.set(id, room);
    this.#settle();
  }

  /** Rooms that run otherwise than configured, until they are at rest. */
  get waiting(): RoomId[] {
    return [...this.running.keys()].filter((id) => this.#isOutdated(id));
  }

  /** Looks at nothing any more. */
  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }

  #settle(): void {
    for (const id of this.waiting.filter((outdated) => this.#building.isAtRest(outdated))) {
      this.running.delete(id);
      this.#building.drop(id);
      const room = this.configured.get(id);
      if (room) this.#open(room);
    }
    if (this.waiting.length === 0) this.close();
    else this.#cancelLook ??= repeat(this.#building.clock, LOOK_EVERY_MS, () => this.#settle());
  }

  #open(room: RoomConfig): void {
    this.running.set(room.id, room);
    this.#building.open(room);
  }

  #isOutdated(id: RoomId): boolean {
    const [runs, wanted] = [this.running.get(id), this.configured.get(id)];
    return builtIn(runs) !== builtIn(wanted);
  }
}

/** What is built in, to be compared. */
function builtIn(room: RoomConfig | undefined): string {
  return JSON.stringify(room, (name, value: unknown) =>
    READ_ANEW.some((anew) => anew === name) ? undefined : value,
  );
}
