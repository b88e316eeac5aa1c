import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWebSocket } from '../bench/fanout/wire-reader.ts';
import { upgradeRequest } from '../relay/house.ts';
import { until } from '../support/until.ts';
import { Bystander } from './bystander.ts';
import { anyJson, anyText, hexBytes, huntInBatches, MOST_MS } from './campaign.ts';
import { mostly } from './forged-token.ts';

/** What a listener sends: frames of WebSocket, right ones as a rule. `length` is what a frame says of itself. */
const Frame = v.strictObject({
  opcode: v.number(),
  isFinal: v.boolean(),
  reserved: v.number(),
  isMasked: v.boolean(),
  length: v.nullable(v.number()),
  payload: v.union([v.string(), hexBytes]),
});
/** One listener: of the open room, or of the one that wants tickets. */
const Case = v.strictObject({ room: v.picklist(['allhands', 'board']), frames: v.array(Frame) });
type Case = v.InferOutput<typeof Case>;

const RIGHT = { isFinal: true, reserved: 0, isMasked: true, length: null };
const goodText = fc.oneof(
  fc.constantFrom('{"type":"auth","token":"x"}', '{"type":"caption"}', '{"type":"__proto__"}'),
  anyText.map((token) => JSON.stringify({ type: 'auth', token })),
);
const text = fc.oneof(
  { weight: 4, arbitrary: goodText },
  anyJson,
  anyJson.map((json) => `{"type":"auth","token":${json || '0'}}`),
  anyText,
  fc.nat(6000).map((length) => 'x'.repeat(length)),
);
const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => new Uint8Array(each));
const frame: fc.Arbitrary<v.InferOutput<typeof Frame>> = fc.oneof(
  { weight: 6, arbitrary: text.map((payload) => ({ ...RIGHT, opcode: 1, payload })) },
  fc.constantFrom(9, 10).chain((opcode) => bytes.map((payload) => ({ ...RIGHT, opcode, payload }))),
  fc.record({
    opcode: mostly(1, fc.nat(15)),
    isFinal: mostly(true, fc.constant(false)),
    reserved: mostly(0, fc.nat(7)),
    isMasked: mostly(true, fc.constant(false)),
    length: mostly<number | null>(null, fc.constantFrom(0, 1, 125, 126, 65_535, 65_536, 2 ** 32, 2 ** 53)),
    payload: fc.oneof(text, bytes),
  }),
);
const madeUp: fc.Arbitrary<Case> = fc.record({
  room: fc.constantFrom('allhands', 'board'),
  frames: fc.array(frame, { minLength: 1, maxLength: 14 }),
});

/** How a relay may close: 1000 answers a close of ours. */
const CLOSES = [1000, 1002, 1005, 1007, 1008, 1009, 4400, 4401, 4429];
const OURS = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 3, 232]);
/** Of a message. */
const MOST_BYTES = 5 * 1024;
const SILENT_MS = 4000;

let bystander: Bystander;
let ticket: string;
beforeAll(async () => {
  bystander = await Bystander.open();
  ticket = await bystander.house.tickets.issue(['board'], 'listen', 3600);
});
afterAll(() => bystander.close());

function bytesOf({ opcode, isFinal, reserved, isMasked, length, payload }: Case['frames'][number]): Buffer {
  const body = Buffer.from(payload);
  const said = length ?? body.length;
  const head = Buffer.alloc(said < 126 ? 2 : said < 65_536 ? 4 : 10);
  head[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (said < 126 ? said : said < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(said, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(said), 2);
  return Buffer.concat([head, ...(isMasked ? [Buffer.alloc(4)] : []), body]);
}

/** The codes with which the relay closes, once it has: none where it cut the connection, one else. */
function closesOf({ room, frames }: Case): Promise<number[]> {
  const protocols = room === 'board' ? `conf.v1, bearer.${ticket}` : 'conf.v1';
  const asked = upgradeRequest(`/v1/rooms/${room}/listen`, [`Sec-WebSocket-Protocol: ${protocols}`]);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: bystander.house.port, host: '127.0.0.1' });
    const codes: number[] = [];
    let unread = Buffer.alloc(0);
    let isOpen = false;
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`not closed after ${SILENT_MS} ms: ${JSON.stringify(codes)}`));
    }, SILENT_MS);
    socket.on('data', (part: Buffer) => {
      unread = Buffer.concat([unread, part]);
      if (!isOpen) {
        const end = unread.indexOf('\r\n\r\n');
        if (end < 0) return;
        isOpen = true;
        unread = unread.subarray(end + 4);
        // Our end closes too: a frame that says to be longer than it is would be waited for.
        socket.end(Buffer.concat([...frames.map(bytesOf), OURS]));
      }
      const read = readWebSocket(unread, 0, unread.length, {
        binary: () => {},
        text: () => {},
        ping: () => {},
        closing: (payload) => codes.push(payload.length < 2 ? 1005 : payload.readUInt16BE()),
      });
      unread = unread.subarray(read);
    });
    socket.on('error', () => {}); // a reset: 'close' follows
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(codes);
    });
    socket.write(asked);
  });
}

function isTooLong(first: Case['frames'][number] | undefined): boolean {
  if (first?.opcode !== 1 || first.reserved !== 0 || !first.isMasked || first.length !== null) return false;
  return Buffer.byteLength(first.payload) > MOST_BYTES;
}

function isRight({ opcode, isFinal, reserved, isMasked, length, payload }: Case['frames'][number]): boolean {
  if (opcode !== 1 || !isFinal || reserved !== 0 || !isMasked || length !== null) return false;
  try {
    const value: unknown = typeof payload === 'string' ? JSON.parse(payload) : undefined;
    return typeof value === 'object' && value !== null && 'type' in value && value.type === 'caption';
  } catch {
    return false; // not JSON
  }
}

test(
  '10,000 listeners who send frames of any kind are each closed with one known code and one line at most; another room hears on',
  async () => {
    await huntInBatches({ name: 'listener-socket', written: Case, madeUp }, 50, async (listeners) => {
      const { log } = bystander.house;
      const faultsBefore = log.of('listener.fault').length;
      const closes = await Promise.all(listeners.map(closesOf));
      for (const [n, codes] of closes.entries()) {
        const listener = listeners[n];
        const isKnown = codes.length <= 1 && codes.every((code) => CLOSES.includes(code));
        expect([listener, codes, isKnown]).toEqual([listener, codes, true]);
        if (listener && isTooLong(listener.frames[0])) expect([listener, codes]).toEqual([listener, [1009]]);
        if (listener && listener.frames.length <= 10 && listener.frames.every(isRight))
          expect([listener, codes]).toEqual([listener, [1000]]);
      }
      expect(log.of('listener.fault').length - faultsBefore).toBeLessThanOrEqual(listeners.length);
      await bystander.hears();
    });
    await until('the bystander is alone', () => bystander.house.relay.listeners() === 1);
  },
  MOST_MS,
);
