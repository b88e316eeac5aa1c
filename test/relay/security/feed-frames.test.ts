import { expect, test } from 'vitest';
import { seeded } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { House } from '../house.ts';

const FRAMES = 10_000;

/** Bytes of a frame: mostly right, sometimes a short last one, seldom what no leg may send. */
function frameSize(random: () => number): number {
  const kind = random();
  if (kind < 0.9) return 640;
  if (kind < 0.99) return 2 * (1 + Math.floor(random() * 320));
  return Math.floor(random() * 6000);
}

/** How the leg must end that sends a frame of this size, or undefined where it may go on. */
function endOf(bytes: number): number | undefined {
  if (bytes > 4096) return 1009;
  return bytes === 0 || bytes > 640 || bytes % 2 !== 0 ? 4400 : undefined;
}

test('P2: 10,000 random frames: each leg ends with its first wrong one, 4400 or 1009 over 4096 bytes, and nothing else fails', async () => {
  const house = await House.open();
  const ear = await house.listen();
  const random = seeded(2);
  const ends: (number | undefined)[] = [];
  const expected: (number | undefined)[] = [];
  for (let sent = 0; sent < FRAMES;) {
    const mouth = await house.publish();
    for (let end: number | undefined; end === undefined && sent < FRAMES; sent++) {
      const bytes = frameSize(random);
      end = endOf(bytes);
      mouth.socket.send(Uint8Array.from({ length: bytes }, () => random() * 256));
      if (end !== undefined) expected.push(end);
    }
    if (expected.length === ends.length) mouth.socket.close();
    const code = await mouth.end();
    if (expected.length > ends.length) ends.push(code);
    const legs = house.log.of('leg.opened').length;
    await until('it has left the room', () => house.log.of('leg.closed').length === legs);
  }
  expect(ends).toEqual(expected);
  expect(new Set(ends)).toEqual(new Set([4400, 1009]));
  expect(new Set(house.log.complaints.map(({ event }) => event))).toEqual(new Set(['leg.fault']));
  expect(house.log.complaints).toHaveLength(ends.length);
  expect([ear.closed, ear.chunks.length > 1000]).toEqual([undefined, true]);
  const closed = house.close();
  await Promise.all([closed, ear.end()]);
}, 60_000);
