import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { decodeChunk } from '../../../wire/chunk.ts';
import { StreamReader } from '../../../wire/stream.ts';
import { Parcel } from '../../../relay/fanout/parcel.ts';
import { webSocketFrame } from '../../../relay/fanout/websocket-frame.ts';
import { until } from '../../support/until.ts';
import { chunk } from '../../support/relay-words.ts';

describe('a parcel', () => {
  const parcel = Parcel.ofChunk(chunk(7));

  test('makes each of its forms once, however many listeners ask', () => {
    expect(parcel.webSocket).toBe(parcel.webSocket);
    expect(parcel.stream).toBe(parcel.stream);
    expect(parcel.afterSkip.webSocket).toBe(parcel.afterSkip.webSocket);
  });

  test('for who was skipped says so in the chunk, and only there', () => {
    const reading = decodeChunk(parcel.afterSkip.bytes);
    expect(reading).toEqual({ kind: 'chunk', chunk: { ...chunk(7), skippedBefore: true } });
    expect(decodeChunk(parcel.bytes)).toEqual({ kind: 'chunk', chunk: chunk(7) });
  });

  test('in a byte stream is a chunk or a text of its length', () => {
    const text = Parcel.ofText({ type: 'state', state: 'live' });
    const reading = new StreamReader().push(Buffer.concat([text.stream, parcel.stream]));
    expect(reading).toMatchObject({ messages: [{ kind: 'text' }, { kind: 'chunk' }] });
    const [first, second] = reading.kind === 'messages' ? reading.messages : [];
    expect([first?.bytes.length, second?.bytes]).toEqual([text.bytes.length, parcel.bytes]);
  });

  test('of 3276 bytes overfills a queue of 29,485: more than a second of 100 ms chunks', () => {
    expect([0, 9 * 3276, 9 * 3276 + 1, 1_000_000].map((bytes) => parcel.overfills(bytes))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(Parcel.ofText({ type: 'state', state: 'live' }).overfills(1_000_000)).toBe(false);
  });
});

test('frames of 0, 125, 126, 65,535 and 65,536 bytes, between frames that ws writes itself, are read by a ws client', async () => {
  const lengths = [0, 125, 126, 65_535, 65_536];
  const http = createServer();
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (webSocket) => {
      for (const length of lengths) {
        webSocket.send(`before ${length}`);
        socket.write(webSocketFrame('binary', new Uint8Array(length).fill(length & 0xff)));
        webSocket.ping('from ws');
        socket.write(webSocketFrame('ping', Buffer.from('ours')));
        socket.write(webSocketFrame('text', Buffer.from(`after ${length}`)));
      }
      webSocket.on('pong', (data) => data.toString() === 'ours' && webSocket.close(4000, 'done'));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  const heard: string[] = [];
  let closed = 0;
  client.on('message', (data: Buffer, binary) =>
    heard.push(binary ? `${data.length} × ${data.at(-1)}` : data.toString()),
  );
  client.on('close', (code) => (closed = code));
  await until('all is said', () => closed !== 0);
  expect(closed).toBe(4000);
  expect(heard).toEqual(
    lengths.flatMap((length) => [
      `before ${length}`,
      `${length} × ${length === 0 ? undefined : length & 0xff}`,
      `after ${length}`,
    ]),
  );
  http.close();
});
