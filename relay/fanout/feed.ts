import { decodeChunk, endSampleOf, follows, type Chunk } from '../../wire/chunk.ts';
import { FRAME_MS, msOf } from '../../wire/format.ts';
import type { CaptionMessage, HelloMessage, RelayMessage } from '../../wire/messages.ts';
import { PROTOCOL_VERSION } from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import type { RoomMessage, RoomStatus } from '../room-message.ts';
import { Audience } from './audience.ts';
import { HeadCount } from './head-count.ts';
import { LastCaptions } from './last-captions.ts';
import type { Listener } from './listener.ts';
import { NoticeBoard } from './notice-board.ts';
import { Parcel } from './parcel.ts';
import { Phase } from './phase.ts';

/** One burst of deliveries to this many takes a few milliseconds; more of them get a moment of their own. */
const PHASE_LISTENERS = 500;
/** More bursts than this in a chunk's time win nothing any more (measured). */
const MAX_PHASES = 10;
/** Where a frame came so shortly before, another will: what is not urgent goes with it. */
const SPOKEN_MS = 100;

/** What a room's listeners see of its settings. */
export interface FeedSettings {
  room: string;
  title: string;
  chunkMs: number;
  showListeners: boolean;
  retryWindowMs: number;
}

/**
 * One room's listeners on this node. Few of them get each chunk at once; many are spread over phases, whose chunks end
 * at different frames, so that the deliveries of a chunk fill its time instead of coming in one burst.
 */
export class Feed {
  /** Who listens, counted, and what they were sent. */
  readonly audience: Audience;
  readonly #settings: FeedSettings;
  readonly #time: Pick<Clock, 'nowMs' | 'wallMs' | 'after'>;
  readonly #phases: [Phase, ...Phase[]];
  #status: RoomStatus = { state: 'idle', epoch: null, sampleRate: null };
  #clock: { epoch: number; mediaMs: number; atMs: number } | undefined;
  #last: Chunk | undefined;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  readonly #captions = new LastCaptions();
  readonly #notice: NoticeBoard;
  /** Undefined where the room does not show it. */
  readonly #headCount: HeadCount | undefined;

  constructor(
    settings: FeedSettings,
    time: Pick<Clock, 'nowMs' | 'wallMs' | 'after'>,
    audience = Audience.alone(time),
  ) {
    this.#settings = settings;
    this.#time = time;
    this.audience = audience;
    this.#phases = [new Phase(settings.chunkMs, 0, (nowMs) => this.#clockAt(nowMs), audience)];
    this.#notice = new NoticeBoard(time, (message) => this.#tellAll(message));
    if (settings.showListeners)
      this.#headCount = new HeadCount(time, (listeners) =>
        this.#tellWithSound(Parcel.ofText({ type: 'meta', listeners })),
      );
  }

  /** How many listen. */
  get size(): number {
    return this.audience.now;
  }

  /** Takes a message of the room's owner and passes it on. */
  hear(message: RoomMessage): void {
    switch (message.kind) {
      case 'chunk':
        return this.#onPiece(message.bytes);
      case 'status':
        return this.#onStatus(message.status);
      case 'clock':
        return this.#onClock(message);
      case 'caption':
        return this.#onCaption(message.caption);
      case 'notice':
        return this.#notice.put(message.text, message.untilMs);
      default:
        message satisfies never;
    }
  }

  /**
   * Greets a listener, gives it the last captions and the last second of a live room, and counts it in. The result
   * takes it out.
   */
  join(listener: Listener): () => void {
    this.audience.joined(listener.kind);
    const phase = this.#phaseWithRoom();
    const hello = this.hello();
    listener.send(Parcel.ofText(hello));
    for (const caption of this.#captions.before(hello)) {
      if (!phase.isQueued(caption)) listener.send(caption);
    }
    phase.join(listener);
    this.#headCount?.joined(this.size);
    return () => {
      if (!phase.listeners.delete(listener)) return;
      this.audience.left(listener.kind);
      this.#headCount?.left(this.size);
      const at = this.#phases.indexOf(phase);
      if (phase.listeners.size === 0 && at > 0) this.#phases.splice(at, 1);
    };
  }

  /** Everybody who listens, in no order. */
  *listeners(): Iterable<Listener> {
    for (const phase of this.#phases) yield* phase.listeners;
  }

  /** What a listener is told first. */
  hello(): HelloMessage {
    const { room, title, chunkMs, showListeners, retryWindowMs } = this.#settings;
    const { state, epoch, sampleRate } = this.#status;
    const { text: notice } = this.#notice;
    return {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      room,
      title,
      state,
      epoch,
      sampleRate,
      chunkMs,
      mediaMs: this.#mediaMsAt(this.#time.nowMs()),
      retryWindowMs,
      ...(showListeners ? { listeners: this.size } : {}),
      ...this.#opensAt,
      ...(notice !== '' && { notice }),
    };
  }

  /** Tells nobody anything by itself any more. */
  close(): void {
    this.#headCount?.close();
    this.#notice.close();
  }

  /** The phase with the fewest listeners; a new one when they are many, and the chunks have room for another. */
  #phaseWithRoom(): Phase {
    const [first] = this.#phases;
    const emptiest = this.#phases.reduce((a, b) => (b.listeners.size < a.listeners.size ? b : a));
    const { chunkMs } = this.#settings;
    const places = Math.min(MAX_PHASES, chunkMs / FRAME_MS);
    if (emptiest.listeners.size < PHASE_LISTENERS || this.#phases.length === places) return emptiest;
    const taken = new Set(this.#phases.map(({ offsetMs }) => offsetMs));
    const spacingMs = FRAME_MS * Math.floor(chunkMs / FRAME_MS / places);
    let offsetMs = 0;
    while (taken.has(offsetMs)) offsetMs += spacingMs;
    const opened = new Phase(chunkMs, offsetMs, (nowMs) => this.#clockAt(nowMs), this.audience, first);
    this.#phases.push(opened);
    return opened;
  }

  #onPiece(bytes: Uint8Array): void {
    const reading = decodeChunk(bytes);
    if (reading.kind === 'fault') throw new Error(`the bus brought bytes that are no chunk: ${reading.code}`);
    const { chunk } = reading;
    if (!follows(chunk, this.#last)) return;
    this.#last = chunk;
    const nowMs = this.#time.nowMs();
    this.#heardAtMs = nowMs;
    if (this.#clock?.epoch !== chunk.epoch) {
      this.#clock = { epoch: chunk.epoch, mediaMs: msOf(endSampleOf(chunk), chunk.sampleRate), atMs: nowMs };
    }
    for (const phase of this.#phases) phase.hear(chunk, nowMs);
  }

  #onStatus(status: RoomStatus): void {
    const before = this.#status;
    this.#status = status;
    if (status.state !== 'live') {
      for (const phase of this.#phases) {
        phase.flush(this.#time.nowMs());
        phase.clearRing();
      }
    }
    if (status.epoch !== this.#clock?.epoch) this.#clock = undefined;
    if (before.state !== status.state || before.opensAtMs !== status.opensAtMs)
      this.#tellAll({ type: 'state', state: status.state, ...this.#opensAt });
  }

  get #opensAt(): { opensAt?: number } {
    const { opensAtMs } = this.#status;
    return opensAtMs === undefined ? {} : { opensAt: opensAtMs };
  }

  #onClock({ epoch, mediaMs, quiet }: Extract<RoomMessage, { kind: 'clock' }>): void {
    const nowMs = this.#time.nowMs();
    this.#clock = { epoch, mediaMs, atMs: nowMs };
    if (!quiet && nowMs - this.#heardAtMs < SPOKEN_MS) {
      for (const phase of this.#phases) phase.clockIsDue();
      return;
    }
    if (quiet) for (const phase of this.#phases) phase.flush(nowMs);
    this.#tellAll({ type: 'clock', epoch, mediaMs: Math.round(mediaMs), ...(quiet && { quiet }) });
    if (!quiet) return;
    for (const phase of this.#phases) phase.trimRing(mediaMs);
    // What comes shortly before speech is sent after it has begun.
    for (const listener of this.listeners()) listener.pass(epoch, mediaMs - this.#settings.chunkMs);
  }

  #onCaption(caption: CaptionMessage): void {
    this.#tellWithSound(this.#captions.pack(caption));
  }

  /** Tells everybody; of a large audience one phase after the other, and in between there is time for sound. */
  #tellAll(message: RelayMessage): void {
    const text = Parcel.ofText(message);
    for (const phase of this.#phases) phase.queue(text);
    this.#tellNext();
  }

  /** Tells everybody with the next chunk, which costs nothing; at once while nobody speaks. */
  #tellWithSound(text: Parcel): void {
    for (const phase of this.#phases) phase.queue(text);
    if (this.#time.nowMs() - this.#heardAtMs >= SPOKEN_MS) this.#tellNext();
  }

  #tellNext(): void {
    const [phase, ...others] = this.#phases.filter(({ hasTexts }) => hasTexts);
    phase?.tell();
    if (others.length > 0) this.#time.after(0, () => this.#tellNext());
  }

  #clockAt(nowMs: number): Parcel[] {
    const mediaMs = this.#mediaMsAt(nowMs);
    if (!this.#clock || mediaMs === null) return [];
    return [Parcel.ofText({ type: 'clock', epoch: this.#clock.epoch, mediaMs })];
  }

  /** The media clock, carried on from its last message; null while it is not known. */
  #mediaMsAt(nowMs: number): number | null {
    return this.#clock ? Math.round(this.#clock.mediaMs + nowMs - this.#clock.atMs) : null;
  }
}
