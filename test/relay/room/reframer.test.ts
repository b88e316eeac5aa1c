import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reframer } from '../../../relay/room/reframer.ts';

const bytesFrom = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, n) => (first + n) % 251);

test('whatever the parts, frames of 640 bytes come of them, in order, and less than one is held', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 20 }), (lengths) => {
      const reframer = new Reframer(16_000);
      let given = 0;
      const frames = lengths.flatMap((length) => {
        const part = bytesFrom(given, length);
        given += length;
        return reframer.push(part);
      });
      expect(frames.length).toBe(Math.floor(given / 640));
      frames.forEach(({ pcm, padded }, n) => {
        expect([...pcm]).toEqual([...bytesFrom(n * 640, 640)]);
        expect(padded).toBe(false);
      });
    }),
    { numRuns: 200 },
  );
});

test('a frame of 100 bytes lasts 20 ms: both frames that hold a part of its silence say so, the next does not', () => {
  const reframer = new Reframer(16_000);
  expect(reframer.push(bytesFrom(0, 200))).toEqual([]);
  const frames = [
    ...reframer.pushFrame(bytesFrom(200, 100)),
    ...reframer.pushFrame(bytesFrom(0, 640)),
    ...reframer.pushFrame(bytesFrom(0, 640)),
  ];
  expect(frames.map(({ padded }) => padded)).toEqual([true, true, false]);
  expect([...(frames[0]?.pcm ?? [])].slice(300)).toEqual(Array(340).fill(0));
});

test('where frames begin where they did, a short one is one padded frame', () => {
  const reframer = new Reframer(8000);
  const [frame, ...more] = [
    ...reframer.pushFrame(bytesFrom(1, 50)),
    ...reframer.pushFrame(bytesFrom(1, 320)),
  ];
  expect([frame?.padded, frame?.pcm.length, more.map(({ padded }) => padded)]).toEqual([true, 320, [false]]);
});
