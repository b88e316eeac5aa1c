import type { ClockScope } from './clock.ts';
import type { FaultScript } from './fault-script.ts';
import type { HttpReply } from './http-caller.ts';
import type { WebhookOrder, WebhookSender } from './webhook-sender.ts';

const LATE_AT_MOST_MS = 2000;

/** The webhooks of one call: sent one after the other, unless a fault says otherwise. */
export class WebhookLine {
  readonly #sender: WebhookSender;
  readonly #faults: FaultScript;
  readonly #clock: ClockScope;
  #last: Promise<HttpReply | undefined> = Promise.resolve(undefined);
  #late: (() => void)[] = [];

  constructor(sender: WebhookSender, faults: FaultScript, clock: ClockScope) {
    this.#sender = sender;
    this.#faults = faults;
    this.#clock = clock;
  }

  /** The answer, or `undefined` when there was none, or when a fault makes this one late. */
  async send(order: WebhookOrder): Promise<HttpReply | undefined> {
    const status = order.fields['status'];
    const faults = this.#faults.takeWebhook(typeof status === 'string' ? status : undefined);
    const queue = (): Promise<HttpReply | undefined> => {
      this.#last = this.#last.then(() => this.#sender.send(order, faults));
      return this.#last;
    };
    for (const fault of faults) if (fault.kind === 'webhookDelay') await this.#clock.pause(fault.byMs);
    if (faults.some((fault) => fault.kind === 'webhookLate')) {
      this.#late.push(() => void queue());
      // No other webhook may ever follow; late is then late enough.
      this.#clock.after(LATE_AT_MOST_MS, () => this.#sendLate());
      return undefined;
    }
    const reply = queue();
    this.#sendLate();
    return reply;
  }

  #sendLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const send of late) send();
  }
}
