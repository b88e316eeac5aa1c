import { expect } from 'chai';
import { Speaker } from '../../component/playout/speaker.ts';
import { seeded } from '../support/random.ts';

const FADE_SEC = 0.005;

function tone(length: number, from = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, n) => 0.5 * Math.sin((from + n) / 10));
}

function peak(samples: Float32Array): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** What four filters in a row leave of samples at 48 kHz. */
async function filtered(
  samples: Float32Array<ArrayBuffer>,
  type: BiquadFilterType,
  frequency: number,
): Promise<Float32Array<ArrayBuffer>> {
  const context = new OfflineAudioContext(1, samples.length, 48_000);
  const buffer = new AudioBuffer({ length: samples.length, sampleRate: 48_000 });
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  let node: AudioNode = source;
  for (let n = 0; n < 4; n++) node = node.connect(new BiquadFilterNode(context, { type, frequency }));
  node.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
}

/** Noise of a phone line's band, below 2 kHz, at 48 kHz. */
async function bandNoise(seconds: number): Promise<Float32Array<ArrayBuffer>> {
  const random = seeded(5);
  const white = Float32Array.from({ length: seconds * 48_000 }, () => random() - 0.5);
  return filtered(white, 'lowpass', 2000);
}

async function beyondBand(samples: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
  return filtered(samples, 'highpass', 9000);
}

async function rendered(context: OfflineAudioContext): Promise<Float32Array<ArrayBuffer>> {
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
      speaker.hush();
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

  it('ends in a 5 ms fade when nothing is missing, and begins in one', async () => {
    const context = new OfflineAudioContext(1, 48_000, 48_000);
    const speaker = new Speaker(context);
    speaker.play(new Float32Array(4800).fill(0.5), 100, false);
    speaker.hush();
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

  for (const gapMs of [0, 30, 200]) {
    it(`bridges ${gapMs} ms between two sounds without a click: −40 dB beyond their band, at most 60 ms of it`, async () => {
      const context = new OfflineAudioContext(1, 48_000, 48_000);
      const speaker = new Speaker(context);
      const sound = await bandNoise(0.5);
      for (let n = 0; n < 3; n++) speaker.play(sound.slice(n * 4800, (n + 1) * 4800), 100 + n * 100, n > 0);
      const bridgedMs = speaker.play(sound.slice(14_400), 400 + gapMs, false);
      expect(bridgedMs).to.be.closeTo(Math.min(gapMs, 60), 0.1);
      const out = await rendered(context);
      expect(peak(out)).to.be.below(2 * peak(sound));
      // Untouched up to the last 5 ms before the gap, and again 5 ms behind its end.
      for (const frame of [19_200 - 300, 19_200 + 48 * gapMs + 300]) {
        const at = frame < 19_200 ? frame - 4800 : frame - 4800 - 48 * gapMs;
        expect(out[frame]).to.be.closeTo(sound[at] ?? 0, 1e-6);
      }
      if (gapMs > 0) expect(peak(out.subarray(19_200, 19_200 + 480))).to.be.above(0.2 * peak(sound));
      if (gapMs > 60) expect(peak(out.subarray(19_200 + 48 * 60, 19_200 + 48 * gapMs))).to.equal(0);
      const beyond = (await beyondBand(out)).subarray(4800 + 480);
      expect(20 * Math.log10(peak(beyond.subarray(0, 20_000)) / peak(sound))).to.be.below(-40);
    });
  }

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
