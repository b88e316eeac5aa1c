import { expect } from 'chai';
import { Speaker } from '../../component/playout/speaker.ts';

const FADE_SEC = 0.005;

function tone(length: number, from = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, n) => 0.5 * Math.sin((from + n) / 10));
}

async function rendered(context: OfflineAudioContext): Promise<Float32Array> {
  return (await context.startRendering()).getChannelData(0);
}

describe('speaker', () => {
  for (const sampleRate of [44_100, 48_000]) {
    it(`20 pieces at ${sampleRate} Hz come out as one sound, equal to 1e-6 but for its fades`, async () => {
      const context = new OfflineAudioContext(1, sampleRate, sampleRate);
      const speaker = new Speaker(context);
      const length = Math.round(sampleRate * 0.02) - 7;
      for (let n = 0; n < 20; n++) {
        // The plan is off by up to 3 ms: the running counter wins.
        const startMs = 100 + (n * length * 1000) / sampleRate + (n % 3);
        speaker.play(tone(length, n * length), n === 0 ? 100 : startMs, n > 0);
      }
      const out = await rendered(context);
      const startFrame = Math.round(0.1 * sampleRate);
      const fade = FADE_SEC * sampleRate;
      expect(Math.max(...out.subarray(0, startFrame))).to.equal(0);
      let worst = 0;
      for (let n = Math.ceil(fade) + 1; n < 20 * length - fade - 1; n++) {
        worst = Math.max(worst, Math.abs((out[startFrame + n] ?? 0) - 0.5 * Math.sin(n / 10)));
      }
      expect(worst).to.be.below(1e-6);
      expect(Math.max(...out.subarray(startFrame + 20 * length))).to.equal(0);
    });
  }

  it('ends in a 5 ms fade when nothing follows, and begins in one', async () => {
    const context = new OfflineAudioContext(1, 48_000, 48_000);
    const speaker = new Speaker(context);
    speaker.play(new Float32Array(4800).fill(0.5), 100, false);
    const out = await rendered(context);
    expect(out[4800 + 120]).to.be.closeTo(0.25, 0.003);
    expect(out[4800 + 240]).to.be.closeTo(0.5, 0.003);
    expect(out[9600 - 241]).to.be.closeTo(0.5, 0.003);
    expect(out[9600 - 120]).to.be.closeTo(0.25, 0.003);
    expect(out[9599]).to.be.below(0.003);
  });

  it('fades out and in around a gap and around a discontinuity, without a step above 0.005', async () => {
    const context = new OfflineAudioContext(1, 48_000, 48_000);
    const speaker = new Speaker(context);
    speaker.play(new Float32Array(4800).fill(0.5), 100, false);
    speaker.play(new Float32Array(4800).fill(-0.5), 300, false);
    speaker.play(new Float32Array(4800).fill(0.5), 400, false);
    speaker.play(new Float32Array(4800).fill(0.5), 500, true);
    const out = await rendered(context);
    let worst = 0;
    for (let n = 1; n < out.length; n++) worst = Math.max(worst, Math.abs((out[n] ?? 0) - (out[n - 1] ?? 0)));
    expect(worst).to.be.below(0.005);
    expect(out[48 * 350]).to.be.closeTo(-0.5, 1e-6);
    expect(out[48 * 500]).to.be.closeTo(0.5, 1e-6);
  });

  it('never overlaps: a piece planned too early waits for the one before it', async () => {
    const context = new OfflineAudioContext(1, 48_000, 48_000);
    const speaker = new Speaker(context);
    speaker.play(new Float32Array(9600).fill(0.4), 100, false);
    speaker.play(new Float32Array(9600).fill(0.4), 200, false);
    expect(speaker.endSec).to.equal(0.5);
    expect(Math.max(...(await rendered(context)))).to.be.closeTo(0.4, 1e-6);
  });

  it('pieces of 4 ms keep their fade-in', async () => {
    const context = new OfflineAudioContext(1, 4800, 48_000);
    const speaker = new Speaker(context);
    for (let n = 0; n < 6; n++) speaker.play(new Float32Array(192).fill(0.5), 10 + n * 4, n > 0);
    const out = await rendered(context);
    expect(out[480 + 120]).to.be.closeTo(0.25, 0.003);
    expect(out[480 + 400]).to.be.closeTo(0.5, 1e-6);
    expect(out[480 + 6 * 192 - 1]).to.be.below(0.003);
  });

  it('half volume is a gain of 0.25, muted is 0', async () => {
    for (const [muted, expected] of [
      [false, 0.125],
      [true, 0],
    ] as const) {
      const context = new OfflineAudioContext(1, 48_000, 48_000);
      const speaker = new Speaker(context);
      speaker.setVolume(0.5, muted);
      speaker.play(new Float32Array(24_000).fill(0.5), 100, false);
      expect((await rendered(context))[20_000]).to.be.closeTo(expected, 1e-4);
    }
  });

  it('withdraws what is queued: nothing sounds later', async () => {
    const context = new OfflineAudioContext(1, 48_000, 48_000);
    const speaker = new Speaker(context);
    speaker.play(new Float32Array(4800).fill(0.5), 100, false);
    speaker.clear();
    expect(speaker.endSec).to.be.below(0.01);
    speaker.play(new Float32Array(4800).fill(0.3), 500, false);
    const out = await rendered(context);
    expect(Math.max(...out.subarray(0, 20_000))).to.equal(0);
    expect(out[48 * 550]).to.be.closeTo(0.3, 1e-6);
  });
});
