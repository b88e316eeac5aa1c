import type { CallStatus, StatusEntry } from './call-status.ts';
import type { DigitResult } from './digit-input.ts';
import type { HttpReply } from './http-caller.ts';
import type { InputAction } from './ncco.ts';
import type { Platform } from './platform.ts';
import { WebhookLine } from './webhook-line.ts';

/** How a call begins. */
export interface CallPlan {
  kind: 'websocket' | 'phone';
  direction: 'inbound' | 'outbound';
  /** Phone number, digits only. */
  from: string;
  /** Phone number or WebSocket URI. */
  to: string;
  /** The conversation it is going to join, as far as its NCCO tells. */
  conversation: string | undefined;
  /** Where it reports; the application's event URL when undefined. */
  eventUrl: string | undefined;
  eventMethod: 'GET' | 'POST';
  /** A WebSocket endpoint's `headers`, repeated in its webhooks. */
  headers: Record<string, unknown> | undefined;
}

/** Identity, status and webhooks of one call, phone or WebSocket leg. */
export class Call {
  readonly uuid: string;
  readonly plan: CallPlan;
  readonly createdAtMs: number;
  readonly #platform: Platform;
  readonly #line: WebhookLine;
  readonly #history: StatusEntry[] = [];
  #conversationUuid: string;
  #conversation: string | undefined;
  #status: CallStatus = 'started';
  #answeredAtMs: number | undefined;
  #endedAtMs: number | undefined;

  constructor(platform: Platform, plan: CallPlan) {
    const { settings, clock, webhooks, faults } = platform;
    this.uuid = settings.newId();
    this.plan = plan;
    this.createdAtMs = clock.nowMs();
    this.#platform = platform;
    this.#line = new WebhookLine(webhooks, faults, clock);
    this.#conversationUuid = `CON-${settings.newId()}`;
    this.#conversation = plan.conversation;
    platform.tell({
      kind: 'call',
      uuid: this.uuid,
      direction: plan.direction,
      to: plan.to,
      conversation: plan.conversation,
    });
  }

  /** Changes when the call joins a named conversation. */
  get conversationUuid(): string {
    return this.#conversationUuid;
  }

  /** The conversation it is in, was in last, or is going to join. */
  get conversation(): string | undefined {
    return this.#conversation;
  }

  /** What GET /v1/calls/{uuid} shows. */
  get status(): CallStatus {
    return this.#status;
  }

  /** Every status raised, oldest first. */
  get history(): readonly StatusEntry[] {
    return this.#history;
  }

  get isOver(): boolean {
    return this.#endedAtMs !== undefined;
  }

  /**
   * Takes a status and posts its webhook. Resolves with the reply; nobody has to wait. `completed` after a failure
   * is reported, but the call keeps showing the failure.
   */
  raise(status: CallStatus, detail?: string): Promise<HttpReply | undefined> {
    const nowMs = this.#platform.clock.nowMs();
    this.#history.push({ status, atMs: nowMs });
    if (status === 'answered') this.#answeredAtMs = nowMs;
    if (status === 'completed' || status === 'rejected') this.#endedAtMs = nowMs;
    if (status !== 'completed' || this.#answeredAtMs !== undefined) this.#status = status;
    this.#platform.tell({ kind: 'status', uuid: this.uuid, status, conversation: this.#conversation });
    const { direction } = this.plan;
    return this.#post({
      status,
      from: this.plan.from,
      to: this.plan.to,
      uuid: this.uuid,
      conversation_uuid: this.#conversationUuid,
      // The documented sample of `disconnected` has none (source: Vonage Voice API reference).
      ...(status === 'disconnected' ? {} : { direction }),
      ...(status === 'answered' ? { start_time: null, rate: null, network: null } : {}),
      ...(status === 'completed' ? this.bill() : {}),
      ...(detail === undefined ? {} : { detail }),
    });
  }

  /** Posts the error event for an NCCO that cannot be run. */
  reportError(reason: string): void {
    void this.#post({ reason, uuid: this.uuid, conversation_uuid: this.#conversationUuid });
  }

  /** Sends what an `input` action collected to its own URL by its own method, or to the call's by the call's. */
  postDigits(
    { digits, timedOut }: DigitResult,
    { eventUrl: [url], eventMethod: method }: InputAction,
  ): Promise<HttpReply | undefined> {
    const fields = {
      speech: { results: [] },
      dtmf: { digits, timed_out: timedOut },
      from: this.plan.from,
      to: this.plan.to,
      uuid: this.uuid,
      conversation_uuid: this.#conversationUuid,
    };
    return this.#post(fields, url === undefined ? undefined : { url, method });
  }

  /** Moves the call into a named conversation and posts the transfer event. */
  moveTo(conversation: { name: string; uuid: string }): void {
    const from = this.#conversationUuid;
    this.#conversation = conversation.name;
    if (from === conversation.uuid) return;
    this.#conversationUuid = conversation.uuid;
    void this.#post({
      type: 'transfer',
      conversation_uuid_from: from,
      conversation_uuid_to: conversation.uuid,
      uuid: this.uuid,
    });
  }

  /** Times and price as the platform reports them; the duration is in seconds, as text. */
  bill(): Record<string, string | null> {
    const endMs = this.#endedAtMs ?? this.#platform.clock.nowMs();
    const durationSec =
      this.#answeredAtMs === undefined ? 0 : Math.round((endMs - this.#answeredAtMs) / 1000);
    return {
      start_time: isoTime(this.#answeredAtMs),
      end_time: isoTime(this.#endedAtMs),
      duration: String(durationSec),
      rate: '0.00450000',
      price: ((0.0045 * durationSec) / 60).toFixed(8),
      network: null,
    };
  }

  #post(
    fields: Record<string, unknown>,
    own?: { url: string; method: 'GET' | 'POST' },
  ): Promise<HttpReply | undefined> {
    const url = own?.url ?? this.plan.eventUrl ?? this.#platform.settings.eventUrl;
    if (url === undefined) return Promise.resolve(undefined);
    const { headers, eventMethod } = this.plan;
    return this.#line.send({
      uuid: this.uuid,
      url,
      method: own?.method ?? eventMethod,
      fields: {
        ...fields,
        ...(headers === undefined ? {} : { headers }),
        timestamp: isoTime(this.#platform.clock.nowMs()),
      },
    });
  }
}

function isoTime(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
