import type { Duplex } from 'node:stream';

/**
 * What Node's own streams write to underneath (lib/internal/stream_base_commons.js): not part of its documented API,
 * so every use is checked, and without it the stream is written to. Spares the stream's work for each of 50,000 writes
 * a second (npm run bench:fanout).
 */
interface Handle {
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number;
  /** Sends what the kernel takes at once, and the rest when it can. 0, or a negative error number. */
  writeBuffer(request: object, bytes: Uint8Array): number;
}

type RequestClass = new () => object;

/** The class of Node's own write requests, learned from the first write that Node makes; null where it cannot be. */
let requestClass: RequestClass | null | undefined;

/** Bytes that were written to the socket and that the kernel has not taken yet. */
export function queuedBytes(socket: Duplex): number {
  return socket.writableLength || (handleOf(socket)?.writeQueueSize ?? 0);
}

/** Writes without the stream's bookkeeping where nothing waits before it, else as `socket.write` does. */
export function writeAtOnce(socket: Duplex, bytes: Buffer): void {
  const handle = socket.writable && socket.writableLength === 0 ? handleOf(socket) : undefined;
  if (!handle || handle.writeQueueSize > 0 || !requestClass) {
    if (handle && requestClass === undefined) learnFrom(handle);
    socket.write(bytes);
    return;
  }
  // A request of its own for each write: one in use twice ends the process, and nothing tells when it is free again.
  const request = Object.assign(new requestClass(), { oncomplete: done, bytes });
  if (handle.writeBuffer(request, bytes) !== 0) socket.destroy();
}

/** Whether writes go past the stream: for the test that notices when a version of Node is built otherwise. */
export function isDirect(): boolean {
  return Boolean(requestClass);
}

/** Node calls this when the kernel has taken the rest; a failure shows when the socket is read. */
function done(): void {}

function handleOf(socket: Duplex): Handle | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return isHandle(handle) ? handle : undefined;
}

/** Of TCP alone: encryption has a handle of the same shape that takes no write while one is under way. */
function isHandle(handle: unknown): handle is Handle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    handle.constructor.name === 'TCP' &&
    'writeQueueSize' in handle &&
    'writeBuffer' in handle
  );
}

/** Looks at the request with which Node makes the next write to this handle. */
function learnFrom(handle: Handle): void {
  Object.defineProperty(handle, 'writeBuffer', {
    configurable: true,
    value(made: object, bytes: Uint8Array) {
      Reflect.deleteProperty(handle, 'writeBuffer');
      const { constructor } = made;
      requestClass = isRequestClass(constructor) ? constructor : null;
      return handle.writeBuffer(made, bytes);
    },
  });
}

function isRequestClass(constructor: unknown): constructor is RequestClass {
  return typeof constructor === 'function' && constructor.name === 'WriteWrap';
}
