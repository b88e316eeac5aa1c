import { Auth } from '@vonage/auth';
import { Vonage } from '@vonage/server-sdk';
import type { WebsocketEndpoint } from '@vonage/voice';
import { createAccount } from '../../demo/account.ts';
import type { Settings } from '../../demo/simulator/options.ts';
import { startSimulator } from '../../demo/simulator/simulator.ts';
import type { Simulator } from '../../demo/simulator/simulator.ts';
import { StubRelay } from './stub-relay.ts';

/** One account for all tests of a file: making a key pair takes longer than most of them. */
export const account = createAccount();

/** A simulator, a stub relay that it reports to, and the real SDK between them. */
export interface Stage {
  simulator: Simulator;
  relay: StubRelay;
  vonage: Vonage;
  /** Dials a leg to the stub through the SDK; gives its uuid. */
  dial(wishes?: Partial<DialWishes>): Promise<string>;
  close(): Promise<void>;
}

/** What a test may want of a leg. */
export interface DialWishes {
  uri: string;
  contentType: string | undefined;
  conversation: string;
  headers: Record<string, unknown>;
  authorization: WebsocketEndpoint['authorization'];
  lengthTimer: number;
  ncco: Record<string, unknown>[];
}

/** Starts a stage. Calls settle at once unless `settings` say otherwise: few tests are about that. */
export async function setStage(settings: Partial<Settings> = {}): Promise<Stage> {
  const relay = await StubRelay.start();
  const { eventUrl, answerUrl } = relay;
  const simulator = await startSimulator({ ...account, settleMs: 0, eventUrl, answerUrl, ...settings });
  const { applicationId, privateKey } = account;
  const auth = new Auth({ applicationId, privateKey });
  const vonage = new Vonage(auth, { apiHost: simulator.url, timeout: 5000 });
  return {
    simulator,
    relay,
    vonage,
    dial: async (wishes = {}) => {
      const call = {
        uri: relay.legUri,
        contentType: 'audio/l16;rate=16000',
        conversation: 'allhands',
        ...wishes,
      };
      const to: WebsocketEndpoint = {
        type: 'websocket',
        uri: call.uri,
        headers: call.headers ?? {},
        ...(call.authorization ? { authorization: call.authorization } : {}),
        // The SDK's own field `contentType` goes out under a name that the API does not know.
        ...(call.contentType === undefined ? {} : { 'content-type': call.contentType }),
      };
      const join = { action: 'conversation', name: call.conversation, startOnEnter: false, mute: true };
      const placed = await vonage.voice.createOutboundCall({
        to: [to],
        from: { type: 'phone', number: '442037831800' },
        ncco: call.ncco ?? [join],
        ...(call.lengthTimer === undefined ? {} : { lengthTimer: call.lengthTimer }),
      });
      return placed.uuid;
    },
    close: async () => {
      await simulator.close();
      await relay.close();
    },
  };
}
