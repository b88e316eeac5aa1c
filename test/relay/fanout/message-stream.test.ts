import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';
import { HttpEar, HttpStage } from './http-stage.ts';

describe('a listener of /stream', () => {
  let stage: HttpStage;
  beforeEach(async () => {
    stage = new HttpStage();
    await stage.open();
  });
  afterEach(() => stage.close());

  async function listen(
    path = '/stream',
  ): Promise<{ response: IncomingMessage; ear: HttpEar; ended: () => string }> {
    const response = await stage.client(path);
    const ear = new HttpEar();
    let ended = '';
    response.on('data', (bytes: Buffer) => ear.push(bytes));
    response.once('end', () => (ended = 'end'));
    response.once('error', () => (ended = 'reset'));
    return { response, ear, ended: () => ended };
  }

  test('is told hello, then the last second, 10 chunks of 30, then what comes, each +1', async () => {
    stage.speak(30);
    const { ear, response } = await listen();
    stage.speak(5);
    await until('15 chunks', () => ear.chunks.length === 15);
    expect(ear.messages).toMatchObject([
      { type: 'hello', state: 'live', listeners: 1, retryWindowMs: 10_000 },
    ]);
    expect(ear.kinds[0]).toBe('text');
    expect(ear.sequences).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34]);
    expect(response.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
  });

  test('hears 3 s of sound that come in one burst: what Node holds back for a moment is no queue', async () => {
    const { ear } = await listen();
    stage.speak(30);
    await until('30 chunks', () => ear.chunks.length === 30);
    expect(stage.fanout.slow.skipped).toBe(0);
  });

  test('who goes while the kernel is to be asked takes the question along', async () => {
    const { ear, response } = await listen();
    await until('hello', () => ear.messages.length === 1);
    for (let n = 0; n < 50 && stage.clock.pending === 1; n++) stage.clock.advance(100);
    expect(stage.clock.pending).toBe(2);
    response.destroy();
    await until('it has left', () => stage.fanout.listeners === 0);
    expect(stage.clock.pending).toBe(1);
  });

  test('hears a beat every 5 s where nothing else is sent, and none where sound is', async () => {
    const { ear } = await listen();
    await until('hello', () => ear.messages.length === 1);
    await stage.pass(16);
    expect(ear.kinds).toEqual(['text', 'beat', 'beat']);
    for (let n = 0; n < 12; n++) {
      stage.speak(1);
      await stage.pass(1);
    }
    await until('12 chunks', () => ear.chunks.length === 12);
    expect(ear.kinds.filter((kind) => kind === 'beat')).toHaveLength(2);
  });

  test('at the end is told bye and a moment to come back, and the response ends as it should', async () => {
    const { ear, ended } = await listen();
    await stage.fanout.close('the relay is going away');
    await until('its end', () => ended() !== '');
    expect(ended()).toBe('end');
    expect(ear.messages.at(-1)).toEqual({
      type: 'bye',
      code: 4000,
      reason: 'the relay is going away',
      retryInMs: 3625,
    });
    await until('it has left', () => stage.fanout.listeners === 0);
    expect(stage.clock.pending).toBe(0);
  });

  test('who takes nothing of its end for 2 s is reset', async () => {
    const client = await stage.client('/stream');
    client.pause();
    for (let n = 0; n < 300; n++) stage.speak(10);
    await stage.fanout.close('the relay is going away');
    expect(stage.fanout.listeners).toBe(1);
    stage.clock.advance(2000);
    await until('it is out', () => stage.fanout.listeners === 0);
    expect(stage.clock.pending).toBe(0);
    client.destroy();
  });

  test.skipIf(!existsSync('/proc/net/tcp'))(
    'Linux: who stops reading is dropped to live and then cut, its neighbour hears all (needs /proc/net/tcp)',
    async () => {
      const frozen = await stage.client('/stream');
      frozen.pause();
      const { ear } = await listen();
      // What a kernel swallows without a word: its own buffers are not seen from here.
      let chunks = 0;
      for (; chunks < 3000 && stage.fanout.slow.skipped === 0; chunks += 5) {
        stage.speak(5);
        await stage.pass(0.25);
      }
      await stage.pass(20);
      expect(stage.fanout.slow).toEqual({ skipped: 1, closed: 0, cut: 1 });
      await until('it is out', () => stage.fanout.listeners === 1);
      await until('the neighbour has all', () => ear.chunks.length === chunks);
      expect(ear.sequences).toEqual(Array.from({ length: chunks }, (_, n) => n));
      frozen.destroy();
    },
  );

  test.skipIf(!existsSync('/proc/net/tcp'))(
    'Linux: who reads again is back at the live edge, and its first chunk says that some were left out',
    async () => {
      const { ear, response } = await listen();
      response.pause();
      let chunks = 0;
      for (; chunks < 3000 && stage.fanout.slow.skipped === 0; chunks += 5) {
        stage.speak(5);
        await stage.pass(0.25);
      }
      stage.speak(50);
      response.resume();
      await stage.pass(3);
      stage.speak(2);
      await until('the last chunk', () => ear.sequences.at(-1) === chunks + 51);
      const skips = ear.chunks.filter(({ skippedBefore }) => skippedBefore);
      expect(skips.map(({ sequence }) => sequence)).toEqual([chunks + 50]);
      expect(stage.fanout.slow).toEqual({ skipped: 1, closed: 0, cut: 0 });
    },
  );
});

describe('/stream of a whole relay', () => {
  let house: House;
  beforeEach(async () => (house = await House.open()));
  afterEach(() => house.close());

  async function listen(
    room = 'allhands',
    init: RequestInit = {},
  ): Promise<{ ear: HttpEar; hangUp: () => void }> {
    const aborter = new AbortController();
    const response = await fetch(`${house.url}/v1/rooms/${room}/stream`, { ...init, signal: aborter.signal });
    expect(response.status).toBe(200);
    const ear = new HttpEar();
    void (async () => {
      for await (const bytes of response.body ?? []) ear.push(bytes);
    })().catch(() => {});
    return { ear, hangUp: () => aborter.abort() };
  }

  test('tells states and clocks as texts, and a second of sound as 10 chunks that decode', async () => {
    const mouth = await house.publish();
    const { ear } = await listen();
    mouth.speak(1000);
    await until('10 chunks', () => ear.chunks.length === 10);
    expect(ear.messages[0]).toMatchObject({
      type: 'hello',
      room: 'allhands',
      state: 'waiting',
      listeners: 1,
    });
    expect(ear.messages.slice(1)).toEqual([{ type: 'state', state: 'live' }]);
    expect(ear.chunks.map(({ sequence, pcm }) => [sequence, pcm.length])).toEqual(
      Array.from({ length: 10 }, (_, n) => [n, 3200]),
    );
    mouth.socket.close();
    await mouth.end();
  });

  test('of a room with tickets is 401 without one, and open with it in the Authorization header', async () => {
    const refused = await fetch(`${house.url}/v1/rooms/board/stream`);
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    const { ear, hangUp } = await listen('board', {
      headers: { Authorization: `Bearer ${await house.ticket('board')}` },
    });
    await until('hello', () => ear.messages.length > 0);
    hangUp();
    await until('it has left', () => house.relay.listeners() === 0);
  });

  test('of an unknown room is 401 where rooms want tickets, its head alone seats nobody', async () => {
    expect((await fetch(`${house.url}/v1/rooms/unknown/stream`)).status).toBe(401);
    const head = await fetch(`${house.url}/v1/rooms/allhands/stream`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
    expect(house.relay.listeners()).toBe(0);
  });

  test('is closed with bye and 4000 when the relay goes', async () => {
    const { ear } = await listen();
    await until('hello', () => ear.messages.length > 0);
    await house.close();
    await until('bye', () => ear.messages.at(-1)?.type === 'bye');
    expect(ear.messages.at(-1)).toMatchObject({ code: 4000, reason: 'the relay is going away' });
  });

  test.each(['stream', 'stream.wav', 'chunks'])(
    '/%s may be asked for with a ticket from any page',
    async (way) => {
      const asked = await fetch(`${house.url}/v1/rooms/board/${way}`, {
        method: 'OPTIONS',
        headers: { Origin: 'https://intranet.example', 'Access-Control-Request-Headers': 'authorization' },
      });
      expect(asked.status).toBe(204);
      expect(Object.fromEntries(asked.headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET',
        'access-control-allow-headers': 'authorization',
        'access-control-max-age': '86400',
      });
    },
  );
});
