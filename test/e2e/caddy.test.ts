import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeChunk, type Chunk } from '../../wire/chunk.ts';
import { StreamReader } from '../../wire/stream.ts';
import { Ear, House } from '../relay/house.ts';
import { CADDYFILE, hasCaddy, startCaddy, type Caddy } from '../support/caddy.ts';
import { until } from '../support/until.ts';

if (!hasCaddy) console.log('caddy is not here: what it does to listeners is not tested');

describe.skipIf(!hasCaddy)('behind Caddy, as configured in relay/deploy', () => {
  let house: House;
  let caddy: Caddy;

  beforeAll(async () => {
    house = await House.open({ settings: { trustProxy: 1, limits: { perAddress: 2 } } });
    caddy = await startCaddy(house.port);
    (await house.publish()).talk();
  }, 30_000);
  afterAll(async () => {
    await caddy?.close();
    await house?.close();
  });

  /** A listener's socket through Caddy. */
  function listen(room: string, protocols = ['conf.v1'], headers: Record<string, string> = {}): Ear {
    return new Ear(`${caddy.url.replace('http', 'ws')}/v1/rooms/${room}/listen`, protocols, { headers });
  }

  test('Caddy finds the file right', () => {
    const { status, stdout, stderr } = spawnSync(
      'caddy',
      ['validate', '--config', CADDYFILE, '--adapter', 'caddyfile'],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout + stderr).toContain('Valid configuration');
    expect(status).toBe(0);
  });

  test('a WebSocket listener hears 20 chunks in a row', async () => {
    const ear = listen('allhands');
    await until('20 chunks', () => ear.chunks.length >= 20);
    const numbers = ear.chunks.map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n));
    ear.socket.close();
    await ear.end();
  });

  test('a byte stream arrives chunk by chunk, 30 of 100 ms, and ends at the relay when its listener goes', async () => {
    const stop = new AbortController();
    const { body } = await fetch(`${caddy.url}/v1/rooms/allhands/stream`, { signal: stop.signal });
    const arrivals: { atMs: number; chunk: Chunk }[] = [];
    const reader = new StreamReader();
    for await (const bytes of body ?? []) {
      const reading = reader.push(bytes);
      if (reading.kind === 'fault') throw new Error(reading.code);
      for (const message of reading.messages) {
        const chunk = message.kind === 'chunk' ? decodeChunk(message.bytes) : undefined;
        if (chunk?.kind === 'chunk') arrivals.push({ atMs: performance.now(), chunk: chunk.chunk });
      }
      // The last second comes at once; 30 chunks after it are enough.
      if (arrivals.length >= 41) break;
    }
    stop.abort();
    const live = arrivals.slice(11);
    const gapsMs = live.slice(1).map(({ atMs }, n) => atMs - (live[n]?.atMs ?? 0));
    const together = gapsMs.filter((gapMs) => gapMs < 5).length;
    console.log(
      `chunks behind Caddy: ${together} of ${gapsMs.length} came with the one before, longest gap ${Math.max(...gapsMs).toFixed(0)} ms`,
    );
    expect(together).toBeLessThan(gapsMs.length / 3);
    let listeners = Number.NaN;
    const giveUpMs = performance.now() + 10_000;
    while (listeners !== 0 && performance.now() < giveUpMs) {
      const answer: unknown = await (await fetch(`${house.url}/v1/rooms/allhands`)).json();
      listeners = Number(Object(answer).listeners);
    }
    expect(listeners).toBe(0);
  });

  test('what a listener says of its own address is not believed, and an admin page is not behind Caddy', async () => {
    // This machine's own address is not counted: a forged one, believed, would be full after two.
    const ears = [1, 2, 3].map(() => listen('side', ['conf.v1'], { 'X-Forwarded-For': '192.0.2.7' }));
    await until('all are greeted', () => ears.every(({ messages, closed }) => closed || messages.length > 0));
    expect(ears.map(({ closed }) => closed)).toEqual([undefined, undefined, undefined]);
    for (const ear of ears) {
      ear.socket.close();
      await ear.end();
    }
    const paths = ['/admin', '/metrics', '/v1/status', '/v1/rooms'];
    const statuses = await Promise.all(paths.map(async (path) => (await fetch(caddy.url + path)).status));
    expect(statuses).toEqual([404, 404, 404, 404]);
  });

  test('the log says what was asked for, and has no ticket: of plain audio, of a leg, of a socket', async () => {
    const ticket = await house.ticket('board');
    const audio = await fetch(`${caddy.url}/v1/rooms/board/stream.wav?ticket=${ticket}`);
    await audio.body?.cancel();
    await fetch(`${caddy.url}/vonage/leg/allhands/a-leg-secret`);
    const ear = listen('board', ['conf.v1', `bearer.${ticket}`]);
    await until('the ticket opens the room', () => ear.messages.length > 0);
    ear.socket.close();
    await until('all three are logged', () =>
      ['stream.wav', '/vonage/leg/', 'board/listen'].every((path) => caddy.accesses().includes(path)),
    );
    expect(caddy.accesses()).not.toContain(ticket);
    expect(caddy.accesses()).not.toContain('a-leg-secret');
  });
});
