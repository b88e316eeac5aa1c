import type { ByeMessage, CaptionMessage, RelayMessage } from '../wire/messages.ts';
import { CaptionQueue } from './caption-queue.ts';
import { Connection } from './connection.ts';
import { leaveEar, takeEar } from './exclusive.ts';
import { LevelMeter } from './level-meter.ts';
import type { FrameLevel } from './playout/loudness.ts';
import { presetOf } from './playout/planner.ts';
import type { PlayoutCounters } from './playout/playout-counters.ts';
import { Playout } from './playout/playout.ts';
import { SoundGate, type SoundNews } from './playout/sound-gate.ts';
import type { SoundMaker } from './playout/sound.ts';
import { playerError } from './player-error.ts';
import type { StatusEvent } from './status.ts';
import { listenUrl } from './relay-url.ts';
import { UNKNOWN } from './session-parts.ts';
import type { RoomMeta, SessionHost, SessionOutlet, SessionStats } from './session-parts.ts';
import { hideSystemCard, retitleSystemCard, showSystemCard } from './system-card.ts';
import { TicketSource } from './ticket-source.ts';
import { titleOf } from './title.ts';

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
const LEVEL_MS = 100;
/** A poll brings a second of sound and comes a round trip after the one before: held back for so long more, ms. */
const POLL_GAP_MS = 1200;
/** Behind by more than this beyond what its preset holds back at least, a listener is told; not any more below 0.8 of it. */
const BEHIND_MS = 1500;
const SPOKE_SEC = 0.6;

/** Joins connection → playout → outlet. The only owner of socket and timers; loaded at the first Listen. */
export class Session {
  readonly #host: SessionHost;
  readonly #scriptUrl: string;
  readonly #outlet: SessionOutlet;
  readonly #tickets: TicketSource;
  readonly #captions = new CaptionQueue();
  readonly #meter: LevelMeter;
  readonly #gate: SoundGate;
  #connection: Connection | undefined;
  #playout: Playout | undefined;
  #ticks: ReturnType<typeof setInterval>[] = [];
  #playAtMs = 0;
  #startupMs: number | undefined;
  #behind = false;
  #meta = UNKNOWN;

  /** Connects to nothing yet; `scriptUrl` is the relay's address by default, `makeSound` is asked where the page has no sound yet. */
  constructor(host: SessionHost, scriptUrl: string, outlet: SessionOutlet, makeSound: SoundMaker) {
    this.#host = host;
    this.#scriptUrl = scriptUrl;
    this.#outlet = outlet;
    this.#meter = new LevelMeter(host, () => (host.muted ? undefined : this.heard));
    this.#gate = new SoundGate((news) => {
      // Sound came back in a new context, and the connection is still there.
      if (news === 'running' && this.#connection) this.#openPlayout(this.#playout?.counters);
      outlet.onEvent(SOUND_EVENTS[news]);
    }, makeSound);
    this.#tickets = new TicketSource(host);
  }

  /** Loudness of what is heard right now; undefined while nothing sounds. */
  get heard(): FrameLevel | undefined {
    return this.#playout?.heard;
  }

  /** Figures so far; undefined while not connected. */
  get stats(): SessionStats | undefined {
    if (!this.#connection || !this.#playout) return undefined;
    const { counters, bufferedMs, targetMs, behindMs } = this.#playout;
    const startupMs = this.#startupMs;
    const { transport, counters: received } = this.#connection;
    return { ...counters, ...received, transport, startupMs, bufferedMs, targetMs, behindMs };
  }

  /** Asks for sound, and the other players to be quiet; `sound-running` or another event tells what has become of it. */
  unlock(): void {
    takeEar(this.#host);
    this.#gate.open();
  }

  /** Connects to the host's room and plays it; Listen was at `playAtMs`. */
  connect(playAtMs: number): void {
    const url = listenUrl(this.#host.relay, this.#host.room, this.#scriptUrl);
    if (typeof url !== 'string') return this.#outlet.onEvent({ kind: 'failed', error: url });
    this.#playAtMs = playAtMs;
    this.#startupMs = undefined;
    this.#openPlayout();
    this.#connection = new Connection({
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
        onLost: (attempt) => this.#outlet.onEvent({ kind: 'lost', attempt }),
        onFailed: (error) => this.#outlet.onEvent({ kind: 'failed', error }),
      },
    });
    const { levelEvents } = this.#host;
    this.#ticks = [
      setInterval(() => this.#listen(), TICK_MS),
      setInterval(() => this.stats && this.#outlet.onStats(this.stats), STATS_MS),
      ...(levelEvents ? [setInterval(() => this.heard && this.#outlet.onLevel(this.heard), LEVEL_MS)] : []),
    ];
    this.#meter.run(true);
    showSystemCard(titleOf(this.#host, this.#meta), this.#host);
    this.#connection.open();
  }

  /** Ends connection and sound; tickets and title stay for the next one. */
  disconnect(): void {
    this.#meter.run(false);
    hideSystemCard(this.#host);
    for (const tick of this.#ticks) clearInterval(tick);
    this.#connection?.close();
    this.#playout?.close();
    this.#captions.clear();
    this.#connection = undefined;
    this.#playout = undefined;
    this.#tell({ opensAt: null, notice: '' });
  }

  /** Lets go of the sound, too: others may have the ear. */
  release(): void {
    this.disconnect();
    leaveEar(this.#host);
    this.#gate.close();
  }

  /** Shows the level in `meter`, an element of two bars. */
  showLevel(meter: Element): void {
    this.#meter.attach(meter);
  }

  /** The token has changed: goes on with it, without another connection. */
  takeToken(): void {
    this.#tickets.take();
  }

  /** Volume or mute have changed. */
  applyVolume(): void {
    this.#playout?.setVolume(this.#host.volume, this.#host.muted);
  }

  /** Leaves out what it has fallen behind by. */
  goLive(): void {
    this.#playout?.goLive(this.#preset);
  }

  get #gapMs(): number {
    return this.#connection?.transport === 'poll' ? POLL_GAP_MS : 0;
  }

  get #preset(): ReturnType<typeof presetOf> {
    return presetOf(this.#host.latency, this.#gapMs);
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
    this.#playout?.join(this.#preset);
  }

  #onMessage(message: Exclude<RelayMessage, ByeMessage>): void {
    const playout = this.#playout;
    switch (message.type) {
      case 'hello': {
        const { title, listeners = null, epoch, opensAt = null, notice = '' } = message;
        this.#tell({ title, listeners, startedAt: epoch, opensAt, notice });
        if (epoch !== null && message.mediaMs !== null) playout?.sync(epoch, message.mediaMs);
        this.#outlet.onEvent({ kind: 'room', room: message.state });
        return;
      }
      case 'state':
        this.#tell({ opensAt: message.opensAt ?? null });
        this.#outlet.onEvent({ kind: 'room', room: message.state });
        return;
      case 'clock':
        playout?.sync(message.epoch, message.mediaMs, message.quiet);
        this.#tell({ startedAt: this.#meta.startedAt ?? message.epoch });
        this.#listen();
        return;
      case 'meta':
        return this.#tell({ listeners: message.listeners });
      case 'notice':
        return this.#tell({ notice: message.text });
      case 'caption':
        return this.#captions.push(message);
      default:
        message satisfies never;
    }
  }

  #tell(news: Partial<RoomMeta>): void {
    const meta = { ...this.#meta, ...news };
    if (JSON.stringify(meta) === JSON.stringify(this.#meta)) return;
    this.#meta = meta;
    this.#outlet.onMeta(meta);
    retitleSystemCard(titleOf(this.#host, meta), this.#host);
  }

  /** Tells what is heard; also finds a sound device that does not come back by itself. */
  #listen(): void {
    const playout = this.#playout;
    if (!playout) return;
    // It has begun, or the host is late: nobody knows when any more.
    if (Date.now() > (this.#meta.opensAt ?? Infinity)) this.#tell({ opensAt: null });
    this.#gate.watch(performance.now());
    // A context that does not run yet is the gate's business.
    if (playout.stalledForMs > FROZEN_MS && this.#gate.context?.state === 'running') this.#gate.renew();
    const { sounding, quietForSec, behindMs } = playout;
    this.#outlet.onEvent({ kind: 'heard', sounding, quietForSec });
    const excessMs = behindMs - this.#preset.minMs;
    this.#behind = sounding && excessMs > (this.#behind ? 0.8 * BEHIND_MS : BEHIND_MS);
    this.#outlet.onHearing({
      speaking: sounding && quietForSec < SPOKE_SEC,
      behindSec: this.#behind ? Math.round(behindMs / 1000) : 0,
    });
    const place = playout.heardMedia;
    if (place) for (const caption of this.#captions.due(place.epoch, place.mediaMs)) this.#caption(caption);
  }

  #caption({ id, text, final, speaker, lang }: CaptionMessage): void {
    this.#outlet.onCaption({ id, text, final, ...(speaker && { speaker }), ...(lang && { lang }) });
  }
}
