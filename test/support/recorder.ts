import type { Middleware } from 'koa';
import type { Frame, Page } from 'playwright-core';

/** What a page has sent to its sound device. */
export interface Recording {
  /** Samples a second of the page's AudioContext. */
  sampleRate: number;
  /** Mono, from the context's frame `firstFrame` on, without a hole. */
  samples: Float32Array;
  /** Unix milliseconds at which the first sample leaves the device, by the context's own output timestamps. */
  startedAtMs: number;
}

/** Served under this path, for a worklet module is a file. */
const WORKLET_PATH = '/test-recorder.js';

const WORKLET = `
class Recorder extends AudioWorkletProcessor {
  #batch = new Float32Array(12800);
  #filled = 0;
  process([[channel]]) {
    if (channel) this.#batch.set(channel, this.#filled);
    else this.#batch.fill(0, this.#filled, this.#filled + 128);
    this.#filled += 128;
    if (this.#filled === this.#batch.length) {
      this.port.postMessage({ endFrame: currentFrame + 128, samples: this.#batch });
      this.#batch = new Float32Array(12800);
      this.#filled = 0;
    }
    return true;
  }
}
registerProcessor('recorder', Recorder);
`;

/** Runs in the page before anything else: whatever is connected to a destination is recorded too. */
const PATCH = `
{
  const taps = new WeakMap();
  window.recorded = { batches: [], firstFrame: 0, sampleRate: 0, stamps: [] };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !(target.context instanceof OfflineAudioContext)) {
      const { context } = target;
      if (!taps.has(context)) taps.set(context, record(context));
      taps.get(context).then((tap) => connect.call(this, tap));
    }
    return connect.call(this, target, ...rest);
  };
  async function record(context) {
    await context.audioWorklet.addModule('${WORKLET_PATH}');
    const tap = new AudioWorkletNode(context, 'recorder', { channelCount: 1, channelCountMode: 'explicit' });
    window.recorded.sampleRate = context.sampleRate;
    tap.port.onmessage = ({ data: { endFrame, samples } }) => {
      const { batches, stamps } = window.recorded;
      if (batches.length === 0) window.recorded.firstFrame = endFrame - samples.length;
      batches.push(samples);
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      if (contextTime > 0) stamps.push(performance.timeOrigin + performanceTime - contextTime * 1000);
    };
    connect.call(tap, context.destination);
    return tap;
  }
}
`;

/** Serves the worklet's module: a browser loads it past whatever a test driver intercepts. */
export const recorderPages: Middleware = async (context, next) => {
  if (context.path !== WORKLET_PATH) return next();
  // A sandboxed frame is of no origin.
  context.set('Access-Control-Allow-Origin', '*');
  context.type = 'text/javascript';
  context.body = WORKLET;
};

/** Makes a page record what it plays; call before it is opened. Needs a secure origin such as 127.0.0.1. */
export async function recordPage(page: Page): Promise<void> {
  await page.addInitScript(PATCH);
}

/** What the page, or a frame of one, has played so far. */
export async function recordingOf(page: Page | Frame): Promise<Recording> {
  const { base64, firstFrame, sampleRate, originMs } = await page.evaluate(() => {
    const { batches, stamps, ...rest } = Reflect.get(window, 'recorded');
    const samples = new Float32Array(batches.length * 12_800);
    batches.forEach((batch: Float32Array, n: number) => samples.set(batch, n * 12_800));
    const bytes = new Uint8Array(samples.buffer);
    let binary = '';
    for (let at = 0; at < bytes.length; at += 32_768)
      binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    const sorted = stamps.toSorted((a: number, b: number) => a - b);
    return { ...rest, base64: btoa(binary), originMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
  });
  const bytes = Buffer.from(base64, 'base64');
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return { sampleRate, samples, startedAtMs: originMs + (firstFrame / sampleRate) * 1000 };
}
