/** What a stream of frames is read into. Offsets are into the buffer, which is reused after the call. */
export interface FrameSink {
  binary(bytes: Buffer, start: number, end: number): void;
  text(text: string): void;
  ping(payload: Buffer): void;
  closing(payload: Buffer): void;
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

/** Reads all whole server frames of `bytes` up to `to`; gives the offset of the first byte that is not read. */
export function readWebSocket(bytes: Buffer, from: number, to: number, sink: FrameSink): number {
  let at = from;
  while (to - at >= 2) {
    let head = 2;
    let length = bytes.readUInt8(at + 1);
    if (length === 126) {
      if (to - at < 4) break;
      head = 4;
      length = bytes.readUInt16BE(at + 2);
    } else if (length === 127) {
      if (to - at < 10) break;
      head = 10;
      length = bytes.readUInt32BE(at + 6);
    }
    const start = at + head;
    const end = start + length;
    if (end > to) break;
    const opcode = bytes.readUInt8(at) & 15;
    if (opcode === BINARY) sink.binary(bytes, start, end);
    else if (opcode === TEXT) sink.text(bytes.toString('latin1', start, end));
    else if (opcode === PING) sink.ping(bytes.subarray(start, end));
    else if (opcode === CLOSE) sink.closing(bytes.subarray(start, end));
    at = end;
  }
  return at;
}

/** The same for an HTTP body in chunked transfer coding, each part one binary message. */
export function readHttpChunks(bytes: Buffer, from: number, to: number, sink: FrameSink): number {
  let at = from;
  while (at < to) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    if (lineEnd < 0 || lineEnd >= to) break;
    const start = lineEnd + 2;
    const end = start + Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (end + 2 > to) break;
    sink.binary(bytes, start, end);
    at = end + 2;
  }
  return at;
}

/** A client's frame, masked with zeros. At most 125 bytes. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** Opcodes a listener sends. */
export const ClientOpcode = { text: TEXT, close: CLOSE, pong: 10 } as const;
