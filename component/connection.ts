import { decodeChunk } from '../wire/chunk.ts';
import {
  CloseCode,
  isRetryable,
  parseRelayMessage,
  type AuthMessage,
  type ByeMessage,
  type RoomState,
} from '../wire/messages.ts';
import { delayBefore, Retries } from './backoff.ts';
import { ChunkFilter } from './chunk-filter.ts';
import type { ConnectionCounters, ConnectionOptions } from './connection-parts.ts';
import { openHttpLine } from './http-line.ts';
import { Ladder } from './ladder.ts';
import { TRANSPORTS, type Line, type LineOutlet, type Transport } from './line.ts';
import { isPlayable } from './playable.ts';
import { blockedByPolicy, errorOfClose, playerError, type Fault } from './player-error.ts';
import { onForbidden } from './policy.ts';
import { openSocketLine } from './socket-line.ts';

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
  #bye: ByeMessage | undefined;
  /** The ticket that the relay knows on this line, or ''. */
  #told = '';

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
    this.#options.tickets.open(this.#options.url, () => this.#authorize());
    this.#connect();
  }

  /** Ends the connection; nothing comes out any more. */
  close(): void {
    this.#ended.abort();
    this.#options.tickets.close();
    this.#drop();
  }

  #connect(): void {
    this.#options.tickets.get((answer) => {
      if (answer === undefined) return this.#lose('token-url or tokenProvider');
      if (typeof answer !== 'string') return this.#fail(answer);
      this.#ladder.begin(this.#retries.tries);
      this.#stepDown();
    });
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
    const { url, tickets, WebSocket: Socket = WebSocket, random = Math.random } = this.#options;
    const ticket = (): string => (this.#told = tickets.ticket);
    if (rung === 'websocket') return openSocketLine(url, ticket(), outlet, Socket);
    const { fetch: request = fetch } = this.#options;
    const cursor = rung === 'poll' ? () => this.#filter.cursor : undefined;
    return openHttpLine(this.#roomUrl, ticket, outlet, request, random(), cursor);
  }

  /** Tells the relay of a new ticket. Over HTTP the next request brings it. */
  #authorize(): void {
    const { ticket } = this.#options.tickets;
    if (!this.#greeted || !this.#line?.send || ticket === this.#told) return;
    const message: AuthMessage = { type: 'auth', token: ticket };
    this.#line.send(JSON.stringify(message));
    this.#told = ticket;
  }

  /** The page's policy forbids these: the others are tried at once. */
  #forbid(rungs: readonly Transport[]): void {
    if (this.#ladder.forbid(rungs)) this.#fail(blockedByPolicy(this.#options.url));
    else if (rungs.includes(this.transport)) this.#connect();
  }

  #onClosed(lineCode: number, lineReason: string): void {
    // The end of a response has no code: the `bye` before it has.
    const bye = lineCode < CloseCode.goingAway && this.#bye;
    const { code, reason } = bye || { code: lineCode, reason: lineReason };
    const refused = code === CloseCode.unauthorized;
    if (refused && this.#options.tickets.refuse(this.#told)) this.#lose('The relay', true);
    else if (!isRetryable(code)) this.#fail(errorOfClose(code, reason));
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
      this.#bye = message;
    } else if (message && (this.#greeted || message.type === 'hello')) {
      if (!this.#greeted) {
        if (this.#retries.tries > 0) this.counters.reconnects++;
        this.#ladder.keep(this.transport, Date.now());
        this.#options.tickets.accept();
        this.#options.outlet.onOpened();
      }
      if (message.type === 'hello' || message.type === 'state') {
        const chunkMs = message.type === 'hello' ? message.chunkMs : 0;
        this.#greeted = { atMs: performance.now(), chunkMs, ...this.#greeted, room: message.state };
        this.#watch();
      }
      this.#authorize();
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

  /** The connection is gone because `culprit` cannot be reached: another follows after a rest, or `atOnce`, untold. */
  #lose(culprit = 'The relay', atOnce = false): void {
    const nowMs = performance.now();
    const { outlet, random = Math.random } = this.#options;
    const attempt = this.#retries.next(nowMs, nowMs - (this.#greeted?.atMs ?? nowMs));
    if (attempt === undefined)
      return this.#fail(playerError('network', 'unreachable', `${culprit} could not be reached`));
    // The relay has spread its listeners itself when it says a time.
    const restMs = this.#bye?.retryInMs ?? delayBefore(attempt, this.#retries.lostForMs(nowMs), random());
    this.#drop();
    if (atOnce) return this.#connect();
    this.#after(restMs, () => this.#connect());
    outlet.onLost(attempt);
  }

  #fail(error: Fault): void {
    this.close();
    this.#options.outlet.onFailed(error);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const line = this.#line;
    this.#line = this.#greeted = this.#bye = undefined;
    line?.close();
  }

  #after(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }
}
