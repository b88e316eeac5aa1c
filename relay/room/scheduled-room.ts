import type { Opening, Schedule } from '../schedule.ts';
import { OpeningHours } from './opening-hours.ts';
import { Room, type RoomParts } from './room.ts';

/**
 * A room that is open by its schedule. While it is closed nobody is dialled, and who listens is told when it opens; when
 * it closes, its leg is hung up at once, whoever still listens.
 */
export class ScheduledRoom extends Room {
  readonly #hours: OpeningHours;
  readonly #out: RoomParts['out'];

  /** `schedule` is undefined where it is always open. */
  constructor(parts: RoomParts, schedule: Schedule | undefined) {
    const hours = new OpeningHours({ schedule, clock: parts.clock, onChange: (now) => this.#onChange(now) });
    super({
      ...parts,
      out: (message) =>
        parts.out(message.kind === 'status' ? { ...message, status: hours.status(message.status) } : message),
    });
    this.#hours = hours;
    this.#out = parts.out;
    if (hours.now.kind === 'closed') this.#tellHours();
  }

  override describe(): ReturnType<Room['describe']> {
    return { ...this.#hours.status(super.describe()), listeners: this.#hours.listeners };
  }

  override get isAtRest(): boolean {
    return super.isAtRest && this.#hours.listeners === 0;
  }

  override audience(listeners: number): void {
    super.audience(this.#hours.audience(listeners));
  }

  /** Opens the room where it is closed, and dials. */
  override call(): ReturnType<Room['call']> {
    this.#hours.override();
    return super.call();
  }

  override close(): Promise<void> {
    this.#hours.close();
    return super.close();
  }

  /** It has another schedule from now on, or none. */
  reschedule(schedule: Schedule | undefined): void {
    this.#hours.reschedule(schedule);
  }

  #onChange(now: Opening): void {
    // No linger: who has been told that it is closed must not be heard any more.
    if (now.kind === 'closed') this.hangUp();
    super.audience(now.kind === 'open' ? this.#hours.listeners : 0);
    this.#tellHours();
  }

  #tellHours(): void {
    const { state, epoch, sampleRate } = super.describe();
    this.#out({ kind: 'status', status: this.#hours.status({ state, epoch, sampleRate }) });
  }
}
