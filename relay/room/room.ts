import { CloseCode } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import type { CaptionVerdict, SpokenCaption } from '../caption.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Admission, LegEnd, LegHandle, LegSink } from '../leg.ts';
import type { Log } from '../log.ts';
import { isSameStatus, type RoomMessage, type RoomStatus } from '../room-message.ts';
import type { CallControl } from './call-control.ts';
import { step } from './lifecycle.ts';
import { redialDelayMs } from './redial.ts';
import { RoomLeg } from './room-leg.ts';
import {
  AT_REST,
  heard,
  tickDueMs,
  toldState,
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

/** One conference: performs what its lifecycle decides and turns its leg's frames into chunks. */
export class Room {
  readonly #parts: RoomParts;
  #life: RoomLife = AT_REST;
  #told: RoomStatus = { state: 'idle', epoch: null, sampleRate: null };
  #leg: RoomLeg | undefined;
  #lastEpoch = 0;
  #cancelTick: Cancel | undefined;
  /** Calls being placed and hung up. */
  readonly #underWay = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** What the public may know of the room now; `mediaMs` is its media clock. */
  describe(): RoomStatus & { mediaMs: number | null; listeners: number } {
    return { ...this.#status(), mediaMs: this.#leg?.mediaMs() ?? null, listeners: this.#life.listeners };
  }

  /** Listeners of the room on all nodes. */
  audience(listeners: number): void {
    this.#apply({ kind: 'audience', listeners, epoch: this.#nextEpoch() });
  }

  /** A dialled leg at the door, whose ticket was made for `epoch`. */
  admitLeg(epoch: number): Admission {
    const { phase } = this.#life;
    const expected = phase.kind === 'dialling' && phase.epoch === epoch && !this.#leg;
    if (this.#closing) return { kind: 'refused', why: 'not-expected' };
    if (!expected) return { kind: 'refused', why: epoch <= this.#lastEpoch ? 'superseded' : 'not-expected' };
    return { kind: 'admitted', sink: (handle) => this.#connect(epoch, handle) };
  }

  /** A publisher at the door of a room that is not dialled. */
  admitPublisher(): Admission {
    if (this.#parts.calls || this.#closing) return { kind: 'refused', why: 'not-expected' };
    if (this.#leg) return { kind: 'refused', why: 'superseded' };
    return { kind: 'admitted', sink: (handle) => this.#connect(this.#nextEpoch(), handle) };
  }

  /** What was said in the room, as text. */
  caption(spoken: SpokenCaption): CaptionVerdict {
    return this.#leg?.caption(spoken) ?? 'not-live';
  }

  /** The platform's word that a call is over; news of other calls does nothing. */
  callOver(legId: string, end: LegEnd): void {
    this.#apply({ kind: 'call-over', legId, end, redialMs: this.#redialMs() });
  }

  /** Hangs up and closes the leg; resolves when the platform has answered. Nothing happens in the room afterwards. */
  close(): Promise<void> {
    return (this.#closing ??= this.#windUp());
  }

  async #windUp(): Promise<void> {
    this.#cancelTick?.();
    const { phase } = this.#life;
    if ((phase.kind === 'up' || phase.kind === 'dialling') && phase.legId)
      this.#hangUp(phase.epoch, phase.legId);
    if (phase.kind === 'resting' && phase.staleLegId) this.#hangUp(0, phase.staleLegId);
    // A call that is placed meanwhile adds its own hang-up.
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    this.#closeLeg(CloseCode.goingAway, 'the relay is going away');
  }

  #closeLeg(code: number, reason: string): void {
    const leg = this.#leg;
    this.#leg = undefined;
    leg?.close(code, reason);
  }

  #connect(epoch: number, handle: LegHandle): LegSink {
    const { id, log } = this.#parts;
    const leg = new RoomLeg({ ...this.#parts, epoch, handle });
    this.#leg = leg;
    this.#lastEpoch = epoch;
    log.info('leg.opened', { room: id, epoch });
    this.#apply({ kind: 'leg-opened', epoch });
    return {
      opened: (sampleRate) => {
        leg.open(sampleRate);
        this.#tell();
      },
      frame: (pcm) => {
        leg.hear(pcm);
        if (leg === this.#leg && this.#told.state !== 'live') this.#apply({ kind: 'frames', held: false });
      },
      caption: (spoken) => leg.caption(spoken),
      held: (held) => {
        if (leg === this.#leg) this.#apply({ kind: 'frames', held });
      },
      closed: (end) => this.#closed(leg, end),
    };
  }

  #closed(leg: RoomLeg, end: LegEnd): void {
    leg.finish();
    if (leg !== this.#leg) return;
    this.#leg = undefined;
    this.#parts.log.info('leg.closed', { room: this.#parts.id, epoch: leg.epoch, end });
    this.#apply({ kind: 'leg-closed', epoch: leg.epoch, end, redialMs: this.#redialMs() });
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
      dueMs === null ? undefined : this.#parts.clock.after(Math.max(0, dueMs - nowMs), () => this.#tick());
  }

  #tick(): void {
    this.#apply({ kind: 'tick', epoch: this.#nextEpoch(), redialMs: this.#redialMs() });
  }

  #perform(action: RoomAction): void {
    switch (action.kind) {
      case 'place-call':
        this.#lastEpoch = action.epoch;
        this.#track(this.#place(action.epoch));
        return;
      case 'hang-up':
        this.#hangUp(action.epoch, action.legId);
        return;
      case 'close-leg':
        if (this.#leg?.epoch !== action.epoch) return;
        this.#closeLeg(CloseCode.superseded, 'the call is over');
        return;
      case 'tell-stall':
        this.#parts.log.warn('leg.stalled', { room: this.#parts.id, epoch: action.epoch });
        return;
      default:
        action satisfies never;
    }
  }

  async #place(epoch: number): Promise<void> {
    const { calls, id, log } = this.#parts;
    if (!calls) return;
    log.info('call.dialled', { room: id, epoch, attempt: this.#life.attempt });
    const outcome = await calls.place(id, epoch);
    if (outcome.kind === 'placed') {
      log.info('call.placed', { room: id, epoch, leg: outcome.legId });
      if (this.#closing) return this.#hangUp(epoch, outcome.legId);
      this.#apply({ kind: 'call-placed', epoch, legId: outcome.legId });
      return;
    }
    log.warn('call.refused', { room: id, epoch, code: outcome.code });
    this.#apply({
      kind: 'call-refused',
      epoch,
      retryAfterMs: outcome.retryAfterMs,
      redialMs: this.#redialMs(),
    });
  }

  #hangUp(epoch: number, legId: string): void {
    const { calls } = this.#parts;
    if (!calls) return;
    this.#track(this.#hangUpAndTell(calls, epoch, legId));
  }

  #track(call: Promise<void>): void {
    this.#underWay.add(call);
    void call.finally(() => this.#underWay.delete(call));
  }

  async #hangUpAndTell(calls: CallControl, epoch: number, legId: string): Promise<void> {
    await calls.hangUp(this.#parts.id, legId);
    this.#apply({ kind: 'hung-up', epoch });
  }

  /** Sends the room's status on when it is another than the one sent last. */
  #tell(): void {
    const before = this.#told;
    const status = this.#status();
    if (isSameStatus(before, status)) return;
    this.#told = status;
    this.#parts.out({ kind: 'status', status });
    if (before.state !== status.state)
      this.#parts.log.info('room.state', { room: this.#parts.id, state: status.state });
  }

  #status(): RoomStatus {
    const sampleRate = this.#leg?.sampleRate ?? null;
    return {
      state: toldState(this.#lifeNow(), this.#parts.clock.nowMs(), this.#parts.lifecycle),
      epoch: sampleRate === null ? null : (this.#leg?.epoch ?? null),
      sampleRate,
    };
  }

  #lifeNow(): RoomLife {
    return this.#leg ? heard(this.#life, this.#leg.heardMs) : this.#life;
  }

  #nextEpoch(): number {
    return Math.max(this.#lastEpoch + 1, this.#parts.clock.wallMs());
  }

  #redialMs(): number {
    return redialDelayMs(this.#life.attempt, this.#parts.random());
  }
}
