import type { DialFault, Fault, MediaFault, RestFault, WebhookFault } from './fault.ts';

/** Faults that wait for their moment, each used once (a REST fault `requests` times), oldest first. */
export class FaultScript {
  readonly #media: MediaFault[] = [];
  readonly #dial: DialFault[] = [];
  readonly #rest: { fault: RestFault; left: number }[] = [];
  readonly #webhook: WebhookFault[] = [];

  add(fault: Fault): void {
    switch (fault.kind) {
      case 'drop':
      case 'stall':
      case 'wrongFrame':
      case 'inactive':
      case 'secondSocket':
        this.#media.push(fault);
        return;
      case 'firstTextLate':
      case 'noFirstText':
      case 'firstTextNotJson':
      case 'binaryBeforeText':
      case 'rateMismatch':
      case 'outcome':
        this.#dial.push(fault);
        return;
      case 'http':
      case 'slowApi':
        this.#rest.push({ fault, left: fault.requests ?? 1 });
        return;
      case 'webhookTwice':
      case 'webhookLate':
      case 'webhookDelay':
      case 'webhookUnsigned':
      case 'webhookBadSecret':
      case 'webhookStale':
      case 'webhookTampered':
        this.#webhook.push(fault);
        return;
      default:
        fault satisfies never;
    }
  }

  /** The faults of a leg that has just opened. */
  takeMedia(uuid: string, conversation: string | undefined): MediaFault[] {
    return takeAll(this.#media, (fault) => aimsAt(fault, uuid, conversation));
  }

  /** The faults of a leg about to be dialled. */
  takeDial(conversation: string | undefined): DialFault[] {
    return takeAll(this.#dial, (fault) => aimsAt(fault, undefined, conversation));
  }

  /** The faults of the REST request being handled. */
  takeRest(): RestFault[] {
    const found = this.#rest.map((entry) => entry.fault);
    for (const entry of this.#rest) entry.left -= 1;
    takeAll(this.#rest, (entry) => entry.left <= 0);
    return found;
  }

  /** The faults of a webhook with this `status` (a webhook without one only meets faults without one). */
  takeWebhook(status: string | undefined): WebhookFault[] {
    return takeAll(this.#webhook, (fault) => fault.status === undefined || fault.status === status);
  }
}

/** Whether a fault's target, where it has one, is this call. */
export function aimsAt(
  target: { leg?: string; conversation?: string },
  uuid: string | undefined,
  conversation: string | undefined,
): boolean {
  if (target.leg !== undefined && target.leg !== uuid) return false;
  return target.conversation === undefined || target.conversation === conversation;
}

function takeAll<Item>(items: Item[], matches: (item: Item) => boolean): Item[] {
  const taken = items.filter(matches);
  const left = items.filter((item) => !matches(item));
  items.splice(0, items.length, ...left);
  return taken;
}
