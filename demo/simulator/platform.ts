import type { ClockScope } from './clock.ts';
import type { Conversations } from './conversations.ts';
import type { FaultScript } from './fault-script.ts';
import type { Account, Settings } from './options.ts';
import type { SimulatorHappening } from './simulator-event.ts';
import type { WebhookSender } from './webhook-sender.ts';

/** What every call of one simulator shares. */
export interface Platform {
  readonly account: Account;
  readonly settings: Settings;
  readonly clock: ClockScope;
  readonly faults: FaultScript;
  readonly conversations: Conversations;
  readonly webhooks: WebhookSender;
  tell(happening: SimulatorHappening): void;
}

/** What the platform's own clock says, Unix milliseconds. */
export function platformMs({ clock, settings }: Platform): number {
  return clock.nowMs() + settings.clockSkewSec * 1000;
}
