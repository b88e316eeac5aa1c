import type { AudioSource } from '../../demo/simulator/audio-source.ts';
import type { LegRecord } from '../../demo/simulator/leg-record.ts';
import { FRAME_MS, samplesIn } from '../../wire/format.ts';
import { hear, type HeardBlock } from './ear.ts';
import type { Recording } from './recorder.ts';

const RATE = 16_000;

/** What became of a leg's frames on their way to a page's ear. */
export interface HeardLeg {
  heard: HeardBlock[];
  /** Correlation below 0.95. */
  damaged: HeardBlock[];
  /** Blocks that do not follow on the one before within 1 ms: something is missing or doubled. */
  jumps: { index: number; movedMs: number }[];
  /** From frame sent to sound out, ms. */
  delaysMs: number[];
  /** The lowest correlation. */
  worst: number;
}

/** Looks in a recording for the frames that a leg at 16 kHz has sent from its `first` on; `source` must not repeat. */
export function hearLeg(leg: LegRecord, source: AudioSource, recording: Recording, first = 0): HeardLeg {
  const firstFrame = (leg.firstSourceFrame ?? 0) + first;
  const frameSamples = samplesIn(FRAME_MS, RATE);
  const sent = new Int16Array((leg.sent - first) * frameSamples);
  for (let k = 0; k < leg.sent - first; k++) sent.set(source.frameAt(firstFrame + k, RATE), k * frameSamples);
  // The first block is played with its fade-in.
  const heard = hear(sent, RATE, recording).slice(1);
  return {
    heard,
    damaged: heard.filter(({ correlation }) => correlation < 0.95),
    jumps: heard.slice(1).flatMap((block, n) => {
      const movedMs = block.atMs - (heard[n]?.atMs ?? 0) - FRAME_MS;
      return Math.abs(movedMs) > 1 ? [{ index: block.index, movedMs }] : [];
    }),
    delaysMs: heard.flatMap(({ index, atMs }) => {
      const sentAtMs = leg.sentAtMs(first + index);
      return sentAtMs === undefined ? [] : [recording.startedAtMs + atMs - sentAtMs];
    }),
    worst: Math.min(...heard.map(({ correlation }) => correlation)),
  };
}
