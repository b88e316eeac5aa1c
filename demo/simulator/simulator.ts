import type { AudioSource } from './audio-source.ts';
import { Calls } from './calls.ts';
import { ClockScope } from './clock.ts';
import { Conversations } from './conversations.ts';
import { FaultScript } from './fault-script.ts';
import { isMediaFault } from './fault.ts';
import type { Fault } from './fault.ts';
import type { LegRecord } from './leg-record.ts';
import { defaultSettings } from './options.ts';
import type { Settings, SimulatorOptions } from './options.ts';
import type { Phone, PhonePlan } from './phone.ts';
import type { Platform } from './platform.ts';
import { RestApi } from './rest-api.ts';
import { RestServer } from './rest-server.ts';
import type { RequestRecord } from './rest-server.ts';
import type { CallStatus } from './call-status.ts';
import type { EventListener, SimulatorHappening } from './simulator-event.ts';
import { WebhookSender } from './webhook-sender.ts';
import type { WebhookRecord } from './webhook-sender.ts';

/** What a simulated caller dials: a number that the application answers, or straight into a conversation. */
export type PhoneCallee =
  | { number: string; from?: string }
  | {
      conversation: string;
      from?: string;
      startOnEnter?: boolean;
      endOnExit?: boolean;
      musicOnHoldUrl?: string[];
    };

/** A running phone platform on loopback. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`: the SDK's `apiHost`. */
  readonly url: string;
  /** WebSocket legs, oldest first; live views. */
  legs(): LegRecord[];
  /** REST requests, oldest first; at most the last 1000. */
  requests(): RequestRecord[];
  /** Webhooks sent, one entry an attempt, oldest first; at most the last 1000. */
  webhooks(): WebhookRecord[];
  /**
   * The newest leg that has been in this status, or for which the predicate holds, as soon as there is one. Rejects
   * after `timeoutMs` (default 5000) with what the legs are doing instead.
   */
  waitForLeg(match: CallStatus | ((leg: LegRecord) => boolean), timeoutMs?: number): Promise<LegRecord>;
  /** Sets what a conversation plays, from now on. Its media clock runs on. */
  play(conversation: string, source: AudioSource): void;
  /** Misbehaves: now where a leg is open, or at the fault's own moment. */
  inject(fault: Fault): void;
  /** A person calls in: fetches the application's answer URL and follows its NCCO. */
  phone(callee: PhoneCallee): Phone;
  /** Ends a conversation as its host does: its legs close with 1000 and complete. */
  endConversation(name: string): void;
  /** Sets the application's webhooks, where they were not known at the start. */
  configure(application: Partial<Pick<Settings, 'answerUrl' | 'eventUrl'>>): void;
  /** Tells of everything that happens, until the returned function is called. */
  onEvent(listener: EventListener): () => void;
  /** Timers that are running; 0 after {@link close}. */
  pendingTimers(): number;
  /** Closes every socket and timer; nothing more is sent, not even `completed`. */
  close(): Promise<void>;
}

const CALLER = '442079460018';

/** Starts the platform on 127.0.0.1. Rejects when the port is taken; throws when the public key is none. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const settings: Settings = { ...defaultSettings(), ...options };
  const { applicationId, publicKeyPem, apiKey, signatureSecret } = options;
  const account = { applicationId, publicKeyPem, apiKey, signatureSecret };
  const clock = new ClockScope(settings.clock);
  const listeners = new Set<EventListener>();
  const tell = (happening: SimulatorHappening): void => {
    for (const listener of listeners) listener({ ...happening, atMs: clock.nowMs() });
  };
  const platform: Platform = {
    account,
    settings,
    clock,
    tell,
    faults: new FaultScript(),
    conversations: new Conversations(settings, clock),
    webhooks: new WebhookSender(account, settings, clock, tell),
  };
  const calls = new Calls(platform);
  const server = new RestServer(platform, new RestApi(platform, calls));
  const url = await server.listen(settings.port);

  return {
    url,
    legs: () => calls.legs(),
    requests: () => server.requests(),
    webhooks: () => platform.webhooks.records(),
    waitForLeg: (match, timeoutMs = 5000) => calls.waitForLeg(match, timeoutMs),
    play: (conversation, source) => platform.conversations.play(conversation, source),
    inject: (fault) => {
      tell({ kind: 'fault', fault });
      if (!isMediaFault(fault) || !calls.inject(fault)) platform.faults.add(fault);
    },
    phone: (callee) => {
      const phone = calls.addPhone(phonePlan(callee, settings));
      phone.place();
      return phone;
    },
    endConversation: (name) => platform.conversations.end(name),
    configure: ({ answerUrl, eventUrl }) => {
      if (answerUrl !== undefined) settings.answerUrl = answerUrl;
      if (eventUrl !== undefined) settings.eventUrl = eventUrl;
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pendingTimers: () => clock.pendingTimers,
    close: async () => {
      calls.close();
      platform.webhooks.close();
      clock.close();
      await server.close();
    },
  };
}

function phonePlan(callee: PhoneCallee, settings: Settings): PhonePlan {
  const common: Omit<PhonePlan, 'to' | 'script'> = {
    direction: 'inbound',
    from: callee.from ?? CALLER,
    eventUrl: undefined,
    eventMethod: 'POST',
    lengthTimerSec: settings.lengthTimerSec,
  };
  if ('number' in callee) {
    const url = settings.answerUrl ?? '';
    return { ...common, to: callee.number, script: { kind: 'answer-url', url, method: 'GET' } };
  }
  const { conversation: name, from: _from, ...entry } = callee;
  const ncco = [{ action: 'conversation', name, ...entry }];
  return { ...common, to: name, script: { kind: 'ncco', ncco } };
}
