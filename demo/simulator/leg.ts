import { performScript } from './answer.ts';
import { Call } from './call.ts';
import type { WebsocketCall } from './call-request.ts';
import { CallStage, nccoOf } from './call-stage.ts';
import type { Cancel } from './clock.ts';
import type { DialFault, MediaFault } from './fault.ts';
import { dialLeg } from './leg-dial.ts';
import { openLeg } from './leg-opening.ts';
import { LegMedia } from './leg-media.ts';
import { newParts, noSocket, recordOf } from './leg-record.ts';
import type { LegParts, LegRecord } from './leg-record.ts';
import { activityText, digitText, firstText, replyTo } from './leg-text.ts';
import { conversationIn, parseNcco } from './ncco.ts';
import type { Ncco } from './ncco.ts';
import type { Platform } from './platform.ts';

/** `lost`: the socket is gone, but the reply to `disconnected` may bring more to do. */
type LegState = 'ringing' | 'dialling' | 'up' | 'lost' | 'over';

/** A WebSocket leg, from the dial to `completed`. */
export class Leg {
  readonly call: Call;
  readonly record: LegRecord;
  readonly #platform: Platform;
  readonly #plan: WebsocketCall;
  readonly #dialFaults: readonly DialFault[];
  readonly #stage: CallStage;
  readonly #media: LegMedia;
  readonly #parts: LegParts;
  #state: LegState = 'ringing';
  #cancels: Cancel[] = [];

  constructor(platform: Platform, plan: WebsocketCall) {
    const { uri, headers, script, from, eventUrl, eventMethod } = plan;
    const conversation = script.kind === 'ncco' ? conversationIn(parseNcco(script.ncco) ?? []) : undefined;
    this.#platform = platform;
    this.#plan = plan;
    this.call = new Call(platform, {
      kind: 'websocket',
      direction: 'outbound',
      to: uri,
      from,
      conversation,
      eventUrl,
      eventMethod,
      headers,
    });
    this.#dialFaults = platform.faults.takeDial(conversation);
    this.#stage = new CallStage(platform, this.call, {
      onEnd: () => this.#complete(),
      onDigit: (digit) => this.#parts.first.socket?.sendText(digitText(digit)),
    });
    this.#media = new LegMedia(
      platform.clock,
      {
        frameAt: (frameIndex, startMs) => this.#frameAt(frameIndex, startMs),
        send: (frame) => this.#send(frame),
        onFault: (fault) => this.#onFault(fault),
        onSecond: () => this.#onSecond(),
      },
      platform.settings.recordSendTimes,
    );
    const otherRate = this.#dialFaults.find((fault) => fault.kind === 'rateMismatch')?.sampleRate;
    this.#parts = newParts(this.call, this.#media, plan, otherRate ?? plan.sampleRate);
    this.record = recordOf(this.#parts);
  }

  /** Whether its socket is open and the call lives. */
  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Rings, and dials the socket after the answer delay. */
  place(): void {
    void this.call.raise('started');
    void this.call.raise('ringing');
    const { answerDelayMs } = this.#platform.settings;
    const ringingMs = this.#plan.ringingTimerSec * 1000;
    const outcome = this.#dialFaults.find((fault) => fault.kind === 'outcome');
    if (outcome) this.#after(0, () => this.#fail(outcome.status, outcome.detail));
    else if (answerDelayMs >= ringingMs) this.#after(ringingMs, () => this.#fail('timeout'));
    else if (answerDelayMs > 0) this.#after(answerDelayMs, () => this.#dial());
    else this.#dial();
  }

  /** Ends the leg as an accepted REST hang-up does: close 1000 and `completed`, never `disconnected`. */
  hangUp(): void {
    this.#parts.hangUps += 1;
    if (this.#state === 'ringing' || this.#state === 'dialling') void this.call.raise('cancelled');
    this.#complete();
  }

  /** Replaces the running NCCO. */
  transfer(ncco: Ncco): void {
    if (this.#state === 'up') this.#stage.perform(ncco);
  }

  /** With earmuffs on, the leg gets no frames. */
  setEarmuffs(on: boolean): void {
    this.#media.mute(on ? Infinity : 0);
    this.#tellActivity(!on);
  }

  /** Takes a fault that concerns an open leg. */
  inject(fault: MediaFault): void {
    this.#media.inject(fault);
  }

  /** Ends sockets and timers without a word to anybody: the simulator is closing. */
  close(): void {
    this.#release('over');
    this.#parts.first.socket?.terminate();
    this.#parts.second?.socket?.terminate();
  }

  #dial(): void {
    this.#state = 'dialling';
    const dialled = dialLeg(this.#platform, this.#plan, this.#parts.sampleRate, this.#parts.first, {
      onOpen: () => this.#onOpen(),
      onEnd: () => this.#onSocketEnd(),
      onText: (text) => this.#onText(text),
    });
    if (!dialled) this.#fail('failed', 'cannot_route');
  }

  #onOpen(): void {
    if (this.#state !== 'dialling') return;
    this.#state = 'up';
    void this.call.raise('answered');
    this.#after(this.#plan.lengthTimerSec * 1000, () => this.#complete());
    performScript(this.#platform, this.call, this.#stage, this.#plan.script);
    openLeg(this.#dialFaults, this.#firstText(), {
      sayFirst: (text) => this.#parts.first.socket?.sendText(text),
      startMedia: () => this.#startMedia(),
      after: (ms, run) => this.#after(ms, run),
    });
  }

  #firstText(): string {
    const { headers, sampleRate } = this.#parts;
    return firstText(headers, sampleRate, this.#platform.settings.profile);
  }

  #startMedia(): void {
    for (const fault of this.#platform.faults.takeMedia(this.call.uuid, this.call.conversation)) {
      this.#media.inject(fault);
    }
    this.#media.start();
  }

  #frameAt(frameIndex: number, startMs: number): Int16Array<ArrayBuffer> | undefined {
    this.#parts.firstSourceFrame = this.#stage.firstSourceFrame(startMs) ?? this.#parts.firstSourceFrame;
    return this.#stage.frameAt(frameIndex, startMs, this.#parts.sampleRate);
  }

  #send(frame: Uint8Array): boolean {
    if (this.#parts.second?.closedAtMs === undefined) this.#parts.second?.socket?.sendFrame(frame);
    return this.#parts.first.socket?.sendFrame(frame) ?? false;
  }

  #onSecond(): void {
    const { sent, dropped, conversation, uuid } = this.record;
    this.#platform.tell({ kind: 'frames', uuid, conversation, sent, dropped });
  }

  #onText(text: string): void {
    const reply = replyTo(text);
    if (reply !== undefined) this.#parts.first.socket?.sendText(reply);
  }

  #onFault(fault: MediaFault): void {
    switch (fault.kind) {
      case 'drop':
        if (fault.closeCode === undefined) this.#parts.first.socket?.terminate();
        else this.#parts.first.socket?.close(fault.closeCode);
        return;
      case 'inactive':
        this.#tellActivity(false);
        this.#after(fault.forMs, () => this.#tellActivity(true));
        return;
      case 'secondSocket':
        this.#dialSecond();
        return;
      case 'stall':
      case 'wrongFrame':
        return; // the frames themselves: done where they are made
      default:
        fault satisfies never;
    }
  }

  #dialSecond(): void {
    const second = noSocket();
    this.#parts.second = second;
    dialLeg(this.#platform, this.#plan, this.#parts.sampleRate, second, {
      onOpen: () => second.socket?.sendText(this.#firstText()),
      onEnd: () => {},
      onText: () => {},
    });
  }

  #tellActivity(active: boolean): void {
    if (this.#platform.settings.profile !== 'legacy') return;
    this.#parts.first.socket?.sendText(activityText(active, this.#parts.sampleRate));
  }

  #onSocketEnd(): void {
    if (this.#state === 'dialling') return this.#fail('failed', 'cannot_route');
    if (this.#state !== 'up') return;
    this.#release('lost');
    void this.#reportLoss();
  }

  /** The reply to `disconnected` may bring an NCCO; else the call completes (source: Vonage Voice API reference). */
  async #reportLoss(): Promise<void> {
    const reply = await this.call.raise('disconnected');
    if (this.#state !== 'lost') return;
    const ncco = nccoOf(reply?.body ?? '');
    if (ncco) this.#stage.perform(ncco);
    else this.#complete();
  }

  #fail(status: Extract<DialFault, { kind: 'outcome' }>['status'], detail?: string): void {
    this.#release('over');
    void this.call.raise(status, detail);
    // The one ending without `completed` (source: support article 360057200092).
    if (status !== 'rejected') void this.call.raise('completed');
  }

  #complete(): void {
    if (this.#state === 'over') return;
    this.#release('over');
    void this.call.raise('completed');
    this.#parts.first.socket?.close();
    this.#parts.second?.socket?.close();
  }

  #release(state: LegState): void {
    this.#state = state;
    this.#media.stop();
    this.#stage.stop();
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #after(ms: number, run: () => void): void {
    this.#cancels.push(this.#platform.clock.after(ms, run));
  }
}
