import { encodeChunk, type Chunk } from '../../wire/chunk.ts';
import type { RelayMessage } from '../../wire/messages.ts';

/** A WebSocket whose other end is the test. Nothing happens on it by itself. */
export class FakeSocket extends EventTarget {
  /** Every socket made since the last {@link FakeSocket.install}, oldest first. */
  static made: FakeSocket[] = [];

  readonly url: string;
  readonly protocols: readonly string[];
  binaryType = 'blob';
  /** Whether the player has closed it. */
  closed = false;
  /** What the player has said, oldest first. */
  readonly said: string[] = [];
  #accepted = false;

  constructor(url: string, protocols: string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
    FakeSocket.made.push(this);
  }

  /** The newest socket. Throws when there is none. */
  static get last(): FakeSocket {
    const last = FakeSocket.made.at(-1);
    if (!last) throw new Error('no socket was made');
    return last;
  }

  /** Takes the place of the page's WebSocket; returns what puts the real one back. */
  static install(): () => void {
    const real = globalThis.WebSocket;
    FakeSocket.made = [];
    globalThis.WebSocket = FakeSocket.constructorType;
    return () => {
      globalThis.WebSocket = real;
    };
  }

  /** This class where a WebSocket's is asked for: it has the part of it that the player uses. */
  static get constructorType(): typeof WebSocket {
    return this as unknown as typeof WebSocket;
  }

  close(): void {
    this.closed = true;
  }

  /** The player says something. As in a browser, not before the relay has accepted. */
  send(text: string): void {
    if (!this.#accepted) throw new DOMException('Still in CONNECTING state', 'InvalidStateError');
    this.said.push(text);
  }

  /** The relay accepts. */
  accept(): void {
    this.#accepted = true;
    this.dispatchEvent(new Event('open'));
  }

  /** The relay sends a message. */
  tell(message: RelayMessage): void {
    this.sendRaw(JSON.stringify(message));
  }

  /** The relay sends a chunk. */
  sendChunk(chunk: Chunk): void {
    this.sendRaw(encodeChunk(chunk).buffer);
  }

  /** The relay sends whatever this is. */
  sendRaw(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** The relay closes, or the network does (1006). */
  end(code: number, reason = ''): void {
    this.dispatchEvent(new CloseEvent('close', { code, reason }));
  }
}

/** Firefox and WebKit under a CSP that does not name the relay. */
export class RefusingSocket extends FakeSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols);
    throw new DOMException('The operation is insecure', 'SecurityError');
  }
}
