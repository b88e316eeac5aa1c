import { parseRoomId, type RoomId } from '../../wire/room-id.ts';
import { LocalBus } from '../../relay/bus/local-bus.ts';
import { Fanout } from '../../relay/fanout/fanout.ts';
import type { Transport } from '../../relay/fanout/listener.ts';
import type { Parcel } from '../../relay/fanout/parcel.ts';
import { Probe } from '../../relay/fanout/probe.ts';
import type { CallOutcome, LegSink } from '../../relay/leg.ts';
import type { Log } from '../../relay/log.ts';
import type { CallControl } from '../../relay/room/call-control.ts';
import { lifecycleOf } from '../../relay/room/room-life.ts';
import { Room } from '../../relay/room/room.ts';
import { ConferenceSignal, SIGNAL_RATE } from './conference-signal.ts';
import { FakeClock, settled } from './fake-clock.ts';

const FRAME_SAMPLES = SIGNAL_RATE / 50;
const PLACE_MS = 300;
const RING_MS = 400;
const HANG_UP_MS = 200;
const STEP_MS = 1000;
const MINUTE_MS = 60_000;

/** What may be other than in a conference of three hours with a leg of two. */
export interface LongConferenceOptions {
  log: Log;
  clock?: FakeClock;
  lengthTimerSec?: number;
  replaceBeforeSec?: number;
  /** How long sound is on its way, by the number of the leg, ms. */
  delaysMs?: readonly number[];
  /** Where frames begin on the conference's own grid, by the number of the leg, samples. */
  offsets?: readonly number[];
  /** Another second is over: time for threads to catch up with a clock that runs ahead of them. */
  onSecond?: (second: number) => void | Promise<void>;
  /** Another minute is over; the first is 1. */
  onMinute?: (minute: number, conference: LongConference) => void | Promise<void>;
}

/** A leg as the platform has it. */
interface PlatformLeg {
  legId: string;
  sink: LegSink;
  firstSample: number;
  /** `timer`: the platform's own limit. */
  end: 'hung-up' | 'closed' | 'timer' | undefined;
}

/**
 * A conference on a clock of its own: a room with a listener of it on a fan-out, and a platform that cuts every leg from
 * the same signal, each elsewhere and by another way. Counts what the listener misses and hears twice.
 */
export class LongConference {
  readonly clock: FakeClock;
  readonly id: RoomId;
  readonly room: Room;
  readonly fanout: Fanout;
  readonly legs: PlatformLeg[] = [];
  /** Ids of the calls that the relay hung up. */
  readonly hangUps: string[] = [];
  readonly listener: CountingTransport;
  /** Most legs that were connected at once. */
  mostLegs = 0;
  readonly #options: LongConferenceOptions;
  readonly #signal = new ConferenceSignal();
  readonly #startMs: number;
  #leave: () => void = () => {};

  constructor(options: LongConferenceOptions) {
    const id = parseRoomId('allhands');
    if (!id) throw new Error('not a room id');
    const { lengthTimerSec = 7200, replaceBeforeSec = 300, log } = options;
    const clock = options.clock ?? new FakeClock();
    this.clock = clock;
    this.id = id;
    this.#options = options;
    this.#startMs = clock.nowMs();
    const bus = new LocalBus();
    const vonage = { lengthTimerSec, replaceBeforeSec };
    this.room = new Room({
      id,
      chunkMs: 20,
      prerollMs: 0,
      suppressSilence: false,
      lifecycle: lifecycleOf({ stalledMs: 10_000, vonage }, { source: 'vonage', lingerMs: 30_000 }),
      calls: this.#platform(lengthTimerSec * 1000),
      clock,
      random: () => 0.5,
      log,
      out: (message) => bus.publish(id, message),
    });
    bus.watchAudience((_, listeners) => this.room.audience(listeners));
    this.fanout = new Fanout({
      rooms: new Map([[id, { title: 'All hands', chunkMs: 100, showListeners: false }]]),
      subscribe: (room, onMessage) => bus.subscribe(room, onMessage),
      announce: (room, listeners) => bus.announce(room, listeners),
      retryWindowMs: 10_000,
      clock,
      random: () => 0.5,
    });
    this.listener = new CountingTransport((sample) =>
      this.#signal.sampleAt((this.legs[0]?.firstSample ?? 0) + sample),
    );
  }

  /** Milliseconds since its beginning. */
  get nowMs(): number {
    return this.clock.nowMs() - this.#startMs;
  }

  /** The listener comes. */
  join(): void {
    this.#leave = this.fanout.join(this.id, this.listener);
  }

  /** The listener goes. */
  leave(): void {
    this.#leave();
  }

  /** So much time passes. */
  async run(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      const minute = Math.floor(this.nowMs / MINUTE_MS);
      this.clock.advance(Math.min(STEP_MS, endMs - this.nowMs));
      await settled();
      await this.#options.onSecond?.(Math.floor(this.nowMs / STEP_MS));
      if (Math.floor(this.nowMs / MINUTE_MS) > minute) await this.#options.onMinute?.(minute + 1, this);
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.leave();
    await this.fanout.close('the conference is over');
    const closed = this.room.close();
    for (let n = 0; n < 5; n++) {
      await settled();
      this.clock.advance(STEP_MS);
    }
    await closed;
  }

  #platform(lengthTimerMs: number): CallControl {
    let calls = 0;
    return {
      place: (_, epoch) =>
        new Promise<CallOutcome>((resolve) => {
          const number = calls++;
          const legId = `leg-${number + 1}`;
          this.clock.after(PLACE_MS, () => resolve({ kind: 'placed', legId }));
          this.clock.after(PLACE_MS + RING_MS, () => this.#connect(epoch, number, legId, lengthTimerMs));
        }),
      hangUp: (_, legId) =>
        new Promise<void>((resolve) => {
          this.hangUps.push(legId);
          this.clock.after(HANG_UP_MS, () => {
            this.#end(legId, 'hung-up');
            resolve();
          });
        }),
    };
  }

  #connect(epoch: number, number: number, legId: string, lengthTimerMs: number): void {
    const admission = this.room.admitLeg(epoch);
    if (admission.kind === 'refused') return;
    const { delaysMs = [60, 170], offsets = [0, 137] } = this.#options;
    const leg: PlatformLeg = {
      legId,
      sink: admission.sink({ close: () => this.clock.after(1, () => this.#end(legId, 'closed')) }),
      firstSample: Math.round((this.nowMs * SIGNAL_RATE) / 1000) + (offsets[number % offsets.length] ?? 0),
      end: undefined,
    };
    this.legs.push(leg);
    this.mostLegs = Math.max(this.mostLegs, this.legs.filter(({ end }) => !end).length);
    leg.sink.opened(SIGNAL_RATE);
    this.clock.after(lengthTimerMs, () => this.#end(legId, 'timer'));
    this.#sendFrom(leg, 0, delaysMs[number % delaysMs.length] ?? 0);
  }

  /** The frame's last sample is spoken, then it is on its way. */
  #sendFrom(leg: PlatformLeg, frame: number, delayMs: number): void {
    const first = leg.firstSample + frame * FRAME_SAMPLES;
    const atMs = ((first + FRAME_SAMPLES) * 1000) / SIGNAL_RATE + delayMs;
    this.clock.after(atMs - this.nowMs, () => {
      if (leg.end) return;
      leg.sink.frame(this.#signal.pcm(first));
      this.#sendFrom(leg, frame + 1, delayMs);
    });
  }

  #end(legId: string, end: NonNullable<PlatformLeg['end']>): void {
    const leg = this.legs.find((each) => each.legId === legId);
    if (!leg || leg.end) return;
    leg.end = end;
    leg.sink.closed('ended');
  }
}

/** A listener's connection that compares every sample with what was said. */
export class CountingTransport implements Transport {
  readonly kind = 'websocket';
  readonly probe = new Probe();
  readonly queuedBytes = 0;
  readonly epochs = new Set<number>();
  chunks = 0;
  /** Right samples. */
  samples = 0;
  missing = 0;
  doubled = 0;
  wrong = 0;
  /** Chunks that say that something is missing, or whose number does not follow on. */
  breaks = 0;
  readonly #sampleAt: (sample: number) => number;
  #next = { sample: 0, sequence: 0 };

  /** `sampleAt` is the right sample, by its place on the media clock. */
  constructor(sampleAt: (sample: number) => number) {
    this.#sampleAt = sampleAt;
  }

  isFull(): boolean {
    return false;
  }

  send({ chunk }: Parcel): void {
    if (!chunk) return;
    const { epoch, firstSample, gapBefore, pcm, sequence } = chunk;
    this.chunks++;
    this.epochs.add(epoch);
    this.missing += Math.max(0, firstSample - this.#next.sample);
    this.doubled += Math.max(0, this.#next.sample - firstSample);
    if (gapBefore || sequence !== this.#next.sequence) this.breaks++;
    const samples = new Int16Array(pcm.slice().buffer);
    for (let n = 0; n < samples.length; n++) {
      if (samples[n] === this.#sampleAt(firstSample + n)) this.samples++;
      else this.wrong++;
    }
    this.#next = { sample: firstSample + samples.length, sequence: sequence + 1 };
  }

  pass(): void {}

  beat(nowMs: number): void {
    if (this.probe.pending) return;
    this.probe.asked(nowMs);
    this.probe.answered(nowMs);
  }

  close(): void {}

  destroy(): void {
    throw new Error('the listener was cut');
  }
}
