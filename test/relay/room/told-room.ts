import { step } from '../../../relay/room/lifecycle.ts';
import {
  AT_REST,
  heard,
  type LifecycleSettings,
  type RoomAction,
  type RoomEvent,
  type RoomLife,
} from '../../../relay/room/room-life.ts';
import { DIALLED } from './lifecycle-settings.ts';

/** A room told one thing after the other, with the actions it asked for. */
export class Told {
  life: RoomLife = AT_REST;
  nowMs = 0;
  actions: RoomAction[] = [];
  readonly #settings: LifecycleSettings;

  constructor(settings: LifecycleSettings = DIALLED) {
    this.#settings = settings;
  }

  /** Tells it `events` now; `actions` are then what these led to. */
  tell(...events: RoomEvent[]): this {
    this.actions = [];
    for (const event of events) {
      const [life, actions] = step(this.life, event, this.nowMs, this.#settings);
      this.life = life;
      this.actions.push(...actions);
    }
    return this;
  }

  /** `ms` later; a leg that is up was heard until then. */
  after(ms: number, ...events: RoomEvent[]): this {
    this.nowMs += ms;
    this.life = heard(this.life, this.nowMs);
    return this.tell(...events);
  }

  /** `ms` later; nothing was heard. */
  silent(ms: number, ...events: RoomEvent[]): this {
    this.nowMs += ms;
    return this.tell(...events);
  }

  get kind(): string {
    return this.life.phase.kind;
  }
}

export const LEG = 'leg-1';
export const REDIAL_MS = 500;
export const join = (listeners = 1, epoch = 1): RoomEvent => ({ kind: 'audience', listeners, epoch });
export const leave = (listeners = 0): RoomEvent => ({ kind: 'audience', listeners, epoch: 99 });
export const placed = (epoch = 1, legId = LEG): RoomEvent => ({ kind: 'call-placed', epoch, legId });
export const refused = (retryAfterMs: number | null = null, epoch = 1): RoomEvent => ({
  kind: 'call-refused',
  epoch,
  retryAfterMs,
  redialMs: REDIAL_MS,
});
export const opened = (epoch = 1): RoomEvent => ({ kind: 'leg-opened', epoch });
export const frames: RoomEvent = { kind: 'frames', held: false };
export const closed = (end: 'ended' | 'lost', epoch = 1): RoomEvent => ({
  kind: 'leg-closed',
  epoch,
  end,
  redialMs: REDIAL_MS,
});
export const over = (end: 'ended' | 'lost', legId = LEG): RoomEvent => ({
  kind: 'call-over',
  legId,
  end,
  redialMs: REDIAL_MS,
});
export const hungUp = (epoch = 1): RoomEvent => ({ kind: 'hung-up', epoch });
export const tick = (epoch = 2): RoomEvent => ({ kind: 'tick', epoch, redialMs: REDIAL_MS });

export const placeCall = (epoch: number): RoomAction => ({ kind: 'place-call', epoch });
export const hangUp = (epoch = 1, legId = LEG): RoomAction => ({ kind: 'hang-up', epoch, legId });
export const tellStall = (epoch = 1): RoomAction => ({ kind: 'tell-stall', epoch });
export const closeLeg = (epoch = 1): RoomAction => ({ kind: 'close-leg', epoch });

/** A room with one listener whose leg is up and audible. */
export function live(settings: LifecycleSettings = DIALLED): Told {
  return new Told(settings).tell(join(), placed(), opened(), frames);
}
