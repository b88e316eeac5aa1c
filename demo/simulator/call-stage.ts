import { FRAME_MS } from '../../wire/format.ts';
import type { SampleRate } from '../../wire/format.ts';
import { emptyFrame, sine } from './audio-source.ts';
import type { Call } from './call.ts';
import type { Conversation, Member } from './conversations.ts';
import { DigitInput } from './digit-input.ts';
import { parseNcco } from './ncco.ts';
import type { ConversationAction, InputAction, Ncco, NccoAction, TalkAction } from './ncco.ts';
import type { Platform } from './platform.ts';

/** What a call is doing in its NCCO. */
export type StagePhase =
  | { kind: 'idle' }
  | { kind: 'talk'; text: string; bargeIn: AbortController | undefined }
  | { kind: 'stream' }
  | { kind: 'wait' }
  | { kind: 'input'; input: DigitInput }
  | { kind: 'conversation'; conversation: Conversation; action: ConversationAction; onEnd: () => void };

/** What a stage tells its owner. */
export interface StageOutlets {
  /** The NCCO has run out, or could not be run. */
  onEnd(): void;
  /** Somebody in the conversation pressed a key. */
  onDigit(digit: string): void;
  /** A text begins to be spoken to the call. */
  onTalk?(text: string): void;
}

const VOICE = sine(660, -20);
const STREAM = sine(880, -20);
const STREAM_MS = 1000;

/** Runs the NCCO of one call, and knows what the call hears. */
export class CallStage {
  readonly #platform: Platform;
  readonly #call: Call;
  readonly #outlets: StageOutlets;
  readonly #member: Member;
  #phase: StagePhase = { kind: 'idle' };
  #typedAhead = '';
  #run = new AbortController();

  constructor(platform: Platform, call: Call, outlets: StageOutlets) {
    this.#platform = platform;
    this.#call = call;
    this.#outlets = outlets;
    this.#member = {
      uuid: call.uuid,
      onDigit: (digit) => outlets.onDigit(digit),
      onConversationEnd: () => this.#leave(),
    };
  }

  get phase(): StagePhase {
    return this.#phase;
  }

  /** Starts an NCCO, in place of the one that runs. Reaches its first pause before it returns. */
  perform(ncco: Ncco): void {
    this.stop();
    this.#run = new AbortController();
    void this.#performAll(ncco, this.#run.signal);
  }

  /** Reports an NCCO that is none and ends. */
  refuse(reason: string): void {
    this.#call.reportError(reason);
    this.#outlets.onEnd();
  }

  /** Breaks off, leaving the conversation; `onEnd` is not called. */
  stop(): void {
    this.#run.abort();
    this.#leave();
    this.#phase = { kind: 'idle' };
  }

  /** A key of this call's phone. Heard by an input, a talk with `bargeIn` or a conversation; else lost. */
  press(digit: string): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'talk':
        if (!phase.bargeIn) return;
        this.#typedAhead += digit;
        phase.bargeIn.abort();
        return;
      case 'input':
        phase.input.press(digit);
        return;
      case 'conversation':
        for (const member of phase.conversation.members.keys()) member.onDigit(digit);
        return;
      case 'idle':
      case 'stream':
      case 'wait':
        // Between a bargeable talk and its input there is one turn of the event loop.
        if (this.#typedAhead !== '') this.#typedAhead += digit;
        return;
      default:
        phase satisfies never;
    }
  }

  /** Index in the conversation's source of the frame that is number 0 on a media clock started at `mediaStartMs`. */
  firstSourceFrame(mediaStartMs: number): number | undefined {
    if (this.#phase.kind !== 'conversation') return undefined;
    return Math.round((mediaStartMs - this.#phase.conversation.createdAtMs) / FRAME_MS);
  }

  /** What the call hears as its frame `frameIndex`; `undefined` when the platform has nothing to send. */
  frameAt(
    frameIndex: number,
    mediaStartMs: number,
    sampleRate: SampleRate,
  ): Int16Array<ArrayBuffer> | undefined {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'talk':
        return VOICE.frameAt(frameIndex, sampleRate);
      case 'stream':
        return STREAM.frameAt(frameIndex, sampleRate);
      case 'conversation': {
        if (phase.action.canHear?.length === 0) return emptyFrame(sampleRate);
        const sound = this.#platform.conversations.soundFor(phase.conversation, this.#member);
        if (sound.kind === 'none') return undefined;
        return sound.source.frameAt(frameIndex + (this.firstSourceFrame(mediaStartMs) ?? 0), sampleRate);
      }
      case 'idle':
      case 'wait':
      case 'input':
        return emptyFrame(sampleRate);
      default:
        return phase satisfies never;
    }
  }

  async #performAll(ncco: Ncco, signal: AbortSignal): Promise<void> {
    let actions = ncco;
    let next = 0;
    for (;;) {
      const action = actions[next++];
      if (!action) break;
      const reply = await this.#do(action, signal);
      if (signal.aborted) return;
      if (reply) [actions, next] = [reply, 0];
    }
    this.#phase = { kind: 'idle' };
    this.#outlets.onEnd();
  }

  /** One action; a new NCCO when its outcome brings one. */
  async #do(action: NccoAction, signal: AbortSignal): Promise<Ncco | undefined> {
    const { clock } = this.#platform;
    switch (action.action) {
      case 'talk':
        return this.#talk(action, signal);
      case 'stream':
        this.#phase = { kind: 'stream' };
        await clock.pause(STREAM_MS, signal);
        return undefined;
      case 'wait':
        this.#phase = { kind: 'wait' };
        await clock.pause(action.timeout * 1000, signal);
        return undefined;
      case 'input':
        return this.#input(action, signal);
      case 'conversation':
        return this.#converse(action);
      default:
        return action satisfies never;
    }
  }

  async #talk(action: TalkAction, signal: AbortSignal): Promise<undefined> {
    const { clock, settings } = this.#platform;
    const bargeIn = action.bargeIn ? new AbortController() : undefined;
    this.#phase = { kind: 'talk', text: action.text, bargeIn };
    this.#platform.tell({ kind: 'talk', uuid: this.#call.uuid, text: action.text });
    this.#outlets.onTalk?.(action.text);
    const stop = bargeIn ? AbortSignal.any([signal, bargeIn.signal]) : signal;
    await clock.pause(action.text.length * settings.talkMsPerCharacter, stop);
  }

  async #input(action: InputAction, signal: AbortSignal): Promise<Ncco | undefined> {
    const input = new DigitInput(this.#platform.clock, action.dtmf, signal);
    this.#phase = { kind: 'input', input };
    for (const digit of this.#typedAhead) input.press(digit);
    this.#typedAhead = '';
    const { digits, timedOut } = await input.result;
    if (signal.aborted) return undefined;
    this.#phase = { kind: 'idle' };
    const reply = await this.#call.postDigits({ digits, timedOut }, action);
    if (!reply || signal.aborted) return undefined;
    return nccoOf(reply.body);
  }

  #converse(action: ConversationAction): Promise<undefined> {
    const { conversations } = this.#platform;
    const conversation = conversations.enter(this.#member, action);
    if (!conversation) {
      this.#call.reportError(`Conversation ${action.name} is full.`);
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => {
      this.#phase = { kind: 'conversation', conversation, action, onEnd: () => resolve(undefined) };
      this.#call.moveTo(conversation);
      this.#tellMembership('joined', conversation);
    });
  }

  #leave(): void {
    if (this.#phase.kind !== 'conversation') return;
    const { conversation, onEnd } = this.#phase;
    this.#phase = { kind: 'idle' };
    this.#platform.conversations.leave(conversation, this.#member);
    this.#tellMembership('left', conversation);
    onEnd();
  }

  #tellMembership(kind: 'joined' | 'left', conversation: Conversation): void {
    const { uuid } = this.#call;
    this.#platform.tell({ kind, uuid, conversation: conversation.name, members: conversation.members.size });
  }
}

/** The NCCO in a webhook's reply; `undefined` when the reply is not a JSON array of known actions. */
export function nccoOf(body: string): Ncco | undefined {
  try {
    return parseNcco(JSON.parse(body));
  } catch {
    return undefined; // an empty or plain-text reply is no NCCO
  }
}
