import { decodeChunk, type Chunk } from '../wire/chunk.ts';
import {
  CloseCode,
  isRetryable,
  parseRelayMessage,
  type ClockMessage,
  type HelloMessage,
  type RoomState,
  type StateMessage,
} from '../wire/messages.ts';
import { delayBefore, Retries } from './backoff.ts';
import { ChunkFilter } from './chunk-filter.ts';
import { openHttpLine } from './http-line.ts';
import { Ladder } from './ladder.ts';
import { TRANSPORTS, type Line, type LineOutlet, type Transport } from './line.ts';
import { isPlayable } from './playable.ts';
import { blockedByPolicy, errorOfClose, playerError, type PlayerError } from './player-error.ts';
import { onForbidden } from './policy.ts';
import { openSocketLine } from './socket-line.ts';

/** Where a connection's news go. */
export interface ConnectionOutlet {
  /** A connection begins: its `hello` follows. */
  onOpened(): void;
  /** A `hello` comes first, and again with every answer of a poll. */
  onMessage(message: HelloMessage | StateMessage | ClockMessage): void;
  /** Each sample comes once, across connections too; their numbers grow within one only. */
  onChunk(chunk: Chunk): void;
  /** The connection is gone; try number `attempt` (from 1) comes by itself. */
  onLost(attempt: number): void;
  /** The connection is gone for good. */
  onFailed(error: PlayerError): void;
}

/** What a connection is made of. The defaults are the browser's own; tests bring theirs. */
export interface ConnectionOptions {
  /** The listener socket's address, ws: or wss:. */
  url: string;
  /** Ticket, or ''. */
  token: string;
  outlet: ConnectionOutlet;
  WebSocket?: typeof WebSocket;
  fetch?: typeof fetch;
  /** In [0, 1). */
  random?: () => number;
  /** A connection that is silent for this long while a leg is up is dead, ms. */
  silentMs?: number;
}

/** Counts of a connection; they only grow. */
export interface ConnectionCounters {
  /** Messages that are neither a chunk nor a message of the protocol. */
  faults: number;
  /** Chunks that had come before: the relay begins every connection with its last second. */
  repeated: number;
  /** Connections made again after a loss. */
  reconnects: number;
  /** Bytes of chunks received. */
  bytes: number;
}

const HELLO_MS = 3000;
/** There is nothing better to do than to wait for the last transport; nor does any poll take longer. */
const POLL_MS = 10_000;
const SILENT_MS = 15_000;
/** A timer later than this means the page slept: what waits in the socket is read before it is judged. */
const SLEPT_MS = 2000;

/**
 * One room's messages and chunks, by WebSocket or else over HTTP; reconnects with full jitter until 12 tries or 5 min
 * have gone by without a lasting connection. Bad messages are counted, never thrown. wire/PROTOCOL.md.
 */
export class Connection {
  readonly counters: ConnectionCounters = { faults: 0, repeated: 0, reconnects: 0, bytes: 0 };
  /** What carries it, or is being tried. */
  transport: Transport = 'websocket';
  readonly #options: ConnectionOptions;
  /** Address of the room, http: or https:, ending in a slash. */
  readonly #roomUrl: string;
  readonly #retries = new Retries();
  readonly #filter = new ChunkFilter();
  readonly #ended = new AbortController();
  readonly #ladder: Ladder;
  /** Opening or open; undefined while resting before the next try. */
  #line: Line | undefined;
  /** Since its `hello`: the room's state, and when that came. */
  #greeted: { room: RoomState; atMs: number; chunkMs: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryInMs: number | undefined;

  /** Opens nothing yet. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#roomUrl = options.url.replace(/^ws/, 'http').replace(/listen$/, '');
    this.#ladder = new Ladder(new URL(this.#roomUrl).origin, Date.now());
  }

  /** Connects. Call it once. */
  open(): void {
    const { signal } = this.#ended;
    addEventListener('online', () => this.#line ?? this.#connect(), { signal });
    onForbidden(this.#roomUrl, signal, (transports) => this.#forbid(transports));
    this.#connect();
  }

  /** Ends the connection; nothing comes out any more. */
  close(): void {
    this.#ended.abort();
    this.#drop();
  }

  #connect(): void {
    this.#ladder.begin(this.#retries.tries);
    this.#stepDown();
  }

  /** Tries the next rung of the ladder; below the last one the attempt is lost. */
  #stepDown(): void {
    const rung = this.#ladder.next();
    if (!rung) return this.#lose();
    this.#drop();
    this.transport = rung;
    this.#filter.begin();
    this.#after(this.#ladder.isDone ? POLL_MS : HELLO_MS, () => this.#stepDown());
    try {
      const line: Line = this.#openLine(rung, {
        onData: (data) => this.#line === line && this.#receive(data),
        onClosed: (code, reason) => this.#line === line && this.#onClosed(code, reason),
      });
      this.#line = line;
    } catch {
      // Firefox and WebKit throw where a policy forbids the address; Chromium tells by event. Mixed content throws too,
      // and is forbidden over HTTP as well.
      const mixed = location.protocol === 'https:' && !this.#roomUrl.startsWith('https:');
      this.#forbid(mixed ? TRANSPORTS : ['websocket']);
    }
  }

  #openLine(rung: Transport, outlet: LineOutlet): Line {
    const { url, token, WebSocket: Socket = WebSocket, random = Math.random } = this.#options;
    if (rung === 'websocket') return openSocketLine(url, token, outlet, Socket);
    const { fetch: request = fetch } = this.#options;
    const cursor = rung === 'poll' ? () => this.#filter.cursor : undefined;
    return openHttpLine(this.#roomUrl, token, outlet, request, random(), cursor);
  }

  /** The page's policy forbids these: the others are tried at once. */
  #forbid(rungs: readonly Transport[]): void {
    if (this.#ladder.forbid(rungs)) this.#fail(blockedByPolicy(this.#options.url));
    else if (rungs.includes(this.transport)) this.#connect();
  }

  #onClosed(code: number, reason: string): void {
    if (!isRetryable(code)) this.#fail(errorOfClose(code, reason));
    // The relay itself can be reached, and says that it is of no use now.
    else if (this.#greeted || code >= CloseCode.goingAway) this.#lose();
    else this.#stepDown();
  }

  #receive(data: string | Uint8Array | undefined): void {
    if (this.#greeted) this.#watch();
    if (typeof data === 'string') this.#receiveText(data);
    else if (data && this.#greeted) this.#receiveChunk(data);
    else if (data) this.counters.faults++;
  }

  #receiveText(text: string): void {
    const parsed = parseRelayMessage(text);
    if (parsed.kind === 'unknown') return;
    const message = parsed.kind === 'message' && parsed.message;
    if (message && message.type === 'bye') {
      this.#retryInMs = message.retryInMs;
    } else if (message && (this.#greeted || message.type === 'hello')) {
      if (!this.#greeted) {
        if (this.#retries.tries > 0) this.counters.reconnects++;
        this.#ladder.keep(this.transport, Date.now());
        this.#options.outlet.onOpened();
      }
      if (message.type !== 'clock') {
        const chunkMs = message.type === 'hello' ? message.chunkMs : 0;
        this.#greeted = { atMs: performance.now(), chunkMs, ...this.#greeted, room: message.state };
        this.#watch();
      }
      this.#options.outlet.onMessage(message);
    } else this.counters.faults++;
  }

  #receiveChunk(data: Uint8Array): void {
    const reading = decodeChunk(data);
    if (reading.kind === 'fault' || !isPlayable(reading.chunk)) {
      this.counters.faults++;
      return;
    }
    const chunk = this.#filter.unheard(reading.chunk);
    if (chunk) {
      this.counters.bytes += data.byteLength;
      this.#options.outlet.onChunk(chunk);
    } else this.counters.repeated++;
  }

  /** How long a connection may say nothing. Somebody between may hold back all that follows a `hello`, ms. */
  get #mostSilentMs(): number {
    const { silentMs = SILENT_MS } = this.#options;
    const heldBack = this.transport !== 'websocket' && !this.#filter.cursor;
    if (heldBack && this.#greeted?.room === 'live') return HELLO_MS + 2 * this.#greeted.chunkMs;
    return heldBack || this.transport === 'poll' ? POLL_MS : silentMs;
  }

  /** A half-open socket says nothing for ever. While a leg is up the relay sends at least a clock every 5 s. */
  #watch(forMs = this.#mostSilentMs): void {
    const dueMs = performance.now() + forMs;
    this.#after(forMs, () => {
      const room = this.#greeted?.room;
      if (performance.now() - dueMs > SLEPT_MS) this.#watch(SLEPT_MS);
      else if (this.transport !== 'poll' && room !== 'live' && room !== 'waiting') this.#watch();
      else if (this.transport === 'websocket' || this.#filter.cursor) this.#lose();
      else this.#stepDown();
    });
  }

  #lose(): void {
    const nowMs = performance.now();
    const { outlet, random = Math.random } = this.#options;
    const attempt = this.#retries.next(nowMs, nowMs - (this.#greeted?.atMs ?? nowMs));
    if (attempt === undefined)
      return this.#fail(playerError('network', 'unreachable', 'The relay could not be reached'));
    // The relay has spread its listeners itself when it says a time.
    const restMs = this.#retryInMs ?? delayBefore(attempt, random());
    this.#drop();
    this.#after(restMs, () => this.#connect());
    outlet.onLost(attempt);
  }

  #fail(error: PlayerError): void {
    this.close();
    this.#options.outlet.onFailed(error);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const line = this.#line;
    this.#line = this.#greeted = this.#retryInMs = undefined;
    line?.close();
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}
