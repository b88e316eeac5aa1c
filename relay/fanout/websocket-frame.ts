/** What a frame carries (RFC 6455 §5.2). */
const OPCODES = { text: 0x1, binary: 0x2, ping: 0x9 } as const;

const FINAL = 0x80;
/** A length from here on takes two bytes of its own, and from 64 kB on eight. */
const LONG = 126;
const VERY_LONG = 127;

/**
 * A whole WebSocket message as a server sends it: one final, unmasked frame, uncompressed (RFC 6455 §5.2). The same
 * bytes suit every connection, so they are made once and written to each.
 */
export function webSocketFrame(kind: keyof typeof OPCODES, payload: Uint8Array): Buffer {
  const { length } = payload;
  const headBytes = length < LONG ? 2 : length < 0x1_0000 ? 4 : 10;
  // Not from Buffer's pool: a slab would be kept alive by a single slow listener.
  const frame = Buffer.alloc(headBytes + length);
  frame[0] = FINAL | OPCODES[kind];
  if (headBytes === 2) frame[1] = length;
  else if (headBytes === 4) {
    frame[1] = LONG;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = VERY_LONG;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, headBytes);
  return frame;
}
