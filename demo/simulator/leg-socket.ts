import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import type { ClockScope } from './clock.ts';

/** How to reach the relay, and what the platform says of itself. */
export interface SocketPlan {
  uri: string;
  /** Value of the `Authorization` header, if any. */
  authorization: string | undefined;
  /** Offered subprotocol, if any. */
  subprotocol: string | undefined;
  /** Of every binary message, either way. */
  frameBytes: number;
}

/** What a socket tells its owner. Exactly one of `onRefused` and `onClosed` ends it. */
export interface SocketOutlets {
  onOpen(): void;
  /** No 101 came: `httpStatus` is the answer's, or undefined when there was no answer. */
  onRefused(httpStatus: number | undefined): void;
  /** It was open, and is closed, by either side. */
  onClosed(closeCode: number): void;
  onText(text: string): void;
}

const HANDSHAKE_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 2000;
const BUFFERED_FRAMES = 50;

/** One WebSocket from the platform to the relay (modelled: README.md). Never reconnects. */
export class LegSocket {
  readonly #socket: WebSocket;
  readonly #clock: ClockScope;
  readonly #plan: SocketPlan;
  #over = false;
  #counts = { sent: 0, dropped: 0, receivedMessages: 0, receivedBytes: 0 };

  constructor(clock: ClockScope, plan: SocketPlan, outlets: SocketOutlets) {
    this.#clock = clock;
    this.#plan = plan;
    const socket = new WebSocket(plan.uri, plan.subprotocol === undefined ? [] : [plan.subprotocol], {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      followRedirects: false,
      // The platform sends its own host as Origin (source: Vonage Voice API reference): no relay may judge a leg by it.
      origin: new URL(plan.uri).host,
      headers: plan.authorization === undefined ? {} : { authorization: plan.authorization },
    });
    this.#socket = socket;
    const refuse = (httpStatus: number | undefined): void => {
      if (this.#over) return;
      this.#over = true;
      outlets.onRefused(httpStatus);
    };
    let opened = false;
    socket.on('open', () => {
      opened = true;
      outlets.onOpen();
    });
    socket.on('unexpected-response', (request, response) => {
      refuse(response.statusCode);
      request.destroy();
    });
    // After the opening, an error is followed by 'close', which tells all there is to tell.
    socket.on('error', () => {
      if (!opened) refuse(undefined);
    });
    socket.on('close', (closeCode) => {
      if (this.#over) return;
      this.#over = true;
      outlets.onClosed(closeCode);
    });
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary, outlets));
  }

  /** Frames sent and dropped; messages and bytes (text too) received from the relay. */
  get counts(): Readonly<{ sent: number; dropped: number; receivedMessages: number; receivedBytes: number }> {
    return this.#counts;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  sendText(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  /** Sends one frame; false when it is dropped because a second of sound is waiting, or the socket is not open. */
  sendFrame(frame: Uint8Array): boolean {
    if (!this.isOpen) return false;
    if (this.#socket.bufferedAmount > BUFFERED_FRAMES * this.#plan.frameBytes) {
      this.#counts.dropped += 1;
      return false;
    }
    this.#socket.send(frame);
    this.#counts.sent += 1;
    return true;
  }

  /** Closes with a close frame, 1000 unless a fault wants another; gives up on the peer after 2 s. */
  close(closeCode = 1000): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) return this.#socket.terminate();
    this.#socket.close(closeCode);
    const cancel = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#socket.terminate());
    this.#socket.once('close', cancel);
  }

  /** Ends the connection without a close frame: the peer sees 1006. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean, outlets: SocketOutlets): void {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    this.#counts.receivedMessages += 1;
    this.#counts.receivedBytes += bytes.length;
    if (!isBinary) return outlets.onText(bytes.toString());
    if (bytes.length === this.#plan.frameBytes) return;
    // "unexpected frame size 160, when required 320", then 1006 (source: vocode-core#727, quoting Vonage support).
    this.terminate();
  }
}
