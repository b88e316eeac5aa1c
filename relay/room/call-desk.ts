import type { RoomId } from '../../wire/room-id.ts';
import type { CallOutcome } from '../leg.ts';
import type { Log } from '../log.ts';
import type { CallControl } from './call-control.ts';

/** What a call desk is made of. */
export interface CallDeskParts {
  id: RoomId;
  calls: CallControl;
  log: Log;
  /** What became of the call of `epoch`. */
  onOutcome: (epoch: number, outcome: CallOutcome) => void;
  onHungUp: (epoch: number) => void;
}

/** Has the room's calls placed and hung up, and knows which of that is still under way. */
export class CallDesk {
  readonly #parts: CallDeskParts;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: CallDeskParts) {
    this.#parts = parts;
  }

  /** Places the call of an epoch; `attempt` is for the log. */
  place(epoch: number, attempt: number): void {
    this.#track(this.#place(epoch, attempt));
  }

  /** Ends a call. */
  hangUp(epoch: number, legId: string): void {
    this.#track(this.#hangUp(epoch, legId));
  }

  /** Resolves when nothing is under way any more; what is added meanwhile is waited for. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #place(epoch: number, attempt: number): Promise<void> {
    const { calls, id, log, onOutcome } = this.#parts;
    log.info('call.dialled', { room: id, epoch, attempt });
    const outcome = await calls.place(id, epoch);
    if (outcome.kind === 'placed') log.info('call.placed', { room: id, epoch, leg: outcome.legId });
    else log.warn('call.refused', { room: id, epoch, code: outcome.code });
    onOutcome(epoch, outcome);
  }

  async #hangUp(epoch: number, legId: string): Promise<void> {
    await this.#parts.calls.hangUp(this.#parts.id, legId);
    this.#parts.onHungUp(epoch);
  }

  #track(call: Promise<void>): void {
    this.#underWay.add(call);
    void call.finally(() => this.#underWay.delete(call));
  }
}
