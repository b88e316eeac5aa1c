import { CloseCode } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import type { CaptionVerdict, SpokenCaption } from '../caption.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Admission, CallOutcome, LegEnd } from '../leg.ts';
import type { Log } from '../log.ts';
import { isSameStatus, type RoomMessage, type RoomStatus } from '../room-message.ts';
import type { CallControl } from './call-control.ts';
import { CallDesk } from './call-desk.ts';
import { tickDueMs } from './due-times.ts';
import { step } from './lifecycle.ts';
import { callVerdict, hangUpVerdict, type CallVerdict, type HangUpVerdict } from './operation.ts';
import { describeRoom, statusOf, type DescribedRoom } from './described-room.ts';
import { redialDelayMs } from './redial.ts';
import { RoomLegs, type ReplacedBy } from './room-legs.ts';
import {
  AT_REST,
  cutByMs,
  heard,
  type LifecycleSettings,
  type RoomAction,
  type RoomEvent,
  type RoomLife,
} from './room-life.ts';

/** What a room is made of. */
export interface RoomParts {
  id: RoomId;
  chunkMs: number;
  prerollMs: number;
  suppressSilence: boolean;
  lifecycle: LifecycleSettings;
  /** Null where nobody is dialled: a publisher feeds the room. */
  calls: CallControl | null;
  clock: Clock;
  random: () => number;
  log: Log;
  out: (message: RoomMessage) => void;
}

/** One conference: performs what its lifecycle decides; its legs' frames become chunks. */
export class Room {
  readonly #parts: RoomParts;
  readonly #desk: CallDesk | undefined;
  readonly #legs: RoomLegs;
  #life: RoomLife = AT_REST;
  #told: RoomStatus = { state: 'idle', epoch: null, sampleRate: null };
  #lastEpoch = 0;
  #cancelTick: Cancel | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: RoomParts) {
    const { calls } = parts;
    this.#parts = parts;
    this.#desk =
      calls === null
        ? undefined
        : new CallDesk({
            ...parts,
            calls,
            onOutcome: (epoch, outcome) => this.#answered(epoch, outcome),
            onHungUp: (epoch) => this.#apply({ kind: 'hung-up', epoch }),
          });
    this.#legs = new RoomLegs({
      ...parts,
      onOpened: (epoch) => this.#apply({ kind: 'leg-opened', epoch }),
      onFormat: () => this.#tell(),
      onFrames: (held) => {
        if (held || this.#told.state !== 'live') this.#apply({ kind: 'frames', held });
      },
      onReplaced: (epoch, by, lagMs) => this.#replaced(epoch, by, lagMs),
      onClosed: (epoch, end) => this.#apply({ kind: 'leg-closed', epoch, end, redialMs: this.#redialMs() }),
    });
  }

  /** What is known of the room now. */
  describe(): DescribedRoom {
    const { clock, lifecycle } = this.#parts;
    return describeRoom(this.#lifeNow(), this.#legs, clock.nowMs(), lifecycle);
  }

  /** Whether nobody listens, and no leg is up or on its way. */
  get isAtRest(): boolean {
    return this.#life.phase.kind === 'idle' && this.#life.listeners === 0;
  }

  /** Listeners of the room on all nodes. */
  audience(listeners: number): void {
    this.#apply({ kind: 'audience', listeners, epoch: this.#nextEpoch() });
  }

  /** An operator wants the room called now, whoever listens. */
  call(): CallVerdict {
    const verdict = callVerdict(this.#life, this.#parts.lifecycle);
    this.#apply({ kind: 'call', epoch: this.#nextEpoch(), redialMs: this.#redialMs() });
    return verdict;
  }

  /** An operator wants the room's call ended; it stays so until somebody new comes, or {@link call}. */
  hangUp(): HangUpVerdict {
    const verdict = hangUpVerdict(this.#life, this.#parts.lifecycle);
    if (verdict === 'hanging-up') this.#apply({ kind: 'hang-up' });
    return verdict;
  }

  /** A dialled leg at the door, whose ticket was made for `epoch`. */
  admitLeg(epoch: number): Admission {
    const { phase, beside } = this.#life;
    if (this.#closing) return { kind: 'refused', why: 'not-expected' };
    if (phase.kind === 'up' && beside?.kind === 'dialling' && beside.epoch === epoch) {
      const terms = {
        dueMs: cutByMs(phase.openedMs, this.#parts.lifecycle),
        isReady: () => this.#isReadyFor(epoch),
      };
      return { kind: 'admitted', sink: (handle) => this.#legs.connectSuccessor(epoch, handle, terms) };
    }
    const expected = phase.kind === 'dialling' && phase.epoch === epoch && !this.#legs.sound;
    if (!expected) return { kind: 'refused', why: epoch <= this.#lastEpoch ? 'superseded' : 'not-expected' };
    return { kind: 'admitted', sink: (handle) => this.#legs.connect(epoch, handle) };
  }

  /** A publisher at the door of a room that is not dialled. */
  admitPublisher(): Admission {
    if (this.#parts.calls || this.#closing) return { kind: 'refused', why: 'not-expected' };
    if (this.#legs.sound) return { kind: 'refused', why: 'superseded' };
    return {
      kind: 'admitted',
      sink: (handle) => {
        this.#lastEpoch = this.#nextEpoch();
        return this.#legs.connect(this.#lastEpoch, handle);
      },
    };
  }

  /** What was said in the room, as text. */
  caption(spoken: SpokenCaption): CaptionVerdict {
    return this.#legs.sound?.caption(spoken) ?? 'not-live';
  }

  /** The platform's word that a call is over; news of other calls does nothing. */
  callOver(legId: string, end: LegEnd): void {
    this.#apply({ kind: 'call-over', legId, end, redialMs: this.#redialMs() });
  }

  /** Hangs up and closes the legs; resolves when the platform has answered. Nothing happens in the room afterwards. */
  close(): Promise<void> {
    return (this.#closing ??= this.#windUp());
  }

  async #windUp(): Promise<void> {
    this.#cancelTick?.();
    const { phase, beside } = this.#life;
    for (const call of [phase, beside]) {
      if ((call?.kind === 'up' || call?.kind === 'here' || call?.kind === 'dialling') && call.legId)
        this.#desk?.hangUp(call.epoch, call.legId);
    }
    if (phase.kind === 'resting' && phase.staleLegId) this.#desk?.hangUp(0, phase.staleLegId);
    // A call that is placed meanwhile adds its own hang-up.
    await this.#desk?.settled();
    this.#legs.closeAll();
  }

  #answered(epoch: number, outcome: CallOutcome): void {
    if (outcome.kind === 'placed') {
      const { legId } = outcome;
      if (this.#closing) return this.#desk?.hangUp(epoch, legId);
      return this.#apply({ kind: 'call-placed', epoch, legId });
    }
    const { retryAfterMs } = outcome;
    this.#apply({ kind: 'call-refused', epoch, retryAfterMs, redialMs: this.#redialMs() });
  }

  #replaced(next: number, by: ReplacedBy, lagMs: number): void {
    const { id, log } = this.#parts;
    const { phase } = this.#life;
    const epoch = phase.kind === 'up' ? phase.epoch : null;
    this.#apply({ kind: 'replaced', epoch: next });
    log.info('leg.replaced', { room: id, epoch, next, leg: this.describe().leg?.legId, by, lagMs });
  }

  #isReadyFor(epoch: number): boolean {
    const { phase, beside } = this.#life;
    return phase.kind === 'up' && beside?.kind === 'here' && beside.epoch === epoch && beside.legId !== null;
  }

  #apply(event: RoomEvent): void {
    if (this.#closing) return;
    const nowMs = this.#parts.clock.nowMs();
    const [next, actions] = step(this.#lifeNow(), event, nowMs, this.#parts.lifecycle);
    this.#life = next;
    for (const action of actions) this.#perform(action);
    this.#tell();
    this.#cancelTick?.();
    const dueMs = tickDueMs(this.#life, nowMs, this.#parts.lifecycle);
    this.#cancelTick =
      dueMs === null ? undefined : this.#parts.clock.after(dueMs - nowMs, () => this.#tick());
  }

  #tick(): void {
    this.#apply({ kind: 'tick', epoch: this.#nextEpoch(), redialMs: this.#redialMs() });
  }

  #perform(action: RoomAction): void {
    const { id, log } = this.#parts;
    switch (action.kind) {
      case 'place-call':
        this.#lastEpoch = action.epoch;
        return this.#desk?.place(action.epoch, this.#life.attempt);
      case 'place-successor':
        this.#lastEpoch = action.epoch;
        log.info('leg.replacing', { room: id, epoch: action.replaces, next: action.epoch });
        return this.#desk?.place(action.epoch, this.#life.beside?.tries ?? 1);
      case 'hang-up':
        return this.#desk?.hangUp(action.epoch, action.legId);
      case 'promote':
        return this.#legs.promote(action.epoch);
      case 'close-leg':
        return this.#legs.close(action.epoch, CloseCode.superseded, 'the call is over');
      case 'tell-stall':
        return log.warn('leg.stalled', { room: id, epoch: action.epoch });
      case 'tell-replacement-failed':
        return log.warn('leg.replacement-failed', { room: id, code: action.code });
      default:
        action satisfies never;
    }
  }

  /** Sends the room's status on when it is another than the one sent last. */
  #tell(): void {
    const before = this.#told;
    const { id, clock, lifecycle, out, log } = this.#parts;
    const status = statusOf(this.#lifeNow(), this.#legs, clock.nowMs(), lifecycle);
    if (isSameStatus(before, status)) return;
    this.#told = status;
    out({ kind: 'status', status });
    if (before.state !== status.state) log.info('room.state', { room: id, state: status.state });
  }

  #lifeNow(): RoomLife {
    return this.#legs.sound ? heard(this.#life, this.#legs.sound.heardMs) : this.#life;
  }

  #nextEpoch(): number {
    return Math.max(this.#lastEpoch + 1, this.#parts.clock.wallMs());
  }

  #redialMs(): number {
    return redialDelayMs(this.#life.beside?.tries || this.#life.attempt, this.#parts.random());
  }
}
