import type { SampleRate } from '../../../wire/format.ts';
import type { RoomId } from '../../../wire/room-id.ts';
import type { CallOutcome, LegEnd, LegSink } from '../../../relay/leg.ts';
import type { CallControl } from '../../../relay/room/call-control.ts';
import type { Room } from '../../../relay/room/room.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

/** One call as the platform knows it. */
interface Call {
  epoch: number;
  legId: string;
  askedMs: number;
  /** Whether it may cost money and be heard. */
  alive: boolean;
  answer: ((outcome: CallOutcome) => void) | undefined;
  /** Answered later than any platform may; single flight is not promised for it. */
  late: boolean;
  sink: LegSink | undefined;
  connected: boolean;
}

/** A phone platform whose every answer, leg and webhook the test decides. */
export class FakePlatform implements CallControl {
  readonly calls: Call[] = [];
  readonly hangUps: { legId: string; done: () => void }[] = [];
  readonly news: { legId: string; end: LegEnd }[] = [];
  /** Ids of all hang-ups ever asked for. */
  readonly hungUp: string[] = [];
  /** Most calls that were alive when another was placed, those unanswered for `giveUpMs` not counted. */
  worst = 0;
  readonly #clock: FakeClock;
  readonly #giveUpMs: number;

  constructor(clock: FakeClock, giveUpMs = 45_000) {
    this.#clock = clock;
    this.#giveUpMs = giveUpMs;
  }

  place(_room: RoomId, epoch: number): Promise<CallOutcome> {
    const askedMs = this.#clock.nowMs();
    for (const call of this.calls) this.#judge(call);
    const alive = this.calls.filter((call) => call.alive && !call.late);
    this.worst = Math.max(this.worst, alive.length);
    return new Promise((answer) => {
      const legId = `leg-${this.calls.length + 1}`;
      this.calls.push({
        epoch,
        legId,
        askedMs,
        alive: true,
        answer,
        late: false,
        sink: undefined,
        connected: false,
      });
    });
  }

  hangUp(_room: RoomId, legId: string): Promise<void> {
    this.hungUp.push(legId);
    return new Promise((done) => this.hangUps.push({ legId, done }));
  }

  /** The newest call. Throws when none was placed. */
  get last(): Call {
    const last = this.calls.at(-1);
    if (!last) throw new Error('no call was placed');
    return last;
  }

  #judge(call: Call): void {
    if (call.answer && this.#clock.nowMs() - call.askedMs >= this.#giveUpMs) call.late = true;
  }

  answer(call: Call = this.last): void {
    this.#judge(call);
    call.answer?.({ kind: 'placed', legId: call.legId });
    call.answer = undefined;
  }

  refuse(call: Call = this.last, retryAfterMs: number | null = null): void {
    // A call without name and without leg is beyond anybody's reach: the platform's to end.
    if (!call.sink) call.alive = false;
    call.answer?.({ kind: 'refused', code: 'http-429', retryAfterMs });
    call.answer = undefined;
  }

  /** The leg comes to the room's door; one that is refused ends its call. */
  connect(room: Room, call: Call = this.last, sampleRate: SampleRate = 16_000): boolean {
    if (!call.alive || call.connected) return false;
    const admission = room.admitLeg(call.epoch);
    if (admission.kind === 'refused') {
      call.alive = false;
      return false;
    }
    call.connected = true;
    call.sink = admission.sink({
      close: () => {
        call.alive = false;
        this.#clock.after(5, () => this.#closed(call, 'lost'));
      },
    });
    call.sink.opened(sampleRate);
    return true;
  }

  /** 20 ms of sound from the newest leg, where there is one. */
  speak(): void {
    this.calls.at(-1)?.sink?.frame(new Uint8Array(640));
  }

  /** The same 20 ms from every leg that is connected. */
  speakToAll(frame: Uint8Array): void {
    for (const { sink } of this.calls) sink?.frame(frame.slice());
  }

  /** Calls that may be heard, or cost money; one that nobody answered in time is the platform's own affair. */
  get living(): Call[] {
    for (const call of this.calls) this.#judge(call);
    return this.calls.filter((call) => call.alive && !call.late);
  }

  /** The leg's socket ends. `survives`: the call itself lives on. */
  drop(call: Call = this.last, end: LegEnd = 'lost', survives = false): void {
    if (!call.sink) return;
    if (!survives) call.alive = false;
    if (!survives) this.news.push({ legId: call.legId, end });
    this.#closed(call, end);
  }

  /** A call that never connects. */
  fail(call: Call = this.last): void {
    if (call.connected || !call.alive) return;
    call.alive = false;
    this.news.push({ legId: call.legId, end: 'lost' });
  }

  /** The platform has carried out the hang-up number `n`. */
  carryOut(n = 0, closesSocket = true): void {
    const [hangUp] = this.hangUps.splice(n, 1);
    if (!hangUp) return;
    const call = this.calls.find(({ legId }) => legId === hangUp.legId);
    if (call) {
      call.alive = false;
      if (closesSocket) this.#closed(call, 'ended');
    }
    hangUp.done();
  }

  #closed(call: Call, end: LegEnd): void {
    const { sink } = call;
    call.sink = undefined;
    sink?.closed(end);
  }
}
