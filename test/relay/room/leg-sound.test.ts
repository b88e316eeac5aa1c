import { describe, expect, test } from 'vitest';
import { allHands, productUpdate } from '../../../demo/voice/recording.ts';
import { amplitudeOf, silence, sine, type AudioSource } from '../../../demo/simulator/audio-source.ts';
import { LegSoundMeter } from '../../../relay/room/leg-sound.ts';
import { seeded } from '../../support/random.ts';

const RATE = 16_000;

/** A meter that has heard so many seconds of a source, and the kinds of sound it told, one a second. */
function heard(source: AudioSource, sec: number, meter = new LegSoundMeter(), fromMs = 0) {
  const kinds: string[] = [];
  for (let n = 0; n < sec * 50; n++) {
    const frame = source.frameAt(n, RATE);
    meter.hear(new Uint8Array(frame.buffer), fromMs + n * 20);
    if (n % 50 === 49) kinds.push(meter.soundAt(fromMs + n * 20));
  }
  return { meter, kinds, nowMs: fromMs + sec * 1000 - 20 };
}

/** Noise at a level, dBFS RMS. */
function hiss(dbfs: number): AudioSource {
  const random = seeded(5);
  const peak = 32_768 * amplitudeOf(dbfs) * Math.sqrt(3);
  return {
    label: 'hiss',
    frameAt: () => Int16Array.from({ length: 320 }, () => Math.round(peak * (2 * random() - 1))),
  };
}

/** Three notes at a time, struck every half second and dying away by 12 dB. */
function chords(): AudioSource {
  const roots = [262, 349, 392, 262];
  return {
    label: 'chords',
    frameAt: (frame) =>
      Int16Array.from({ length: 320 }, (_, n) => {
        const sec = frame / 50 + n / RATE;
        const root = roots[Math.floor(sec * 2) % roots.length] ?? 262;
        const decay = 10 ** ((-12 * ((sec * 2) % 1)) / 20);
        const notes = [1, 1.25, 1.5].map((ratio) => Math.sin(2 * Math.PI * root * ratio * sec));
        return Math.round(3000 * decay * notes.reduce((a, b) => a + b, 0));
      }),
  };
}

describe('what a leg sounds like', () => {
  test.each([
    ['the company meeting', allHands()],
    ['the product update', productUpdate()],
  ])('%s is speech, from its 3rd second to its 60th', (_, source) => {
    const { kinds } = heard(source, 60);
    expect(new Set(kinds.slice(2))).toEqual(new Set(['speech']));
  });

  test.each([
    ['a tone', sine(440, -20)],
    ['hold music', chords()],
    ['noise as loud as applause', hiss(-20)],
  ])('%s is steady once it has lasted 10 s', (_, source) => {
    const { kinds } = heard(source, 20);
    expect(new Set(kinds.slice(0, 9))).toEqual(new Set(['speech']));
    expect(new Set(kinds.slice(10))).toEqual(new Set(['steady']));
  });

  test('noise at −60 dBFS, and at −45 where it is the line’s own, is quiet', () => {
    expect(new Set(heard(hiss(-60), 20).kinds)).toEqual(new Set(['quiet']));
    expect(new Set(heard(hiss(-45), 20).kinds)).toEqual(new Set(['quiet']));
  });

  test('zeros are quiet for 5 s, then silence; a single other frame is no silence', () => {
    const { kinds, meter } = heard(silence(), 10);
    expect(kinds.slice(0, 5)).toEqual(Array(5).fill('quiet'));
    expect(kinds.slice(5)).toEqual(Array(5).fill('silence'));
    meter.hear(new Uint8Array(hiss(-60).frameAt(0, RATE).buffer), 10_000);
    expect(meter.soundAt(10_000)).toBe('quiet');
  });

  test('a click of 100 ms in a quiet line is no speech', () => {
    const { meter } = heard(hiss(-60), 5);
    expect(heard(hiss(-20), 0.1, meter, 5000).meter.soundAt(5100)).toBe('quiet');
  });

  test('10 s after the last word the line is quiet', () => {
    const { meter, nowMs } = heard(allHands(), 30);
    expect(heard(hiss(-60), 10, meter, nowMs + 20).kinds.at(-1)).toBe('quiet');
  });

  test('without frames for 2 s there is none, and before the first', () => {
    expect(new LegSoundMeter().soundAt(0)).toBe('none');
    const { meter, nowMs } = heard(allHands(), 10);
    expect([meter.soundAt(nowMs + 1999), meter.soundAt(nowMs + 2000)]).toEqual(['speech', 'none']);
  });
});

test('the level is that of the loudest 20 ms of the last half second; none without frames', () => {
  const meter = new LegSoundMeter();
  expect(meter.levelDbfs(0)).toBeNull();
  heard(sine(400, -20), 1, meter);
  // The mean of a sine lies 3 dB below its peak.
  expect(meter.levelDbfs(1000)).toBeCloseTo(-23, 1);
  heard(silence(), 0.48, meter, 1000);
  expect(meter.levelDbfs(1480)).toBeCloseTo(-23, 1);
  heard(silence(), 0.02, meter, 1480);
  expect([meter.levelDbfs(1480), meter.levelDbfs(1980)]).toEqual([-100, null]);
});

test('a frame costs less than 20 µs even on a busy machine (measured: 0.8, and some 3 as a test)', () => {
  const frame = new Uint8Array(allHands().frameAt(100, RATE).buffer);
  const meter = new LegSoundMeter();
  const costUs = Array.from({ length: 5 }, (_, run) => {
    const startMs = performance.now();
    for (let n = 0; n < 10_000; n++) meter.hear(frame, (run * 10_000 + n) * 20);
    return (performance.now() - startMs) / 10;
  });
  console.log(`sound of a leg: ${Math.min(...costUs).toFixed(2)} µs a frame`);
  expect(Math.min(...costUs)).toBeLessThan(20);
});
