import { expect, test } from 'vitest';
import { LegTape, pcmOf } from '../../../relay/room/leg-tape.ts';

/** A frame at 16 kHz whose samples count on from `first`. */
function frame(first: number, samples = 320): Uint8Array {
  return new Uint8Array(Int16Array.from({ length: samples }, (_, n) => (first + n) % 30_000).buffer);
}

test('keeps the last 2 s, and gives what is asked for as far as it is kept', () => {
  const tape = new LegTape(16_000);
  for (let n = 0; n < 250; n++) tape.push(frame(n * 320), n * 20);
  expect([tape.startSample, tape.endSample]).toEqual([48_000, 80_000]);
  expect(tape.takeAll().samples.length).toBe(32_000);
  const { samples, firstSample } = tape.take(47_000, 48_003);
  expect([firstSample, [...samples]]).toEqual([48_000, [18_000, 18_001, 18_002]]);
  expect(tape.take(79_999, 90_000).samples.length).toBe(1);
  expect(tape.take(10, 20).samples.length).toBe(0);
  expect(pcmOf(tape.take(60_000, 60_320))).toEqual(frame(60_000));
});

test('a frame of 100 samples takes the place of 320; the rest is silence', () => {
  const tape = new LegTape(16_000);
  tape.push(frame(1, 100), 0);
  tape.push(frame(1000), 20);
  expect([...tape.take(98, 102).samples]).toEqual([99, 100, 0, 0]);
  expect(tape.take(320, 321).samples[0]).toBe(1000);
});

test('its pace is that of the frames that nothing delayed', () => {
  const tape = new LegTape(16_000);
  expect(tape.paceMs).toBeUndefined();
  for (let n = 0; n < 100; n++) tape.push(frame(0), 5000 + n * 20 + (n % 3) * 15);
  expect(tape.paceMs).toBe(4980);
});
