import { connect, type Socket } from 'node:net';
import type { Heard, Meter } from './meter.ts';
import { TICKET_PREFIX } from '../../../wire/messages.ts';
import { monotonicUs } from './monotonic.ts';
import { ClientOpcode, clientFrame, readHttpChunks, readWebSocket, type FrameSink } from './wire-reader.ts';
import { readMark, stampUs } from './workload.ts';

/** How a server is listened to. */
export interface Target {
  dialect: 'websocket' | 'socketio' | 'http';
  port: number;
  path: string;
  /** Subprotocol, where the server has one. */
  protocol?: string;
  /** Listeners show one each, in turn, where the room wants tickets. */
  tickets?: readonly string[];
}

const HOST = '127.0.0.1';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
/** What RFC 6455 answers to {@link KEY}. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const JOIN_TIMEOUT_MS = 10_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** Every socket reads into this one: a read is handled before the next. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);
/** Reads so far, of all listeners: tells an idle process from a busy one. */
export const traffic = { reads: 0 };

/** One listener: a bare TCP socket and just enough of its server's protocol. */
export class Listener implements Heard, FrameSink {
  measured = true;
  joinedAtUs = 0;
  epoch = 0;
  sequence = 0;
  endSample = 0;
  lastStampUs = 0;
  holes = 0;
  /** Seated: between its handshake and the end of its connection. */
  seated = false;
  /** What the relay said about coming back, before it closed. */
  retryInMs: number | undefined;
  /** Called at the end of a connection that was seated. */
  onGone: () => void = () => {};
  readonly #target: Target;
  readonly #meter: Meter;
  readonly #ticket: string | undefined;
  #socket: Socket | undefined;
  #upgraded = false;
  #carry: Buffer | undefined;
  #settle: ((fault: string | undefined) => void) | undefined;

  /** The nth listener of a target. */
  constructor(target: Target, meter: Meter, nth: number) {
    this.#target = target;
    this.#meter = meter;
    this.#ticket = target.tickets?.[nth % target.tickets.length];
  }

  /** Connects; resolves to nothing when seated, else to what went wrong. */
  open(): Promise<string | undefined> {
    this.#upgraded = false;
    this.#carry = undefined;
    this.epoch = 0;
    this.retryInMs = undefined;
    let fault = 'closed during the handshake';
    const socket = connect({
      host: HOST,
      port: this.#target.port,
      noDelay: true,
      onread: { buffer: shared, callback: (length) => this.#read(length) },
    });
    this.#socket = socket;
    const timeout = setTimeout(() => {
      fault = `no answer within ${JOIN_TIMEOUT_MS / 1000} s`;
      socket.destroy();
    }, JOIN_TIMEOUT_MS);
    socket.once('connect', () => socket.write(request(this.#target, this.#ticket)));
    socket.once('error', (error) => (fault = 'code' in error ? String(error.code) : error.message));
    socket.once('close', () => {
      clearTimeout(timeout);
      this.#settle?.(fault);
      if (!this.seated) return;
      this.seated = false;
      this.onGone();
    });
    return new Promise((resolve) => {
      this.#settle = (outcome) => {
        this.#settle = undefined;
        clearTimeout(timeout);
        resolve(outcome);
      };
    });
  }

  /** Stops reading, as a frozen tab does. */
  freeze(): void {
    this.#socket?.pause();
  }

  /** Reads on. */
  thaw(): void {
    this.#socket?.resume();
  }

  /** Leaves with a close frame, which the server answers and then ends the connection. */
  leave(): void {
    this.#socket?.write(clientFrame(ClientOpcode.close, Buffer.from([3, 232])));
  }

  /** Leaves without a word. */
  vanish(): void {
    this.#socket?.resetAndDestroy();
  }

  binary(bytes: Buffer, start: number, end: number): void {
    const mark = readMark(bytes, start, end);
    if (!mark) return;
    const nowUs = monotonicUs();
    this.#meter.hear(this, mark, stampUs(bytes, end, nowUs), nowUs);
  }

  text(text: string): void {
    if (this.#target.dialect === 'socketio') return this.#onEnginePacket(text);
    const retry = text.startsWith('{"type":"bye"') && /"retryInMs":(\d+)/.exec(text);
    if (retry) this.retryInMs = Number(retry[1]);
  }

  ping(payload: Buffer): void {
    this.#socket?.write(clientFrame(ClientOpcode.pong, payload));
  }

  closing(payload: Buffer): void {
    this.#socket?.end(clientFrame(ClientOpcode.close, payload));
  }

  #read(length: number): boolean {
    traffic.reads++;
    const fresh = this.#carry === undefined;
    const bytes = this.#carry ? Buffer.concat([this.#carry, shared.subarray(0, length)]) : shared;
    const end = fresh ? length : bytes.length;
    const at = this.#upgraded ? this.#frames(bytes, 0, end) : this.#head(bytes, end);
    this.#carry = at < end ? Buffer.from(bytes.subarray(at, end)) : undefined;
    return true;
  }

  #frames(bytes: Buffer, from: number, to: number): number {
    return this.#target.dialect === 'http'
      ? readHttpChunks(bytes, from, to, this)
      : readWebSocket(bytes, from, to, this);
  }

  /** Reads the answer to the handshake, and on from there. */
  #head(bytes: Buffer, to: number): number {
    const headEnd = bytes.subarray(0, to).indexOf(HEAD_END);
    if (headEnd < 0) return 0;
    const head = bytes.toString('latin1', 0, headEnd);
    const isRight = this.#target.dialect === 'http' ? head.startsWith('HTTP/1.1 200') : head.includes(ACCEPT);
    if (!isRight) {
      this.#settle?.(head.split('\r\n', 1)[0] ?? 'an empty answer');
      this.#socket?.destroy();
      return to;
    }
    this.#upgraded = true;
    if (this.#target.dialect !== 'socketio') this.#seat();
    return this.#frames(bytes, headEnd + HEAD_END.length, to);
  }

  #seat(): void {
    this.seated = true;
    this.joinedAtUs = monotonicUs();
    this.#settle?.(undefined);
  }

  /** engine.io 4: `0` opens, `40` joins the namespace, `2` asks and `3` answers for a sign of life. */
  #onEnginePacket(packet: string): void {
    if (packet === '2') this.#say('3');
    else if (packet.startsWith('0')) this.#say('40');
    else if (packet.startsWith('40')) this.#seat();
  }

  #say(text: string): void {
    this.#socket?.write(clientFrame(ClientOpcode.text, Buffer.from(text)));
  }
}

function request({ dialect, path, port, protocol }: Target, ticket: string | undefined): string {
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${HOST}:${port}`];
  if (dialect !== 'http') {
    lines.push('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13');
    lines.push(`Sec-WebSocket-Key: ${KEY}`);
  }
  const offered = [protocol, ticket && TICKET_PREFIX + ticket].filter(Boolean);
  if (offered.length > 0) lines.push(`Sec-WebSocket-Protocol: ${offered.join(', ')}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
