import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SocketWriter } from '../../../relay/fanout/socket-write.ts';
import { until } from '../../support/until.ts';

const server = createServer();
let ours: Socket;
let writer: SocketWriter;
let theirs: Socket;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

beforeEach(async () => {
  const accepted = once(server, 'connection');
  theirs = connect((server.address() as AddressInfo).port, '127.0.0.1');
  [ours] = (await accepted) as [Socket];
  writer = new SocketWriter(ours);
  ours.on('error', () => {});
  theirs.on('error', () => {});
  return () => {
    ours.destroy();
    theirs.destroy();
  };
});

/** What has come on the other side. */
function hearing(socket: Socket): { bytes: Buffer } {
  const heard = { bytes: Buffer.alloc(0) };
  socket.on('data', (part: Buffer) => (heard.bytes = Buffer.concat([heard.bytes, part])));
  return heard;
}

/** 1 MB that says where it is. */
function megabyte(seed: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: 262_144 }, (_, n) => n * 2_654_435_761 + seed).buffer);
}

test('after the first write, writes go past the stream on this version of Node', () => {
  writer.write(Buffer.from('first'));
  expect(writer.isDirect).toBe(true);
  const before = ours.bytesWritten;
  writer.write(Buffer.from('second'));
  expect([ours.bytesWritten - before, writer.queuedBytes]).toEqual([6, 0]);
});

test('40 MB in 1 MB writes, of which the kernel takes some later, arrive whole; ours in order, the stream’s between them in theirs', async () => {
  theirs.pause();
  const sent: Buffer[] = [];
  let mostQueued = 0;
  for (let n = 0; n < 40; n++) {
    const bytes = megabyte(n);
    sent.push(bytes);
    if (n % 4 === 3) ours.write(bytes);
    else writer.write(bytes);
    mostQueued = Math.max(mostQueued, writer.queuedBytes);
  }
  expect(mostQueued).toBeGreaterThan(1024 * 1024);
  const parts: Buffer[] = [];
  theirs.on('data', (part: Buffer) => parts.push(part)).resume();
  await until('all has come', () => parts.reduce((sum, { length }) => sum + length, 0) === 40 * 1024 * 1024);
  const heard = Buffer.concat(parts);
  const order = sent.map((_, n) => heard.readUInt32LE(n * 1024 * 1024));
  for (const [place, n] of order.entries()) {
    expect(sent[n]?.compare(heard, place * 1024 * 1024, (place + 1) * 1024 * 1024)).toBe(0);
  }
  for (const isStream of [true, false]) {
    const these = order.filter((n) => (n % 4 === 3) === isStream);
    expect(these).toEqual(these.toSorted((a, b) => a - b));
  }
  expect(new Set(order).size).toBe(40);
  expect(writer.queuedBytes).toBe(0);
  writer.write(Buffer.from('the end'));
  await until('the end has come', () => parts.at(-1)?.toString() === 'the end');
});

test('100 sockets whose writes all wait in the kernel at once keep their own bytes', async () => {
  const pairs = [{ ours, theirs, writer }];
  for (let n = 1; n < 100; n++) {
    const accepted = once(server, 'connection');
    const other = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await accepted) as [Socket];
    pairs.push({ ours: socket, theirs: other, writer: new SocketWriter(socket) });
  }
  const shared = megabyte(7);
  for (const pair of pairs) pair.theirs.pause();
  for (const pair of pairs) {
    for (let n = 0; n < 8; n++) pair.writer.write(shared);
    expect(pair.writer.queuedBytes).toBeGreaterThan(0);
  }
  for (const pair of pairs) {
    let heard = 0;
    let same = true;
    pair.theirs.on('data', (part: Buffer) => {
      const at = heard % shared.length;
      const head = part.subarray(0, shared.length - at);
      same &&= head.equals(shared.subarray(at, at + head.length));
      heard += part.length;
    });
    pair.theirs.resume();
    await until('8 MB have come', () => heard === 8 * shared.length);
    expect(same).toBe(true);
    pair.ours.destroy();
    pair.theirs.destroy();
  }
});

test('a peer that has reset is noticed, and nothing throws', async () => {
  const heard = hearing(ours);
  let closed = false;
  ours.once('close', () => (closed = true));
  theirs.resetAndDestroy();
  for (let n = 0; n < 3; n++) writer.write(Buffer.from('hello?'));
  await until('it is closed', () => {
    writer.write(Buffer.from('hello?'));
    return closed;
  });
  expect(heard.bytes.length).toBe(0);
});

test('what is no socket of Node’s, or closed, is written to as a stream', () => {
  const written: Buffer[] = [];
  const duplex = new Duplex({
    read() {},
    write(bytes: Buffer, _, done) {
      written.push(bytes);
      done();
    },
  });
  const plain = new SocketWriter(duplex);
  plain.write(Buffer.from('plain'));
  expect([written.map(String), plain.queuedBytes, plain.isDirect]).toEqual([['plain'], 0, false]);
  ours.destroy();
  writer.write(Buffer.from('too late'));
  expect(ours.destroyed).toBe(true);
});
