import { expect } from 'chai';
import { Resampler } from '../../component/playout/resampler.ts';

const SECONDS = 2;

/** A signal of time (s), amplitude 0.5. */
type Signal = (atSec: number) => number;

const sine: Signal = (atSec) => 0.5 * Math.sin(2 * Math.PI * 1000 * atSec);

/** 300 to 3400 Hz within the test's length. */
const sweep: Signal = (atSec) =>
  0.5 * Math.sin(2 * Math.PI * (300 * atSec + ((3400 - 300) / (2 * SECONDS)) * atSec * atSec));

/** Whole output of `signal` fed in chunks, 16-bit as on the wire. */
function resampled(signal: Signal, fromRate: number, toRate: number, chunkMs: number): Float32Array {
  const resampler = new Resampler(fromRate, toRate);
  const pieces: Float32Array[] = [];
  const length = (chunkMs * fromRate) / 1000;
  for (let from = 0; from + length <= SECONDS * fromRate; from += length) {
    const piece = Float32Array.from(
      { length },
      (_, n) => Math.round(signal((from + n) / fromRate) * 32768) / 32768,
    );
    pieces.push(resampler.push(piece));
  }
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Signal over error, dB, without the first and last 20 ms. */
function snrDb(out: Float32Array, signal: Signal, rate: number): number {
  let power = 0;
  let noise = 0;
  for (let n = Math.round(rate * 0.02); n < out.length - rate * 0.02; n++) {
    const wanted = signal(n / rate);
    power += wanted ** 2;
    noise += ((out[n] ?? 0) - wanted) ** 2;
  }
  return 10 * Math.log10(power / noise);
}

/** Greatest error within 2.5 ms of a seam, dB of the amplitude. */
function worstSeamDb(out: Float32Array, signal: Signal, rate: number, chunkMs: number): number {
  let worst = 0;
  for (let n = Math.round(rate * 0.02); n < out.length - rate * 0.02; n++) {
    const sinceSeamMs = ((n * 1000) / rate) % chunkMs;
    if (Math.min(sinceSeamMs, chunkMs - sinceSeamMs) > 2.5) continue;
    worst = Math.max(worst, Math.abs((out[n] ?? 0) - signal(n / rate)));
  }
  return 20 * Math.log10(worst / 0.5);
}

describe('resampler', () => {
  for (const toRate of [44_100, 48_000]) {
    for (const chunkMs of [20, 60, 100, 200]) {
      it(`16 kHz in chunks of ${chunkMs} ms to ${toRate} Hz: SNR at least 85 dB, seams below −75 dB`, () => {
        expect(snrDb(resampled(sine, 16_000, toRate, chunkMs), sine, toRate)).to.be.at.least(95);
        const out = resampled(sweep, 16_000, toRate, chunkMs);
        expect(snrDb(out, sweep, toRate)).to.be.at.least(85);
        expect(worstSeamDb(out, sweep, toRate, chunkMs)).to.be.at.most(-75);
      });
    }
  }

  it('takes 8, 24 and 44.1 kHz too, and a 96 kHz context: a 1 kHz sine keeps 84 dB', () => {
    for (const fromRate of [8000, 24_000, 44_100]) {
      for (const toRate of [44_100, 48_000, 96_000]) {
        const out = resampled(sine, fromRate, toRate, 100);
        expect(snrDb(out, sine, toRate), `${fromRate} to ${toRate}`).to.be.at.least(84);
      }
    }
  });

  it('gives exactly as many frames as time has passed: none is lost or doubled in 1000 seams at 44.1 kHz', () => {
    const resampler = new Resampler(16_000, 44_100);
    const chunk = new Float32Array(320);
    let frames = 0;
    for (let n = 0; n < 1000; n++) frames += resampler.push(chunk).length;
    // The last 16 samples are still inside.
    expect(frames).to.be.closeTo(((320_000 - 16) * 44_100) / 16_000, 1);
    const before = frames;
    for (let n = 0; n < 1000; n++) frames += resampler.push(chunk).length;
    expect(frames - before).to.equal(882_000);
  });

  it('with a rate of 1.005 uses 0.5 % more samples for a frame, and keeps the seam whole', () => {
    const resampler = new Resampler(16_000, 48_000);
    const input = Float32Array.from({ length: 32_000 }, (_, n) => sine(n / 16_000));
    const first = resampler.push(input.subarray(0, 16_000));
    const second = resampler.push(input.subarray(16_000), 1.005);
    expect(second.length).to.be.closeTo(48_000 / 1.005, 1);
    const jump = Math.abs((second[0] ?? 0) - (first.at(-1) ?? 0));
    expect(jump).to.be.below(0.5 * 2 * Math.PI * (1000 / 48_000) * 1.1);
  });

  it('after a reset begins with the first new sample', () => {
    const resampler = new Resampler(16_000, 16_000);
    resampler.push(new Float32Array(1000).fill(0.5));
    resampler.reset();
    const out = resampler.push(new Float32Array(1000));
    expect(Math.max(...out)).to.equal(0);
    expect(out).to.have.length(984);
  });
});
