import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeChunk, type Chunk } from '../../wire/chunk.ts';
import { StreamReader, type StreamMessage } from '../../wire/stream.ts';
import { until } from '../support/until.ts';
import { hasNginx, startNginx, type Nginx } from '../support/nginx.ts';
import { Ear, House } from '../relay/house.ts';

if (!hasNginx) console.log('nginx is not here: what it does to listeners is not tested');

/** nginx' own patience with a silent upstream is 60 s. */
const IDLE_MS = 90_000;

describe.skipIf(!hasNginx)('behind nginx, as configured in relay/deploy', () => {
  let house: House;
  let nginx: Nginx;

  beforeAll(async () => {
    house = await House.open({ settings: { trustProxy: 1 } });
    nginx = await startNginx(house.port);
    (await house.publish()).talk();
  });
  afterAll(async () => {
    await nginx.close();
    await house.close();
  });

  /** Reads a byte stream of a room until told to stop. */
  async function read(room: string, onMessage: (message: StreamMessage) => void, signal: AbortSignal) {
    const { body } = await fetch(`${nginx.url}/v1/rooms/${room}/stream`, { signal });
    const reader = new StreamReader();
    for await (const bytes of body ?? []) {
      const reading = reader.push(bytes);
      if (reading.kind === 'fault') throw new Error(reading.code);
      for (const message of reading.messages) onMessage(message);
    }
  }

  test.concurrent(
    'a WebSocket and a byte stream of a room where nothing happens are still there after 90 s',
    async () => {
      const ear = new Ear(`${nginx.url.replace('http', 'ws')}/v1/rooms/side/listen`, ['conf.v1'], {});
      const stop = new AbortController();
      const kinds: string[] = [];
      let ended = '';
      read('side', ({ kind }) => kinds.push(kind), stop.signal).then(
        () => (ended = 'by the relay'),
        (error: Error) => (ended = error.name),
      );
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      expect([ear.closed, ended]).toEqual([undefined, '']);
      expect(kinds[0]).toBe('text');
      expect(kinds.filter((kind) => kind === 'beat').length).toBeGreaterThan(10);
      stop.abort();
      ear.socket.close();
      expect(await ear.end()).toBe(1005);
    },
    IDLE_MS + 20_000,
  );

  test.concurrent('what is for operators is not behind nginx: neither the console nor metrics nor the list of rooms', async () => {
    const paths = ['/admin', '/metrics', '/v1/status', '/v1/rooms'];
    const statuses = await Promise.all(paths.map(async (path) => (await fetch(nginx.url + path)).status));
    expect(statuses).toEqual([404, 404, 404, 404]);
  });

  test.concurrent('the log says what was asked for, and has neither ticket: of plain audio, of a leg', async () => {
    const ticket = await house.ticket('board');
    const audio = await fetch(`${nginx.url}/v1/rooms/board/stream.wav?ticket=${ticket}`);
    await audio.body?.cancel();
    await fetch(`${nginx.url}/vonage/leg/allhands/a-leg-ticket`);
    await until(
      'both are logged',
      () => /vonage.*\n/.test(nginx.accesses()) && /stream.wav/.test(nginx.accesses()),
    );
    expect(nginx.accesses()).toMatch(/"GET \/v1\/rooms\/board\/stream\.wav" 200 /);
    expect(nginx.accesses()).toMatch(/"GET \/vonage\/leg\/" 404 /);
    expect(nginx.accesses()).not.toMatch(/ticket/);
    expect(nginx.accesses()).not.toContain(ticket);
  });

  test.concurrent('a byte stream arrives chunk by chunk: 30 chunks of 100 ms, no two in one go', async () => {
    const stop = new AbortController();
    const arrivals: { atMs: number; chunk: Chunk }[] = [];
    await read(
      'allhands',
      ({ kind, bytes }) => {
        const reading = kind === 'chunk' ? decodeChunk(bytes) : undefined;
        if (reading?.kind === 'chunk') arrivals.push({ atMs: performance.now(), chunk: reading.chunk });
        // The last second comes at once; 30 chunks after it are enough.
        if (arrivals.length === 41) stop.abort();
      },
      stop.signal,
    ).catch((error: Error) => expect(error.name).toBe('AbortError'));
    const numbers = arrivals.map(({ chunk }) => chunk.sequence);
    expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n));
    const live = arrivals.slice(11);
    const gapsMs = live.slice(1).map(({ atMs }, n) => atMs - (live[n]?.atMs ?? 0));
    const together = gapsMs.filter((gapMs) => gapMs < 5).length;
    console.log(
      `chunks behind nginx: ${together} of ${gapsMs.length} came with the one before, longest gap ${Math.max(...gapsMs).toFixed(0)} ms`,
    );
    expect(together).toBeLessThan(gapsMs.length / 3);
  });

  test.concurrent('a client that asks for the stream and reads nothing is cut, and its place is free again', async () => {
    const listening = async (): Promise<number> => {
      const answer: unknown = await (await fetch(`${house.url}/v1/rooms/allhands`)).json();
      return Number(Object(answer).listeners);
    };
    const socket = connect(nginx.port, '127.0.0.1').on('error', () => {});
    const startMs = performance.now();
    socket.write('GET /v1/rooms/allhands/stream HTTP/1.1\r\nHost: relay.example\r\n\r\n');
    await once(socket, 'readable');
    expect(await listening()).toBeGreaterThan(0);
    while ((await listening()) > 0 && performance.now() - startMs < 80_000) {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const cutSec = (performance.now() - startMs) / 1000;
    console.log(`a stalled stream was cut after ${cutSec.toFixed(0)} s`);
    expect(cutSec).toBeLessThan(60);
    socket.destroy();
  }, 100_000);
});
