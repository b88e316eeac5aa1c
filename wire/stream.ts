import { viewOf } from './format.ts';
import { fault, type Fault } from './wav.ts';

/** What a message of a byte stream is: nothing but a sign of life, a JSON text, or a chunk. */
export const STREAM_KINDS = ['beat', 'text', 'chunk'] as const;

/** One of {@link STREAM_KINDS}; its place there is its number on the wire. */
export type StreamKind = (typeof STREAM_KINDS)[number];

/** One message of `/stream` or `/chunks`. */
export interface StreamMessage {
  kind: StreamKind;
  bytes: Uint8Array;
}

/** Result of {@link StreamReader.push}: what the bytes complete, or why nothing that follows can be read. */
export type StreamReading = { kind: 'messages'; messages: StreamMessage[] } | Fault<'too-long'>;

/** u8 kind, u32 length. */
const HEAD_BYTES = 5;
/** A second of 48 kHz stereo is 192 kB: what says to be longer is no message of ours. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A message as it travels in a byte stream: `u8 kind, u32 length, bytes`, little-endian (PROTOCOL.md, "Without WebSocket"). */
export function encodeStreamMessage(kind: StreamKind, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEAD_BYTES + bytes.length);
  message[0] = STREAM_KINDS.indexOf(kind);
  viewOf(message).setUint32(1, bytes.length, true);
  message.set(bytes, HEAD_BYTES);
  return message;
}

/** Cuts a byte stream into its messages, wherever the network has cut it. Messages of unknown kinds are left out. */
export class StreamReader {
  #rest: Uint8Array = new Uint8Array();

  /** Takes the next bytes. After a fault the stream is of no more use. */
  push(bytes: Uint8Array): StreamReading {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = viewOf(all);
    const messages: StreamMessage[] = [];
    let at = 0;
    while (at + HEAD_BYTES <= all.length) {
      const length = view.getUint32(at + 1, true);
      if (length > MAX_MESSAGE_BYTES) return fault('too-long');
      const start = at + HEAD_BYTES;
      if (start + length > all.length) break;
      const kind = STREAM_KINDS[view.getUint8(at)];
      at = start + length;
      if (kind) messages.push({ kind, bytes: all.subarray(start, at) });
    }
    this.#rest = all.subarray(at);
    return { kind: 'messages', messages };
  }
}
