import type { Duplex } from 'node:stream';

/**
 * What Node's own streams write to underneath (lib/internal/stream_base_commons.js): not part of its documented API, so
 * it is looked at before it is used, and where it looks otherwise the stream is written to. Spares the stream's work
 * for each of 50,000 writes a second (npm run bench:fanout).
 */
interface Handle {
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number;
  /** Sends what the kernel takes at once, and the rest when it can. 0, or a negative error number; also when closed. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

interface WriteRequest {
  oncomplete?: () => void;
  bytes?: Uint8Array;
}

type WriteRequestClass = new () => WriteRequest;

/** The class of Node's own write requests, learned from a write that Node makes; null where it is not as expected. */
let requestClass: WriteRequestClass | null | undefined;

/**
 * Writes whole messages to a connection that somebody else writes whole messages to as well. Which goes first is left
 * open, where the kernel does not take them at once.
 */
export class SocketWriter {
  readonly #socket: Duplex;
  readonly #handle: Handle | undefined;
  /** The last direct write was not taken at once. Asked right behind the write, while the handle is at hand. */
  #isWaiting = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
    const handle: unknown = Reflect.get(socket, '_handle');
    if (isHandle(handle)) this.#handle = handle;
  }

  /** Bytes that were written to the connection and that the kernel has not taken yet. */
  get queuedBytes(): number {
    if (!this.#handle || !requestClass) return this.#socket.writableLength;
    return this.#isWaiting ? this.#handle.writeQueueSize : 0;
  }

  /** Whether it writes past the stream: for the test that notices when a version of Node is built otherwise. */
  get isDirect(): boolean {
    return Boolean(this.#handle && requestClass);
  }

  write(bytes: Buffer): void {
    const handle = this.#handle;
    if (!handle || !requestClass) {
      if (handle && requestClass === undefined) learnFrom(handle);
      this.#socket.write(bytes);
      return;
    }
    // One for each write: one in use twice ends the process, and nothing tells when it is free again.
    const request = new requestClass();
    request.oncomplete = done;
    request.bytes = bytes;
    if (handle.writeBuffer(request, bytes) !== 0) this.#socket.destroy();
    this.#isWaiting = handle.writeQueueSize > 0;
  }
}

/** Node calls this when the kernel has taken the rest; a failure shows when the socket is read. */
function done(): void {}

/** Of TCP alone: encryption has a handle of the same shape that takes no write while one is under way. */
function isHandle(handle: unknown): handle is Handle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    handle.constructor.name === 'TCP' &&
    'writeQueueSize' in handle &&
    typeof handle.writeQueueSize === 'number' &&
    'writeBuffer' in handle &&
    typeof handle.writeBuffer === 'function'
  );
}

/** Looks at the request with which Node makes the next write to this handle. */
function learnFrom(handle: Handle): void {
  Object.defineProperty(handle, 'writeBuffer', {
    configurable: true,
    value(made: WriteRequest, bytes: Uint8Array) {
      Reflect.deleteProperty(handle, 'writeBuffer');
      const { constructor } = made;
      requestClass = isRequestClass(constructor) ? constructor : null;
      return handle.writeBuffer(made, bytes);
    },
  });
}

function isRequestClass(constructor: unknown): constructor is WriteRequestClass {
  return typeof constructor === 'function' && constructor.name === 'WriteWrap';
}
