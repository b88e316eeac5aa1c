import { frameBytes } from '../../wire/format.ts';
import type { SampleRate } from '../../wire/format.ts';
import type { WebsocketCall } from './call-request.ts';
import { isLoopback } from './http-caller.ts';
import { LegSocket } from './leg-socket.ts';
import type { SocketLife } from './leg-record.ts';
import type { Platform } from './platform.ts';

/** What a leg is told of a socket it dialled. */
export interface DialOutlets {
  onOpen(): void;
  /** Refused or closed: the life says which. */
  onEnd(): void;
  onText(text: string): void;
}

/**
 * Dials the leg's URI and writes the socket's fortunes into `life`. False, with nothing dialled, when the URI is not
 * on this machine and the settings allow no other.
 */
export function dialLeg(
  platform: Platform,
  plan: WebsocketCall,
  sampleRate: SampleRate,
  life: SocketLife,
  outlets: DialOutlets,
): boolean {
  const { clock, settings, webhooks } = platform;
  if (!settings.allowRemote && !isLoopback(new URL(plan.uri))) return false;
  const socketPlan = {
    uri: plan.uri,
    authorization: authorizationOf(plan, () => webhooks.token(undefined)),
    subprotocol: settings.profile === 'legacy' ? 'WSBRIDGE' : undefined,
    frameBytes: frameBytes(sampleRate),
  };
  life.socket = new LegSocket(clock, socketPlan, {
    onOpen: () => {
      life.openedAtMs = clock.nowMs();
      outlets.onOpen();
    },
    onRefused: (httpStatus) => {
      life.refusedStatus = httpStatus;
      life.closedAtMs = clock.nowMs();
      outlets.onEnd();
    },
    onClosed: (closeCode) => {
      life.closeCode = closeCode;
      life.closedAtMs = clock.nowMs();
      outlets.onEnd();
    },
    onText: (text) => outlets.onText(text),
  });
  return true;
}

/** `vonage` signs like a webhook, but there is no body to hash (source: Vonage Voice API reference). */
function authorizationOf(plan: WebsocketCall, newToken: () => string): string | undefined {
  const { authorization } = plan;
  if (!authorization) return undefined;
  switch (authorization.type) {
    case 'vonage':
      return `Bearer ${newToken()}`;
    case 'custom':
      return authorization.value;
    default:
      return authorization satisfies never;
  }
}
