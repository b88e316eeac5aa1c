import type { ReactiveController } from 'lit';
import type { Caption } from './caption-lines.ts';
import { playerError, type Fault } from './player-error.ts';
import { newSound, type Sound, type SoundMaker } from './playout/sound.ts';
import {
  UNKNOWN,
  type FrameLevel,
  type Hearing,
  type RoomMeta,
  type SessionHost,
  type SessionOutlet,
  type SessionStats,
} from './session-parts.ts';
import type { Session } from './session.ts';
import { step, type Status, type StatusAction, type StatusEvent } from './status.ts';

/** What a player needs of its element. */
export interface PlayerHost extends SessionHost {
  readonly isConnected: boolean;
  /** The status has changed; a render follows. */
  onStatus(status: Status): void;
  /** What was known before comes second. */
  onMeta(meta: RoomMeta, before: RoomMeta): void;
  onCaption(caption: Caption): void;
  onStats(stats: SessionStats): void;
  onLevel(level: FrameLevel): void;
  /** The element has left the page for good: end it. */
  onRemoved(): void;
}

const SILENT: Hearing = { speaking: false, behindSec: 0 };
/** A second script that takes longer is not coming, ms. */
const LOAD_MS = 20_000;

/** Other addresses that the second script was asked for at, so far. */
let others = 0;

/**
 * What listening takes: most of the code, and nobody's business before the first Listen. Firefox never asks again for
 * an address that has failed: another one is tried, unless the page tells what its scripts must be, address by address.
 */
const loadSession = (scriptUrl: string): Promise<{ Session: typeof Session }> =>
  import('./session.ts').catch((error: unknown) => {
    if (document.querySelector('[integrity],[type=importmap]')) throw error;
    return import(/* webpackIgnore: true */ new URL(`./session.ts?${++others}`, scriptUrl).href);
  });

/** Sound that was asked for in a gesture while that code was still on its way. */
let primed: Sound | undefined;

const takePrimed: SoundMaker = (latencyHint) => {
  const sound = primed ?? newSound(latencyHint);
  primed = undefined;
  return sound;
};

/** Performs what `status` decides; loads the session at the first Listen and keeps it. */
export class Player implements ReactiveController {
  readonly #host: PlayerHost;
  readonly #scriptUrl: string;
  #status: Status = { phase: 'idle' };
  #meta = UNKNOWN;
  #hearing = SILENT;
  #session: Session | undefined;
  /** Counts Listens and Stops: code that comes for one that is over does nothing. */
  #turn = 0;
  #playAtMs = 0;
  #settled: (() => void)[] = [];
  readonly #actions: Record<StatusAction, () => void> = {
    unlock: () => this.#unlock(),
    connect: () => this.#session?.connect(this.#playAtMs),
    disconnect: () => {
      this.#session?.disconnect();
      this.#hear(SILENT);
    },
    release: () => {
      this.#turn++;
      if (this.#session) this.#session.release();
      else void primed?.context.suspend();
      this.#hear(SILENT);
    },
  };

  /** Belongs to `host`; `scriptUrl` is where the player's script came from, the relay's address by default. */
  constructor(host: PlayerHost, scriptUrl: string) {
    this.#host = host;
    this.#scriptUrl = scriptUrl;
    host.addController(this);
  }

  /** What decides the state of the element. */
  get status(): Status {
    return this.#status;
  }

  /** What the relay has told of the room. */
  get meta(): RoomMeta {
    return this.#meta;
  }

  /** What is worth telling of the sound. */
  get hearing(): Hearing {
    return this.#hearing;
  }

  /** Shows the level in `meter`, an element of two bars. */
  showLevel(meter: Element): void {
    this.#session?.showLevel(meter);
  }

  /** Loudness of what is heard right now; undefined while nothing sounds. */
  get heard(): FrameLevel | undefined {
    return this.#session?.heard;
  }

  /** Figures so far; undefined while not listening. */
  get stats(): SessionStats | undefined {
    return this.#session?.stats;
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

  /** Room or relay have changed: one that listens goes on there. */
  rejoin(): void {
    this.#step({ kind: 'moved' });
    this.#meta = UNKNOWN;
  }

  /** The token has changed: a session that listens goes on with it, without another connection. */
  takeToken(): void {
    this.#session?.takeToken();
  }

  /** Volume or mute have changed. */
  applyVolume(): void {
    this.#session?.applyVolume();
  }

  /** Leaves out what the sound has fallen behind by. */
  goLive(): void {
    this.#session?.goLive();
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

  #unlock(): void {
    if (this.#session) return this.#session.unlock();
    const turn = ++this.#turn;
    // Only a context made and resumed in the gesture may sound; without Web Audio the session will say so.
    try {
      primed ??= newSound('playback');
      primed.context.resume().catch(() => {});
    } catch {
      primed = undefined;
    }
    const giveUp = (): void => {
      if (turn === this.#turn && !this.#session) this.#fail(scriptMissing(this.#scriptUrl));
    };
    const late = setTimeout(giveUp, LOAD_MS);
    void this.#load()
      .then((session) => turn === this.#turn && session.unlock(), giveUp)
      .finally(() => clearTimeout(late));
  }

  async #load(): Promise<Session> {
    const { Session } = await loadSession(this.#scriptUrl);
    const host = this.#host;
    const outlet: SessionOutlet = {
      onEvent: (event) => this.#step(event),
      onMeta: (meta) => {
        const before = this.#meta;
        this.#meta = meta;
        host.onMeta(meta, before);
        host.requestUpdate();
      },
      onHearing: (hearing) => this.#hear(hearing),
      onCaption: (caption) => host.onCaption(caption),
      onStats: (stats) => host.onStats(stats),
      onLevel: (level) => host.onLevel(level),
    };
    return (this.#session ??= new Session(host, this.#scriptUrl, outlet, takePrimed));
  }

  #hear(hearing: Hearing): void {
    const { speaking, behindSec } = this.#hearing;
    if (speaking === hearing.speaking && behindSec === hearing.behindSec) return;
    this.#hearing = hearing;
    this.#host.requestUpdate();
  }

  #fail(error: Fault): void {
    this.#step({ kind: 'failed', error });
  }
}

function scriptMissing(scriptUrl: string): Fault {
  const { origin } = new URL(scriptUrl);
  return playerError('network', 'script', `The second script could not be loaded. CSP: script-src ${origin}`);
}
