import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../wire/chunk.ts';
import { EndlessResponse } from '../../../relay/fanout/endless-response.ts';
import { Listener } from '../../../relay/fanout/listener.ts';
import { Parcel } from '../../../relay/fanout/parcel.ts';
import { Unacked } from '../../../relay/fanout/unacked.ts';
import { WavTransport } from '../../../relay/fanout/wav-stream.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { chunk } from '../../support/relay-words.ts';

/** A response that keeps what is written. */
function stage() {
  const written: Uint8Array[] = [];
  const calls: string[] = [];
  const clock = new FakeClock();
  const response = {
    writableLength: 0,
    writableEnded: false,
    write: (bytes: Uint8Array) => written.push(bytes) > 0,
    end: () => {
      response.writableEnded = true;
      calls.push('end');
    },
    once: () => {},
    req: {
      socket: {
        bytesWritten: 0,
        writableLength: 0,
        setNoDelay: () => {},
        uncork: () => {},
        resetAndDestroy: () => calls.push('reset'),
      },
    },
  };
  // Nothing is known of its other end: each question is answered a second later.
  const unacked = new Unacked(clock, async function* () {});
  const endless = new EndlessResponse(response as unknown as ServerResponse, { clock, unacked });
  const transport = new WavTransport(endless);
  const hear = (...chunks: Chunk[]): void => {
    for (const each of chunks) transport.send(Parcel.ofChunk(each));
  };
  /** 48 kHz stereo samples after the header, in ms. */
  const soundMs = (): number => {
    const bytes = written.slice(1).reduce((sum, { length }) => sum + length, 0);
    return bytes / 4 / 48;
  };
  /** 5 s pass, and the listener is asked whether it is there. */
  const beat = async (): Promise<void> => {
    clock.advance(5000);
    await settled();
    transport.beat(clock.nowMs());
  };
  return { response, transport, written, calls, clock, hear, soundMs, beat };
}

describe('the plain stream', () => {
  test('starts with a 44-byte header: PCM, 2 channels, 48 kHz, 16 bit, and no end', () => {
    const header = stage().written[0] ?? new Uint8Array();
    const view = new DataView(header.buffer);
    expect(header.length).toBe(44);
    expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint16(34, true)]).toEqual([
      1, 2, 16,
    ]);
    expect(view.getUint32(24, true)).toBe(48_000);
    expect(view.getUint32(40, true)).toBe(0x7fff_ff00);
  });

  test.each([8000, 16_000, 24_000])(
    'a 100 ms chunk at %i Hz becomes 100 ms of 48 kHz stereo',
    (sampleRate) => {
      const { hear, soundMs } = stage();
      hear(chunk(0, { sampleRate }));
      expect(soundMs()).toBe(100);
    },
  );

  test('both channels are the same', () => {
    const { hear, written } = stage();
    hear(chunk(0), chunk(1));
    const view = new DataView(written[2]?.buffer ?? new ArrayBuffer(0));
    for (let at = 0; at < view.byteLength; at += 4) {
      expect(view.getInt16(at, true)).toBe(view.getInt16(at + 2, true));
    }
    expect(view.getInt16(400, true)).not.toBe(0);
  });

  test('a gap of 300 ms becomes 300 ms of silence, one of an hour 5 s', () => {
    const { hear, soundMs, written } = stage();
    hear(chunk(0), chunk(1, { firstSample: 1600 + 4800 }));
    expect(soundMs()).toBe(500);
    expect(written[2]?.every((byte) => byte === 0)).toBe(true);
    hear(chunk(2, { firstSample: 3600 * 16_000 }));
    expect(soundMs()).toBe(5600);
  });

  test('a pause is sent as silence up to 100 ms before the clock, and the speech after it in its place', () => {
    const { hear, soundMs, transport } = stage();
    hear(chunk(0));
    transport.pass(1, 600);
    transport.pass(1, 1100);
    expect(soundMs()).toBe(1000);
    hear(chunk(1, { firstSample: 1100 * 16 }));
    expect(soundMs()).toBe(1200);
  });

  test('a new epoch goes on without silence, whatever its clock says', () => {
    const { hear, soundMs } = stage();
    hear(chunk(0), chunk(0, { epoch: 2, firstSample: 9_000_000 }), chunk(1, { epoch: 3, sampleRate: 8000 }));
    expect(soundMs()).toBe(300);
  });

  test('before any sound and in a gap, a beat of nothing else is 20 ms of silence; in speech none is', async () => {
    const { beat, hear, soundMs, written } = stage();
    await beat();
    expect(soundMs()).toBe(0);
    await beat();
    await beat();
    expect(soundMs()).toBe(40);
    expect(written[2]?.every((byte) => byte === 0)).toBe(true);
    for (let n = 0; n < 3; n++) {
      hear(chunk(n));
      await beat();
    }
    expect(soundMs()).toBe(340);
  });

  test('a gap of 300 ms in which 2 beats wrote 40 ms of silence is 300 ms long', async () => {
    const { beat, hear, soundMs } = stage();
    hear(chunk(0));
    for (let n = 0; n < 3; n++) await beat();
    expect(soundMs()).toBe(140);
    hear(chunk(1, { firstSample: 1600 + 4800 }));
    expect(soundMs()).toBe(500);
  });

  test('while an answer is awaited nothing is asked and nothing written', async () => {
    const { clock, soundMs, transport } = stage();
    transport.beat(clock.nowMs());
    expect(transport.probe.pending).toBe(true);
    for (let n = 0; n < 5; n++) transport.beat(clock.nowMs());
    expect([soundMs(), clock.pending]).toEqual([0, 1]);
  });

  test('with 1.25 s queued the listener gets no more, in speech and in a pause; closed then it is cut after 2 s', () => {
    const { calls, clock, response, transport, written } = stage();
    const listener = new Listener(transport, () => {});
    listener.offer(Parcel.ofChunk(chunk(0)), 0);
    response.writableLength = 1.25 * 192_000 + 1;
    const before = written.length;
    listener.offer(Parcel.ofChunk(chunk(1)), 0);
    listener.pass(1, 60_000);
    listener.close(4000, 'bye');
    listener.close(4000, 'bye');
    clock.advance(1999);
    expect(calls).toEqual(['end']);
    clock.advance(1);
    expect(calls).toEqual(['end', 'reset']);
    expect(written).toHaveLength(before);
  });
});

test('a Node response has what the stream uses', async () => {
  const server = createServer((_, response) => {
    const clock = new FakeClock();
    new WavTransport(new EndlessResponse(response, { clock, unacked: new Unacked(clock) })).close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const body = await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer();
  expect(body.byteLength).toBe(44);
  await new Promise((resolve) => server.close(resolve));
});
