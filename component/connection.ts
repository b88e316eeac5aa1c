import { decodeChunk, follows, type Chunk } from '../wire/chunk.ts';
import {
  isRetryable,
  parseRelayMessage,
  SUBPROTOCOL,
  TICKET_PREFIX,
  type ClockMessage,
  type HelloMessage,
  type RoomState,
  type StateMessage,
} from '../wire/messages.ts';
import { delayBefore, Retries } from './backoff.ts';
import { isPlayable } from './playable.ts';
import { blockedByPolicy, errorOfClose, playerError, type PlayerError } from './player-error.ts';

/** Where a connection's news go. */
export interface ConnectionOutlet {
  /** Every connection's first message is a `hello`. */
  onMessage(message: HelloMessage | StateMessage | ClockMessage): void;
  /** Chunks come in strictly growing (epoch, sequence), across reconnects too. */
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

const OPEN_MS = 10_000;
const HELLO_MS = 3000;
const SILENT_MS = 15_000;
/** A timer later than this means the page slept: what waits in the socket is read before it is judged. */
const SLEPT_MS = 2000;
/**
 * The relay socket of one room: hello, chunks and messages out, reconnects with full jitter until 12 tries or 5 min
 * have gone by without a lasting connection. Bad messages are counted, never thrown. wire/PROTOCOL.md.
 */
export class Connection {
  readonly counters: ConnectionCounters = { faults: 0, repeated: 0, reconnects: 0, bytes: 0 };
  readonly #options: ConnectionOptions;
  readonly #retries = new Retries();
  readonly #ended = new AbortController();
  /** Opening or open; undefined while resting before the next try. */
  #socket: WebSocket | undefined;
  /** Since its `hello`: the room's state, and when that came. */
  #greeted: { room: RoomState; atMs: number } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: Chunk | undefined;
  #retryInMs: number | undefined;

  /** Opens nothing yet. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Connects. Call it once. */
  open(): void {
    const { url } = this.#options;
    const { signal } = this.#ended;
    addEventListener('online', () => this.#socket ?? this.#connect(), { signal });
    addEventListener(
      'securitypolicyviolation',
      ({ blockedURI, disposition }) => {
        // The report names the address or only its origin.
        const ours = blockedURI.startsWith('ws') && url.startsWith(blockedURI);
        if (ours && disposition === 'enforce') this.#fail(blockedByPolicy(url));
      },
      { signal },
    );
    this.#connect();
  }

  /** Ends the connection; nothing comes out any more. */
  close(): void {
    this.#ended.abort();
    this.#drop();
  }

  #connect(): void {
    const { url, token, WebSocket: Socket = WebSocket } = this.#options;
    let socket: WebSocket;
    try {
      socket = new Socket(url, token ? [SUBPROTOCOL, TICKET_PREFIX + token] : [SUBPROTOCOL]);
    } catch {
      // Firefox and WebKit throw where a policy (CSP, mixed content) forbids the address; Chromium tells by event.
      this.#fail(blockedByPolicy(url));
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#loseAfter(OPEN_MS);
    const on = <Type extends 'open' | 'message' | 'close'>(
      type: Type,
      act: (event: WebSocketEventMap[Type]) => void,
    ): void => socket.addEventListener(type, (event) => this.#socket === socket && act(event));
    on('open', () => this.#loseAfter(HELLO_MS));
    on('message', ({ data }) => this.#receive(data));
    on('close', ({ code, reason }) => {
      if (isRetryable(code)) this.#lose();
      else this.#fail(errorOfClose(code, reason));
    });
  }

  #receive(data: unknown): void {
    if (this.#greeted) this.#watch();
    if (typeof data === 'string') this.#receiveText(data);
    else if (data instanceof ArrayBuffer && this.#greeted) this.#receiveChunk(data);
    else this.counters.faults++;
  }

  #receiveText(text: string): void {
    const parsed = parseRelayMessage(text);
    if (parsed.kind === 'unknown') return;
    const message = parsed.kind === 'message' && parsed.message;
    if (message && message.type === 'bye') {
      this.#retryInMs = message.retryInMs;
    } else if (message && (this.#greeted || message.type === 'hello')) {
      if (!this.#greeted && this.#retries.tries > 0) this.counters.reconnects++;
      if (message.type !== 'clock') {
        this.#greeted = { atMs: performance.now(), ...this.#greeted, room: message.state };
        this.#watch();
      }
      this.#options.outlet.onMessage(message);
    } else this.counters.faults++;
  }

  #receiveChunk(data: ArrayBuffer): void {
    const reading = decodeChunk(new Uint8Array(data));
    if (reading.kind === 'fault' || !isPlayable(reading.chunk)) {
      this.counters.faults++;
      return;
    }
    const { chunk } = reading;
    if (!follows(chunk, this.#last)) {
      this.counters.repeated++;
      return;
    }
    this.counters.bytes += data.byteLength;
    // The samples stay with the caller; what follows is compared by number alone.
    this.#last = { ...chunk, pcm: new Uint8Array() };
    this.#options.outlet.onChunk(chunk);
  }

  /** A half-open socket says nothing for ever. While a leg is up the relay sends at least a clock every 5 s. */
  #watch(forMs = this.#options.silentMs ?? SILENT_MS): void {
    const dueMs = performance.now() + forMs;
    this.#after(forMs, () => {
      const room = this.#greeted?.room;
      if (performance.now() - dueMs > SLEPT_MS) this.#watch(SLEPT_MS);
      else if (room === 'live' || room === 'waiting') this.#lose();
      else this.#watch();
    });
  }

  #lose(): void {
    const nowMs = performance.now();
    const { outlet, random = Math.random } = this.#options;
    const attempt = this.#retries.next(nowMs, nowMs - (this.#greeted?.atMs ?? nowMs));
    if (attempt === undefined) {
      this.#fail(playerError('network', 'unreachable', 'The relay could not be reached'));
      return;
    }
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
    const socket = this.#socket;
    this.#socket = this.#greeted = this.#retryInMs = undefined;
    socket?.close();
  }

  #loseAfter(ms: number): void {
    this.#after(ms, () => this.#lose());
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}
