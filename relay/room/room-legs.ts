import type { SampleRate } from '../../wire/format.ts';
import { CloseCode } from '../../wire/messages.ts';
import type { RoomId } from '../../wire/room-id.ts';
import type { LegEnd, LegHandle, LegSink } from '../leg.ts';
import type { Log } from '../log.ts';
import { Handover, type LinedUpBy } from './handover.ts';
import type { Reframer } from './reframer.ts';
import { RoomLeg, type RoomLegParts } from './room-leg.ts';

/** What a room's legs are made of. */
export interface RoomLegsParts extends Omit<RoomLegParts, 'epoch' | 'onSound'> {
  id: RoomId;
  log: Log;
  /** A leg has connected. */
  onOpened: (epoch: number) => void;
  /** The format of the room's leg is known. */
  onFormat: () => void;
  /** A frame of the room's leg, or the platform's word that there will be none (`held`). */
  onFrames: (held: boolean) => void;
  /** The second leg, of the call `epoch`, feeds the room from here on, so much later than the first. */
  onReplaced: (epoch: number, by: ReplacedBy, lagMs: number) => void;
  /** A leg's socket is closed, and not by us. */
  onClosed: (epoch: number, end: LegEnd) => void;
}

/** `rate`: nothing could be lined up, for the legs differ in their sample rate; a new media clock begins. */
export type ReplacedBy = LinedUpBy | 'rate';

/** How a successor takes over. */
export interface SuccessionTerms {
  /** By then, monotonic ms. */
  dueMs: number;
  isReady: () => boolean;
}

/** One connected leg, by the epoch of its call. */
interface Line {
  readonly epoch: number;
  readonly handle: LegHandle;
  readonly openedWallMs: number;
  sampleRate: SampleRate | undefined;
  /** Another has taken its place. */
  isReplaced: boolean;
}

/** The legs of one room, each by the epoch of its call, in the log as well: the one that is heard, and while it is being replaced another. */
export class RoomLegs {
  readonly #parts: RoomLegsParts;
  /** Those whose socket is open: two at most. */
  readonly #lines = new Map<number, Line>();
  /** The one that is heard. */
  #main: { line: Line; sound: RoomLeg; reframer?: Reframer } | undefined;
  #next: { line: Line; terms: SuccessionTerms; handover: Handover | undefined } | undefined;

  constructor(parts: RoomLegsParts) {
    this.#parts = parts;
  }

  /** The room's sound; undefined while no leg is heard. */
  get sound(): RoomLeg | undefined {
    return this.#main?.sound;
  }

  /** Unix milliseconds when the leg that is heard connected. */
  get openedWallMs(): number | undefined {
    return this.#main?.line.openedWallMs;
  }

  /** The leg of the call `epoch` is the room's. */
  connect(epoch: number, handle: LegHandle): LegSink {
    const line = this.#open(epoch, handle);
    this.#begin(line);
    this.#parts.onOpened(epoch);
    return this.#sinkOf(line);
  }

  /** The leg of the call `epoch` is to take the place of the one that is heard. */
  connectSuccessor(epoch: number, handle: LegHandle, terms: SuccessionTerms): LegSink {
    const line = this.#open(epoch, handle);
    this.#next = { line, terms, handover: undefined };
    this.#parts.onOpened(epoch);
    return this.#sinkOf(line);
  }

  /** The sound of the leg that is heard ends; that of the successor, when it is there, begins a media clock of its own. */
  promote(epoch: number): void {
    const next = this.#next;
    this.#next = undefined;
    next?.handover?.abandon();
    this.#main?.sound.finish();
    this.#main = undefined;
    if (next?.line.epoch === epoch) this.#begin(next.line);
  }

  /** Closes the socket of the call `epoch`, where there is one. */
  close(epoch: number, code: number, reason: string): void {
    const line = this.#lines.get(epoch);
    if (!line) return;
    this.#forget(line, line.isReplaced ? 'replaced' : 'closed');
    line.handle.close(code, reason);
  }

  /** Closes them all: the relay is going away. */
  closeAll(): void {
    for (const { epoch } of this.#lines.values())
      this.close(epoch, CloseCode.goingAway, 'the relay is going away');
    this.#main?.sound.finish();
    this.#main = undefined;
  }

  #open(epoch: number, handle: LegHandle): Line {
    const { clock, id, log } = this.#parts;
    const line: Line = {
      epoch,
      handle,
      openedWallMs: clock.wallMs(),
      sampleRate: undefined,
      isReplaced: false,
    };
    this.#lines.set(epoch, line);
    log.info('leg.opened', { room: id, epoch });
    return line;
  }

  /** A media clock begins with this leg. */
  #begin(line: Line): void {
    const { id, log } = this.#parts;
    const { epoch, sampleRate } = line;
    const sound = new RoomLeg({
      ...this.#parts,
      epoch,
      onSound: (kind) => log.info('leg.sound', { room: id, epoch: this.#main?.line.epoch, sound: kind }),
    });
    this.#main = { line, sound };
    if (sampleRate !== undefined) sound.open(sampleRate);
  }

  #sinkOf(line: Line): LegSink {
    return {
      opened: (sampleRate) => this.#format(line, sampleRate),
      frame: (pcm) => this.#hear(line, pcm),
      // What a second leg writes down the first has told.
      caption: (spoken) => (this.#main?.line === line ? this.#main.sound.caption(spoken) : 'taken'),
      held: (held) => {
        if (this.#main?.line === line) this.#parts.onFrames(held);
      },
      closed: (end) => {
        if (!this.#lines.has(line.epoch)) return;
        this.#forget(line, line.isReplaced ? 'replaced' : end);
        this.#parts.onClosed(line.epoch, end);
      },
    };
  }

  #format(line: Line, sampleRate: SampleRate): void {
    line.sampleRate ??= sampleRate;
    const next = this.#next;
    if (this.#main?.line === line) {
      this.#main.sound.open(sampleRate);
      this.#parts.onFormat();
    } else if (next?.line === line && this.#main?.sound.sampleRate === sampleRate) {
      const leg = this.#main.sound;
      next.handover = new Handover({
        ...next.terms,
        leg,
        sampleRate,
        onDone: (by, lagMs, reframer) => {
          if (this.#main) this.#main.line.isReplaced = true;
          this.#main = { line, sound: leg, reframer };
          this.#next = undefined;
          this.#parts.onReplaced(line.epoch, by, lagMs);
        },
      });
    }
  }

  #hear(line: Line, frame: Uint8Array): void {
    const nowMs = this.#parts.clock.nowMs();
    if (this.#next?.line === line) {
      if (this.#next.handover) return this.#next.handover.hearNext(frame, nowMs);
      if (!this.#main || !this.#next.terms.isReady()) return;
      this.#main.line.isReplaced = true;
      this.promote(line.epoch);
      this.#parts.onReplaced(line.epoch, 'rate', 0);
    }
    if (this.#main?.line !== line) return;
    const { sound, reframer } = this.#main;
    for (const whole of reframer?.pushFrame(frame) ?? [{ pcm: frame, padded: false }]) {
      if (this.#next?.handover) this.#next.handover.hearOld(whole, nowMs);
      else sound.hear(whole.pcm, whole.padded);
    }
    this.#parts.onFrames(false);
  }

  #forget(line: Line, end: LegEnd | 'replaced' | 'closed'): void {
    const { id, log } = this.#parts;
    this.#lines.delete(line.epoch);
    const isMain = this.#main?.line === line;
    if (this.#next && (isMain || this.#next.line === line)) {
      this.#next.handover?.abandon();
      this.#next.handover = undefined;
      if (!isMain) this.#next = undefined;
    }
    if (isMain) {
      this.#main?.sound.finish();
      this.#main = undefined;
    }
    log.info('leg.closed', { room: id, epoch: line.epoch, end });
  }
}
