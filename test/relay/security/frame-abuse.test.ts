import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memory, SIZE_TELLS } from '../../support/memory.ts';
import { until } from '../../support/until.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { House, upgradeRequest, type Ear } from '../house.ts';

let house: House;
/** Sits in the same room all the time. */
let bystander: Ear;
beforeAll(async () => {
  house = await House.open();
  bystander = await house.listen();
});
afterAll(async () => {
  expect(bystander.closed).toBeUndefined();
  await house.close();
});

const TEXT = 0x81;
const PING = 0x89;
const EMPTY_FRAGMENT = Buffer.from([0x00, 0x80, 0, 0, 0, 0]);

/** A masked frame: the mask is zero, so that the payload stands there as it is. */
function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, 0x80 | length, 0, 0, 0, 0]), payload]);
  return Buffer.concat([Buffer.from([first, 0xfe, length >> 8, length & 255, 0, 0, 0, 0]), payload]);
}

/** A listener that writes frames of its own making; what the relay answers to them. */
class RawListener {
  readonly socket: Socket;
  heard = Buffer.alloc(0);
  isClosed = false;

  constructor(of: House) {
    this.socket = connect({ port: of.port, host: '127.0.0.1' });
    this.socket.on('data', (part: Buffer) => (this.heard = Buffer.concat([this.heard, part])));
    this.socket.on('error', () => {});
    this.socket.once('close', () => (this.isClosed = true));
    this.socket.write(upgradeRequest('/v1/rooms/allhands/listen'));
  }

  static async in(of: House): Promise<RawListener> {
    const listener = new RawListener(of);
    await until('hello has come', () => listener.heard.includes('"hello"'));
    return listener;
  }

  /** The payloads of all frames of this kind that the relay has sent. */
  sent(opcode: number): Buffer[] {
    const found: Buffer[] = [];
    let at = this.heard.indexOf('\r\n\r\n') + 4;
    while (at + 2 <= this.heard.length) {
      const short = this.heard.readUInt8(at + 1);
      const head = short === 126 ? 4 : 2;
      const length = short === 126 ? this.heard.readUInt16BE(at + 2) : short;
      if ((this.heard.readUInt8(at) & 15) === opcode)
        found.push(this.heard.subarray(at + head, at + head + length));
      at += head + length;
    }
    return found;
  }

  /** The code of the relay's close frame. */
  async end(): Promise<number | undefined> {
    await until('a close frame has come', () => this.sent(8).length > 0);
    return this.sent(8)[0]?.readUInt16BE(0);
  }
}

describe('P14: a frame that no listener sends closes it alone', () => {
  test.each<[what: string, bytes: Buffer, code: number]>([
    ['a length of 1 TB', Buffer.from([TEXT, 0xff, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0, 0, 0, 0, 0]), 1009],
    [
      'a length of 2^63 − 1',
      Buffer.from([TEXT, 0xff, 0x7f, ...Array<number>(7).fill(255), 0, 0, 0, 0]),
      1009,
    ],
    ['6 kB of text', frame(TEXT, Buffer.alloc(6000, 'x')), 1009],
    [
      '2 fragments of 3 kB',
      Buffer.concat([frame(0x01, Buffer.alloc(3000, 'x')), frame(0x80, Buffer.alloc(3000, 'x'))]),
      1009,
    ],
    ['text that is no UTF-8', frame(TEXT, Buffer.from([0xc3, 0x28])), 1007],
    ['a close reason that is no UTF-8', frame(0x88, Buffer.from([3, 0xe8, 0xff, 0xfe])), 1007],
    ['a frame without a mask', Buffer.from([TEXT, 2, 0x7b, 0x7d]), 1002],
    ['RSV1, as if it were compressed', frame(TEXT | 0x40, Buffer.from('{}')), 1002],
    ['RSV2', frame(TEXT | 0x20, Buffer.from('{}')), 1002],
    ['RSV3', frame(TEXT | 0x10, Buffer.from('{}')), 1002],
    ['opcode 3', frame(0x83, Buffer.from('{}')), 1002],
    ['opcode 11', frame(0x8b, Buffer.from('{}')), 1002],
    ['a ping of 126 bytes', frame(PING, Buffer.alloc(126)), 1002],
    ['a ping in fragments', frame(0x09, Buffer.alloc(0)), 1002],
    ['the end of a message that never began', frame(0x80, Buffer.from('{}')), 1002],
    [
      'a message within a message',
      Buffer.concat([frame(0x01, Buffer.from('{')), frame(TEXT, Buffer.from('{}'))]),
      1002,
    ],
    ['a close frame of 1 byte', frame(0x88, Buffer.from([3])), 1002],
    ['close code 1005', frame(0x88, Buffer.from([3, 0xed])), 1002],
  ])('%s', async (_, bytes, code) => {
    const listener = await RawListener.in(house);
    listener.socket.write(bytes);
    expect(await listener.end()).toBe(code);
    listener.socket.end();
    await until('it is closed', () => listener.isClosed);
  });
});

/** 200,000 empty fragments of a message that never ends. */
const FRAGMENTS = Buffer.alloc(200_000 * EMPTY_FRAGMENT.length, EMPTY_FRAGMENT);
FRAGMENTS.writeUInt8(0x01, 0);

async function sendFragments(): Promise<number | undefined> {
  const listener = await RawListener.in(house);
  listener.socket.write(FRAGMENTS);
  const code = await listener.end();
  listener.socket.destroy();
  await until('it is closed', () => listener.isClosed);
  return code;
}

test('P14: 200,000 empty fragments are 1008, and 10 who send them leave the process at most 5 MB larger', async () => {
  for (let n = 0; n < 10; n++) await sendFragments();
  // What leaks, leaks each time; what the heap takes into use in lumps does not.
  const grown: { heldMb: number; largerMb: number }[] = [];
  for (let time = 0; time < 3; time++) {
    const before = await memory();
    for (let n = 0; n < 10; n++) expect(await sendFragments()).toBe(1008);
    const after = await memory();
    grown.push({
      heldMb: (after.heldBytes - before.heldBytes) / 2 ** 20,
      largerMb: (after.residentBytes - before.residentBytes) / 2 ** 20,
    });
  }
  const heldMb = Math.min(...grown.map((by) => by.heldMb));
  const largerMb = Math.min(...grown.map((by) => by.largerMb));
  console.log(`10 × 200,000 empty fragments: ${heldMb.toFixed(1)} MB held, ${largerMb.toFixed(1)} MB larger`);
  expect(heldMb).toBeLessThan(5);
  if (SIZE_TELLS) expect(largerMb).toBeLessThan(5);
});

test('P15: a client that upgrades and pongs nothing is cut within 15 s, one that pongs is there after a minute', async () => {
  const clock = new FakeClock();
  const own = await House.open({ clock });
  const silent = await RawListener.in(own);
  const ponging = await own.listen();
  let pings = 0;
  ponging.socket.on('ping', () => pings++);
  let cutMs: number | undefined;
  for (let ms = 1000; ms <= 60_000; ms += 1000) {
    clock.advance(1000);
    let answered = false;
    ponging.socket.once('pong', () => (answered = true));
    ponging.socket.ping();
    await until('what the relay has sent is there', () => answered);
    if (silent.isClosed) cutMs ??= ms;
  }
  expect(silent.sent(9).length).toBeGreaterThan(0);
  expect(cutMs).toBeGreaterThan(5000);
  expect(cutMs).toBeLessThanOrEqual(15_000);
  expect(pings).toBeGreaterThanOrEqual(10);
  expect(ponging.closed).toBeUndefined();
  ponging.socket.close();
  await ponging.end();
  await own.close();
});
