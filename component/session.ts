import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ClockMessage, HelloMessage, StateMessage } from '../wire/messages.ts';
import type { ConnectionCounters } from './connection-parts.ts';
import { Connection } from './connection.ts';
import type { Transport } from './line.ts';
import { playerError } from './player-error.ts';
import type { FrameLevel } from './playout/loudness.ts';
import { presetOf } from './playout/planner.ts';
import { Playout, type PlayoutCounters } from './playout/playout.ts';
import { SoundGate, type SoundNews } from './playout/sound-gate.ts';
import { listenUrl } from './relay-url.ts';
import { step, type Status, type StatusAction, type StatusEvent } from './status.ts';
import { TicketSource, type TicketHost } from './ticket-source.ts';

/** What a session needs of its element. */
export interface SessionHost extends ReactiveControllerHost, TicketHost {
  readonly isConnected: boolean;
  readonly relay: string;
  readonly volume: number;
  readonly muted: boolean;
  /** `low`, `balanced` or `smooth`. */
  readonly latency: string;
  /** The status has changed; a render follows. */
  onStatus(status: Status): void;
  /** Every 10 s while there is a connection. */
  onStats(stats: SessionStats): void;
  /** The element has left the page for good: end the session. */
  onRemoved(): void;
}

/** Figures of a session, for people who look after sound. Counts only grow; all but `startupMs` start anew on Listen. */
export interface SessionStats extends PlayoutCounters, ConnectionCounters {
  /** What carries the sound, best first: `websocket`, `stream` or `poll`. */
  transport: Transport;
  /** From Listen to the first sound, ms; undefined until then. */
  startupMs: number | undefined;
  /** Sound queued and not yet played, ms. */
  bufferedMs: number;
  /** Speech held back on purpose, ms. */
  targetMs: number;
  /** What sounds lies so far behind the earliest it could have been heard, ms; the device's own delay comes on top. */
  behindMs: number;
}

const SOUND_EVENTS: Record<SoundNews, StatusEvent> = {
  running: { kind: 'sound-running' },
  blocked: { kind: 'sound-blocked' },
  missing: {
    kind: 'failed',
    error: playerError('unsupported', 'no-device', 'No sound device, or no Web Audio'),
  },
};
const TICK_MS = 250;
/** A device that stands still for longer needs another AudioContext. */
const FROZEN_MS = 2000;
const STATS_MS = 10_000;
/** A poll brings a second of sound and comes a round trip after the one before: held back for so long more, ms. */
const POLL_GAP_MS = 1200;

/** Joins connection → playout → element; performs what `status` decides. The only owner of socket, sound and timers. */
export class Session implements ReactiveController {
  readonly #host: SessionHost;
  readonly #scriptUrl: string;
  readonly #tickets: TicketSource;
  readonly #gate = new SoundGate((news) => {
    // Sound came back in a new context, and the connection is still there.
    if (news === 'running' && this.#connection) this.#openPlayout(this.#playout?.counters);
    this.#step(SOUND_EVENTS[news]);
  });
  #status: Status = { phase: 'idle' };
  #title = '';
  #connection: Connection | undefined;
  #playout: Playout | undefined;
  #ticks: ReturnType<typeof setInterval>[] = [];
  #playAtMs = 0;
  #startupMs: number | undefined;
  #settled: (() => void)[] = [];
  readonly #actions: Record<StatusAction, () => void> = {
    unlock: () => this.#gate.open(),
    connect: () => this.#connect(),
    disconnect: () => this.#disconnect(),
    release: () => {
      this.#disconnect();
      this.#gate.close();
    },
  };

  /** Belongs to `host`; `scriptUrl` is where the player's script came from, the relay's address by default. */
  constructor(host: SessionHost, scriptUrl: string) {
    this.#host = host;
    this.#scriptUrl = scriptUrl;
    this.#tickets = new TicketSource(host);
    host.addController(this);
  }

  /** What decides the state of the element. */
  get status(): Status {
    return this.#status;
  }

  /** The room's title as the relay told it, or ''. */
  get title(): string {
    return this.#title;
  }

  /** Loudness of what is heard right now; undefined while nothing sounds. */
  get heard(): FrameLevel | undefined {
    return this.#playout?.heard;
  }

  /** Figures so far; undefined while not listening. */
  get stats(): SessionStats | undefined {
    if (!this.#connection || !this.#playout) return undefined;
    const { counters, bufferedMs, targetMs, behindMs } = this.#playout;
    const startupMs = this.#startupMs;
    const { transport, counters: received } = this.#connection;
    return { ...counters, ...received, transport, startupMs, bufferedMs, targetMs, behindMs };
  }

  /** Starts to listen. Resolves when the browser has let the sound start or refused; see `status` which. */
  async play(): Promise<void> {
    this.#playAtMs = performance.now();
    this.#step({ kind: 'play' });
    if (this.#status.phase === 'unlocking') await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  /** Ends listening and lets go of everything. */
  stop(): void {
    this.#step({ kind: 'stop' });
  }

  /** Room or relay have changed: a session that listens goes on there. */
  rejoin(): void {
    this.#title = '';
    this.#step({ kind: 'moved' });
  }

  /** The token has changed: a session that listens goes on with it, without another connection. */
  takeToken(): void {
    this.#tickets.take();
  }

  /** Volume or mute have changed. */
  applyVolume(): void {
    this.#playout?.setVolume(this.#host.volume, this.#host.muted);
  }

  /** An element that only moves in the page is connected again before the microtask. */
  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.#host.onRemoved();
    });
  }

  #step(event: StatusEvent): void {
    const previous = this.#status;
    const [next, actions] = step(previous, event);
    this.#status = next;
    for (const action of actions) this.#actions[action]();
    // An action may have stepped on: then that step has told more than this one could.
    if (this.#status !== next || next === previous) return;
    if (next.phase !== 'unlocking') for (const settle of this.#settled.splice(0)) settle();
    this.#host.onStatus(next);
    this.#host.requestUpdate();
  }

  #connect(): void {
    const { room, relay } = this.#host;
    const url = listenUrl(relay, room, this.#scriptUrl);
    if (typeof url !== 'string') {
      this.#step({ kind: 'failed', error: url });
      return;
    }
    this.#openPlayout();
    const connection = new Connection({
      url,
      tickets: this.#tickets,
      outlet: {
        onOpened: () => this.#join(),
        onMessage: (message) => this.#onMessage(message),
        onChunk: (chunk) => {
          const soundsInMs = this.#playout?.push(chunk);
          if (soundsInMs === undefined) return;
          this.#startupMs ??= performance.now() - this.#playAtMs + soundsInMs;
          this.#listen();
        },
        onLost: (attempt) => this.#step({ kind: 'lost', attempt }),
        onFailed: (error) => this.#step({ kind: 'failed', error }),
      },
    });
    this.#connection = connection;
    this.#startupMs = undefined;
    this.#ticks = [
      setInterval(() => this.#listen(), TICK_MS),
      setInterval(() => this.stats && this.#host.onStats(this.stats), STATS_MS),
    ];
    connection.open();
  }

  #openPlayout(counters?: PlayoutCounters): void {
    const { context, output } = this.#gate;
    if (!context) return;
    this.#playout?.close();
    this.#playout = new Playout(context, () => performance.now(), counters, output);
    this.applyVolume();
    this.#join();
  }

  /** What the playout gets next is of another connection, or it is another playout. */
  #join(): void {
    const gapMs = this.#connection?.transport === 'poll' ? POLL_GAP_MS : 0;
    this.#playout?.join(presetOf(this.#host.latency, gapMs));
  }

  #onMessage(message: HelloMessage | StateMessage | ClockMessage): void {
    const playout = this.#playout;
    if (message.type === 'hello') this.#title = message.title;
    if (message.type !== 'state' && message.epoch !== null && message.mediaMs !== null) {
      playout?.sync(message.epoch, message.mediaMs, message.type === 'clock' && message.quiet);
    }
    if (message.type === 'clock') this.#listen();
    else this.#step({ kind: 'room', room: message.state });
  }

  /** Tells `status` what is heard; also finds a sound device that does not come back by itself. */
  #listen(): void {
    const playout = this.#playout;
    if (!playout) return;
    this.#gate.watch(performance.now());
    // A context that does not run yet is the gate's business.
    if (playout.stalledForMs > FROZEN_MS && this.#gate.context?.state === 'running') this.#gate.renew();
    this.#step({ kind: 'heard', sounding: playout.sounding, quietForSec: playout.quietForSec });
  }

  #disconnect(): void {
    for (const tick of this.#ticks) clearInterval(tick);
    this.#connection?.close();
    this.#playout?.close();
    this.#connection = undefined;
    this.#playout = undefined;
  }
}
