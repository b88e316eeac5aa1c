import type { CallStatus } from './call-status.ts';
import type { Fault } from './fault.ts';

/** What happened, without the time. */
export type SimulatorHappening =
  /** A REST request was answered. */
  | { kind: 'rest'; method: string; path: string; status: number }
  /** A call was placed or came in. */
  | {
      kind: 'call';
      uuid: string;
      direction: 'inbound' | 'outbound';
      to: string;
      conversation: string | undefined;
    }
  /** A call's status changed. */
  | { kind: 'status'; uuid: string; status: CallStatus; conversation: string | undefined }
  /** A leg has played another second; `sent` and `dropped` count frames since it opened. */
  | { kind: 'frames'; uuid: string; conversation: string | undefined; sent: number; dropped: number }
  /** A call entered or left a conversation. */
  | { kind: 'joined' | 'left'; uuid: string; conversation: string; members: number }
  /** A text is being spoken to a call. */
  | { kind: 'talk'; uuid: string; text: string }
  /** A webhook got its answer; `responseStatus` is undefined when none came. */
  | { kind: 'webhook'; uuid: string; status: string | undefined; responseStatus: number | undefined }
  /** A REST hang-up was accepted. */
  | { kind: 'hang-up'; uuid: string }
  /** A fault was put in the script. */
  | { kind: 'fault'; fault: Fault };

/** What the simulator just did, for a page or a log to show. `atMs` is Unix milliseconds. */
export type SimulatorEvent = SimulatorHappening & { atMs: number };

/** Takes a {@link SimulatorEvent}; must not throw. */
export type EventListener = (event: SimulatorEvent) => void;
