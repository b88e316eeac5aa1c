import { CHUNK_HEADER_BYTES, encodeChunk, type Chunk } from '../../wire/chunk.ts';
import { Listener, type Transport } from '../../relay/fanout/listener.ts';
import { Parcel } from '../../relay/fanout/parcel.ts';
import { Probe } from '../../relay/fanout/probe.ts';
import { Planner, PRESETS } from '../../component/playout/planner.ts';
import { Resampler } from '../../component/playout/resampler.ts';

/** Two ways to the same end. The ratio is the other's time over ours: above 1 we are faster. */
export interface Pair {
  name: string;
  ours: { label: string; run: () => void };
  other: { label: string; run: () => void };
}

const RATE = 16_000;
const CHUNK_MS = 100;
const LISTENERS = 1000;

const pcm = new Uint8Array(3200).map((_, n) => (n * 37) & 0xff);
const chunk: Chunk = {
  epoch: 1_795_224_993_123,
  firstSample: 0,
  sequence: 0,
  gapBefore: false,
  padded: false,
  sampleRate: RATE,
  pcm,
};

/** Every pair, made anew: some keep state. */
export function pairs(): Pair[] {
  return [encode(), fanout(), resampler(), planner()];
}

function encode(): Pair {
  return {
    name: 'chunk encode, 100 ms at 16 kHz (3.3 kB)',
    ours: { label: 'one header, one copy', run: () => encodeChunk(chunk) },
    other: { label: 'sample by sample', run: () => encodeBySample(chunk) },
  };
}

function encodeBySample(source: Chunk): Uint8Array {
  const header = encodeChunk({ ...source, pcm: new Uint8Array(0) });
  const bytes = new Uint8Array(CHUNK_HEADER_BYTES + source.pcm.length);
  bytes.set(header);
  const from = new DataView(source.pcm.buffer);
  const to = new DataView(bytes.buffer, CHUNK_HEADER_BYTES);
  for (let at = 0; at < source.pcm.length; at += 2) to.setInt16(at, from.getInt16(at, true), true);
  return bytes;
}

function fanout(): Pair {
  const listeners = Array.from({ length: LISTENERS }, () => new Listener(sink(), () => {}));
  const offerAll = (parcelFor: () => Parcel) => {
    for (const listener of listeners) listener.offer(parcelFor(), 0);
  };
  return {
    name: `fan-out of one chunk to ${LISTENERS} listeners, without sockets`,
    ours: {
      label: '1 encode',
      run: () => {
        const parcel = Parcel.ofChunk(chunk);
        offerAll(() => parcel);
      },
    },
    other: {
      label: `${LISTENERS} encodes`,
      run: () => offerAll(() => Parcel.ofChunk(chunk)),
    },
  };
}

function sink(): Transport {
  let bytes = 0;
  return {
    kind: 'websocket',
    queuedBytes: 0,
    probe: new Probe(),
    isFull: () => bytes < 0,
    send: (parcel) => (bytes += parcel.webSocket.length),
    pass: () => {},
    beat: () => {},
    close: () => {},
    destroy: () => {},
  };
}

function resampler(): Pair {
  const samples = Float32Array.from({ length: (CHUNK_MS * RATE) / 1000 }, (_, n) => Math.sin(n / 5));
  const sinc = new Resampler(RATE, 48_000);
  return {
    name: 'resampler, 100 ms from 16 to 48 kHz',
    ours: { label: 'streaming windowed sinc, 32 taps', run: () => sinc.push(samples) },
    other: { label: 'linear interpolation (audible: 29 dB)', run: () => linear(samples, 3) },
  };
}

function linear(samples: Float32Array, factor: number): Float32Array {
  return Float32Array.from({ length: samples.length * factor }, (_, n) => {
    const at = Math.floor(n / factor);
    const share = n / factor - at;
    return (samples[at] ?? 0) * (1 - share) + (samples[at + 1] ?? 0) * share;
  });
}

function planner(): Pair {
  const ours = new Planner(PRESETS.balanced);
  let oursMs = 0;
  let naiveMs = 0;
  let nextMs = 0;
  return {
    name: 'planner, one 100 ms chunk',
    ours: {
      label: 'peak-hold',
      run: () => {
        oursMs += CHUNK_MS;
        ours.plan({ tsMs: oursMs, durMs: CHUNK_MS, quiet: [] }, oursMs + 100 + ((oursMs * 7) % 13));
      },
    },
    other: {
      label: 'next = max(now + 50, next)',
      run: () => {
        naiveMs += CHUNK_MS;
        nextMs = Math.max(naiveMs + 50, nextMs) + CHUNK_MS;
      },
    },
  };
}
