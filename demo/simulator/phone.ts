import { performScript } from './answer.ts';
import { BoundedList } from './bounded-list.ts';
import { Call } from './call.ts';
import type { CallScript } from './call-request.ts';
import { CallStage } from './call-stage.ts';
import type { StagePhase } from './call-stage.ts';
import type { Cancel } from './clock.ts';
import type { Ncco } from './ncco.ts';
import type { Platform } from './platform.ts';

/** A phone call to make or to take. */
export interface PhonePlan {
  direction: 'inbound' | 'outbound';
  from: string;
  to: string;
  script: CallScript;
  eventUrl: string | undefined;
  eventMethod: 'GET' | 'POST';
  lengthTimerSec: number;
}

/** A person on a telephone, as tests and pages drive them. */
export interface Phone {
  readonly uuid: string;
  /** What the call is doing, `over` at the end. */
  readonly phase: StagePhase['kind'] | 'over';
  /** The conversation it is in. */
  readonly conversation: string | undefined;
  /** The texts spoken to it, oldest first; at most the last 100. */
  heard(): string[];
  /** Presses keys: `0`-`9`, `*`, `#`. Keys nobody waits for are lost, as on the telephone. */
  digits(keys: string): void;
  /** Puts the receiver down. */
  leave(): void;
}

/** A phone leg. It carries no sound of its own: conversations play their source. */
export class PhoneLeg implements Phone {
  readonly call: Call;
  readonly #platform: Platform;
  readonly #plan: PhonePlan;
  readonly #stage: CallStage;
  readonly #heard = new BoundedList<string>(100);
  #cancelLength: Cancel = () => {};

  constructor(platform: Platform, plan: PhonePlan) {
    const { direction, from, to, eventUrl, eventMethod } = plan;
    this.#platform = platform;
    this.#plan = plan;
    this.call = new Call(platform, {
      kind: 'phone',
      conversation: undefined,
      headers: undefined,
      direction,
      from,
      to,
      eventUrl,
      eventMethod,
    });
    this.#stage = new CallStage(platform, this.call, {
      onEnd: () => this.hangUp(),
      onDigit: () => {}, // a person hears the key, and that is all
      onTalk: (text) => this.#heard.push(text),
    });
  }

  get uuid(): string {
    return this.call.uuid;
  }

  get phase(): StagePhase['kind'] | 'over' {
    return this.call.isOver ? 'over' : this.#stage.phase.kind;
  }

  get conversation(): string | undefined {
    const { phase } = this.#stage;
    return phase.kind === 'conversation' ? phase.conversation.name : undefined;
  }

  heard(): string[] {
    return this.#heard.all();
  }

  digits(keys: string): void {
    for (const key of keys) this.#stage.press(key);
  }

  leave(): void {
    this.hangUp();
  }

  /** Starts the call; everybody answers at once. */
  place(): void {
    void this.call.raise('started');
    void this.call.raise('ringing');
    void this.call.raise('answered');
    this.#cancelLength = this.#platform.clock.after(this.#plan.lengthTimerSec * 1000, () => this.hangUp());
    performScript(this.#platform, this.call, this.#stage, this.#plan.script);
  }

  hangUp(): void {
    if (this.call.isOver) return;
    this.#release();
    void this.call.raise('completed');
  }

  /** Replaces the running NCCO. */
  transfer(ncco: Ncco): void {
    if (!this.call.isOver) this.#stage.perform(ncco);
  }

  /** A phone leg sends no frames to anybody: nothing to do. */
  setEarmuffs(): void {}

  /** Ends it without a word to anybody: the simulator is closing. */
  close(): void {
    this.#release();
  }

  #release(): void {
    this.#cancelLength();
    this.#stage.stop();
  }
}
