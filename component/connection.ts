import { decodeChunk, follows, type Chunk } from '../wire/chunk.ts';
import {
  isRetryable,
  parseRelayMessage,
  SUBPROTOCOL,
  TICKET_PREFIX,
  type ClockMessage,
  type HelloMessage,
  type RelayMessage,
  type RoomState,
  type StateMessage,
} from '../wire/messages.ts';
import { delayBefore, Retries } from './backoff.ts';
import { isPlayable } from './playable.ts';
import { blockedByPolicy, errorOfClose, unreachable, type PlayerError } from './player-error.ts';

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
type Link =
  | { kind: 'closed' }
  | { kind: 'opening'; socket: WebSocket }
  | { kind: 'open'; socket: WebSocket; room: RoomState; sinceMs: number }
  | { kind: 'resting' };

/**
 * The relay socket of one room: hello, chunks and messages out, reconnects with full jitter until 12 tries or 5 min
 * have gone by without a lasting connection. Bad messages are counted, never thrown. wire/PROTOCOL.md.
 */
export class Connection {
  readonly counters: ConnectionCounters = { faults: 0, repeated: 0, reconnects: 0, bytes: 0 };
  readonly #options: ConnectionOptions;
  readonly #retries = new Retries();
  #link: Link = { kind: 'closed' };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: Chunk | undefined;
  #heardMs = 0;
  #retryInMs: number | undefined;

  /** Opens nothing yet. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Connects. Call it once. */
  open(): void {
    addEventListener('online', this.#onOnline);
    addEventListener('securitypolicyviolation', this.#onViolation);
    this.#connect();
  }

  /** Ends the connection; nothing comes out any more. */
  close(): void {
    removeEventListener('online', this.#onOnline);
    removeEventListener('securitypolicyviolation', this.#onViolation);
    this.#drop();
    this.#link = { kind: 'closed' };
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
    this.#link = { kind: 'opening', socket };
    this.#after(OPEN_MS, () => this.#lose());
    const current = (): boolean => 'socket' in this.#link && this.#link.socket === socket;
    socket.addEventListener('open', () => current() && this.#after(HELLO_MS, () => this.#lose()));
    socket.addEventListener('message', ({ data }) => current() && this.#receive(data));
    socket.addEventListener('close', ({ code, reason }) => {
      if (!current()) return;
      if (isRetryable(code)) this.#lose();
      else this.#fail(errorOfClose(code, reason));
    });
  }

  #receive(data: unknown): void {
    this.#heardMs = performance.now();
    if (typeof data === 'string') this.#receiveText(data);
    else if (data instanceof ArrayBuffer && this.#link.kind === 'open') this.#receiveChunk(data);
    else this.counters.faults++;
  }

  #receiveText(text: string): void {
    const parsed = parseRelayMessage(text);
    if (parsed.kind === 'unknown') return;
    if (parsed.kind === 'fault') this.counters.faults++;
    else this.#act(parsed.message);
  }

  #act(message: RelayMessage): void {
    if (message.type === 'bye') {
      this.#retryInMs = message.retryInMs;
      return;
    }
    if (this.#link.kind === 'opening' && message.type === 'hello') this.#greeted(this.#link.socket, message);
    if (this.#link.kind !== 'open') {
      this.counters.faults++;
      return;
    }
    if (message.type !== 'clock') this.#link.room = message.state;
    this.#options.outlet.onMessage(message);
  }

  #greeted(socket: WebSocket, { state }: HelloMessage): void {
    if (this.#retries.tries > 0) this.counters.reconnects++;
    this.#link = { kind: 'open', socket, room: state, sinceMs: this.#heardMs };
    this.#watch();
  }

  #receiveChunk(data: ArrayBuffer): void {
    const reading = decodeChunk(new Uint8Array(data));
    if (reading.kind === 'fault' || !isPlayable(reading.chunk)) {
      this.counters.faults++;
      return;
    }
    if (!follows(reading.chunk, this.#last)) {
      this.counters.repeated++;
      return;
    }
    this.counters.bytes += data.byteLength;
    // The samples stay with the caller; what follows is compared by number alone.
    this.#last = { ...reading.chunk, pcm: new Uint8Array() };
    this.#options.outlet.onChunk(reading.chunk);
  }

  get #silentMs(): number {
    return this.#options.silentMs ?? SILENT_MS;
  }

  /** A half-open socket says nothing for ever. While a leg is up the relay sends at least a clock every 5 s. */
  #watch(): void {
    const dueMs = this.#heardMs + this.#silentMs;
    this.#after(dueMs - performance.now(), () => {
      if (this.#link.kind !== 'open') return;
      const nowMs = performance.now();
      const legUp = this.#link.room === 'live' || this.#link.room === 'waiting';
      const slept = nowMs - dueMs > SLEPT_MS;
      if (legUp && !slept && nowMs - this.#heardMs >= this.#silentMs) {
        this.#lose();
        return;
      }
      if (!legUp) this.#heardMs = nowMs;
      else if (slept) this.#heardMs = nowMs - this.#silentMs + SLEPT_MS;
      this.#watch();
    });
  }

  #lose(): void {
    const nowMs = performance.now();
    const openForMs = this.#link.kind === 'open' ? nowMs - this.#link.sinceMs : 0;
    const attempt = this.#retries.next(nowMs, openForMs);
    if (attempt === undefined) {
      this.#fail(unreachable(this.#retries.tries));
      return;
    }
    // The relay has spread its listeners itself when it says a time.
    const { random = Math.random } = this.#options;
    const restMs = this.#retryInMs ?? delayBefore(attempt, random());
    this.#drop();
    this.#link = { kind: 'resting' };
    this.#after(restMs, () => this.#connect());
    this.#options.outlet.onLost(attempt);
  }

  #fail(error: PlayerError): void {
    this.close();
    this.#options.outlet.onFailed(error);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#retryInMs = undefined;
    if (!('socket' in this.#link)) return;
    const { socket } = this.#link;
    this.#link = { kind: 'closed' };
    socket.close();
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }

  readonly #onOnline = (): void => {
    if (this.#link.kind !== 'resting') return;
    clearTimeout(this.#timer);
    this.#connect();
  };

  readonly #onViolation = (event: SecurityPolicyViolationEvent): void => {
    const { url } = this.#options;
    // The report names the address or only its origin.
    const ours = event.blockedURI.startsWith('ws') && url.startsWith(event.blockedURI);
    if (ours && event.disposition === 'enforce') this.#fail(blockedByPolicy(url));
  };
}
