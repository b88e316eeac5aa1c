import type { Cancel, Clock } from '../clock.ts';
import type { RoomStatus } from '../room-message.ts';
import { scheduleAt, type Opening, type Schedule } from '../schedule.ts';

/** The wall clock may be set: the schedule is read again after so long at the latest. */
const READ_EVERY_MS = 3_600_000;
/** A room that the operator has opened closes by itself after so long. */
const OVERRIDE_MOST_MS = 12 * 3_600_000;

const ALWAYS: Opening = { kind: 'open', closesAtMs: Infinity };

/** What a room's hours are made of. */
export interface OpeningHoursParts {
  /** Undefined where it is always open. */
  schedule: Schedule | undefined;
  clock: Pick<Clock, 'wallMs' | 'after'>;
  /** It has opened or closed, or opens at another time; not called before the constructor has returned. */
  onChange: (now: Opening) => void;
}

/** Whether a room is open, by its schedule and the wall clock; what it is told of its audience, and its audience of it. */
export class OpeningHours {
  readonly #parts: OpeningHoursParts;
  #schedule: Schedule | undefined;
  #now: Opening;
  /** Of the wall clock, when `#now` was read. */
  #readAtMs = 0;
  /** The operator has opened it until then, Unix ms. */
  #overrideUntilMs: number | undefined;
  #listeners = 0;
  #cancel: Cancel | undefined;

  constructor(parts: OpeningHoursParts) {
    this.#parts = parts;
    this.#schedule = parts.schedule;
    this.#now = this.#read();
  }

  /** What holds now. */
  get now(): Opening {
    return this.#now;
  }

  /** How many listen, whether it is open or not. */
  get listeners(): number {
    return this.#listeners;
  }

  /** So many listen now. Returns how many the room is to know of: nobody is dialled for those who come too early. */
  audience(listeners: number): number {
    this.#listeners = listeners;
    const wallMs = this.#parts.clock.wallMs();
    if (wallMs < this.#readAtMs || wallMs >= endOf(this.#now)) this.#readAgain();
    return this.#now.kind === 'open' ? listeners : 0;
  }

  /**
   * What listeners are told of a room whose own status is this. Of a closed one `waiting` and when it opens, or `ended`
   * where nothing is planned; but sound that a publisher sends before the time is not kept from them.
   */
  status<Status extends RoomStatus>(status: Status): Status {
    if (this.#now.kind === 'open' || status.state === 'live') return status;
    const { opensAtMs } = this.#now;
    if (opensAtMs !== null) return { ...status, state: 'waiting', opensAtMs };
    return status.state === 'waiting' && status.epoch !== null ? status : { ...status, state: 'ended' };
  }

  /** The operator opens it before its time: until its schedule does, or for 12 h. Does nothing where it is open. */
  override(): void {
    if (this.#now.kind === 'open') return;
    const longestMs = this.#parts.clock.wallMs() + OVERRIDE_MOST_MS;
    this.#overrideUntilMs = Math.min(longestMs, this.#now.opensAtMs ?? Infinity);
    this.#readAgain();
  }

  /** It has another schedule from now on, or none. */
  reschedule(schedule: Schedule | undefined): void {
    this.#schedule = schedule;
    this.#readAgain();
  }

  /** Changes no more by itself. */
  close(): void {
    this.#cancel?.();
  }

  #readAgain(): void {
    const before = this.#now;
    const now = this.#read();
    this.#now = now;
    const isSame =
      now.kind === 'open'
        ? before.kind === 'open'
        : before.kind === 'closed' && before.opensAtMs === now.opensAtMs;
    if (!isSame) this.#parts.onChange(now);
  }

  /** Also sets the timer for the next reading. */
  #read(): Opening {
    const { clock } = this.#parts;
    const wallMs = clock.wallMs();
    const planned = this.#schedule ? scheduleAt(this.#schedule, wallMs) : ALWAYS;
    const overrideUntilMs = this.#overrideUntilMs ?? -Infinity;
    const isOverridden = planned.kind === 'closed' && wallMs < overrideUntilMs;
    if (!isOverridden) this.#overrideUntilMs = undefined;
    const now: Opening = isOverridden ? { kind: 'open', closesAtMs: overrideUntilMs } : planned;
    this.#readAtMs = wallMs;
    this.close();
    if (this.#schedule) {
      const waitMs = Math.max(1, Math.min(READ_EVERY_MS, endOf(now) - wallMs));
      this.#cancel = clock.after(waitMs, () => this.#readAgain());
    }
    return now;
  }
}

function endOf(opening: Opening): number {
  return opening.kind === 'open' ? opening.closesAtMs : (opening.opensAtMs ?? Infinity);
}
