import type { Call } from './call.ts';
import type { PhoneCall, WebsocketCall } from './call-request.ts';
import type { CallStatus } from './call-status.ts';
import { aimsAt } from './fault-script.ts';
import type { MediaFault } from './fault.ts';
import type { LegRecord } from './leg-record.ts';
import { Leg } from './leg.ts';
import type { Ncco } from './ncco.ts';
import { PhoneLeg } from './phone.ts';
import type { PhonePlan } from './phone.ts';
import type { Platform } from './platform.ts';

/** What REST can do to any call. */
export interface ControlledCall {
  readonly call: Call;
  hangUp(): void;
  transfer(ncco: Ncco): void;
  setEarmuffs(on: boolean): void;
}

const REMEMBERED = 500;
const WAIT_STEP_MS = 10;

/** All calls of the simulator: those that live, and at most the last 500 altogether. */
export class Calls {
  readonly #platform: Platform;
  readonly #calls = new Map<string, Leg | PhoneLeg>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Places a checked REST call. The caller rings it with `place()` once the request is answered. */
  create(request: WebsocketCall | PhoneCall): Leg | PhoneLeg {
    switch (request.kind) {
      case 'websocket':
        return this.#add(new Leg(this.#platform, request));
      case 'phone':
        return this.addPhone({ ...request, direction: 'outbound', to: request.number });
      default:
        return request satisfies never;
    }
  }

  addPhone(plan: PhonePlan): PhoneLeg {
    return this.#add(new PhoneLeg(this.#platform, plan));
  }

  find(uuid: string): ControlledCall | undefined {
    return this.#calls.get(uuid);
  }

  /** Oldest first. */
  all(): Call[] {
    return [...this.#calls.values()].map((entry) => entry.call);
  }

  /** The WebSocket legs, oldest first. */
  legs(): LegRecord[] {
    return this.#legs().map((leg) => leg.record);
  }

  /** Hands a fault to the newest open leg it aims at; false when there is none. */
  inject(fault: MediaFault): boolean {
    const leg = this.#legs().findLast(
      (one) => one.isUp && aimsAt(fault, one.call.uuid, one.call.conversation),
    );
    leg?.inject(fault);
    return leg !== undefined;
  }

  /** What `Simulator.waitForLeg` promises. */
  async waitForLeg(match: CallStatus | ((leg: LegRecord) => boolean), timeoutMs: number): Promise<LegRecord> {
    const { clock } = this.#platform;
    const matches =
      typeof match === 'function'
        ? match
        : (leg: LegRecord) => leg.statusHistory.some((entry) => entry.status === match);
    const deadlineMs = clock.nowMs() + timeoutMs;
    for (;;) {
      const found = this.legs().findLast(matches);
      if (found) return found;
      if (clock.nowMs() >= deadlineMs) break;
      await clock.pause(WAIT_STEP_MS);
    }
    const seen = this.legs().map((leg) => leg.statusHistory.map((entry) => entry.status).join(' > '));
    const wanted = typeof match === 'function' ? 'the condition' : match;
    throw new Error(`no leg met ${wanted} within ${timeoutMs} ms; legs: ${seen.join(' | ') || 'none'}`);
  }

  close(): void {
    for (const call of this.#calls.values()) call.close();
  }

  #legs(): Leg[] {
    return [...this.#calls.values()].filter((entry) => entry instanceof Leg);
  }

  #add<Added extends Leg | PhoneLeg>(added: Added): Added {
    this.#calls.set(added.call.uuid, added);
    for (const [uuid, entry] of this.#calls) {
      if (this.#calls.size <= REMEMBERED) break;
      if (entry.call.isOver) this.#calls.delete(uuid);
    }
    return added;
  }
}
