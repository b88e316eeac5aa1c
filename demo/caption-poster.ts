import type { Tickets } from '../relay/access/tickets.ts';
import { ClockScope, systemClock } from './simulator/clock.ts';
import type { ScriptedCaption } from './simulator/caption-script.ts';
import { HttpCaller } from './simulator/http-caller.ts';

const TICKET_SEC = 60;
/** A relay that is so far behind gets no more until it has answered. */
const MOST_WAITING = 20;

/** Hands captions to a relay as any speech-to-text would: over HTTP, with a ticket of scope `publish`. */
export class CaptionPoster {
  readonly #url: string;
  readonly #tickets: Tickets;
  readonly #clock = new ClockScope(systemClock);
  readonly #caller = new HttpCaller(this.#clock, false);
  /** Captions on their way go one after the other: a final must not overtake its partials. */
  #sent: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `url`: origin of the relay, on this machine. */
  constructor(url: string, tickets: Tickets) {
    this.#url = url;
    this.#tickets = tickets;
  }

  /** Sends a caption. Its refusal is no concern of ours: the leg may have gone meanwhile. */
  post(room: string, caption: ScriptedCaption): void {
    if (this.#waiting === MOST_WAITING) return;
    this.#waiting++;
    this.#sent = this.#sent.then(() => this.#deliver(room, caption));
  }

  /** Ends what is under way; nothing more is sent. */
  close(): void {
    this.#caller.close();
    this.#clock.close();
  }

  async #deliver(room: string, caption: ScriptedCaption): Promise<void> {
    const ticket = await this.#tickets.issue([room], 'publish', TICKET_SEC);
    await this.#caller.call({
      url: `${this.#url}/v1/rooms/${room}/captions`,
      method: 'POST',
      headers: { Authorization: `Bearer ${ticket}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(caption),
    });
    this.#waiting--;
  }
}
