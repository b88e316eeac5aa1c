import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pcmLoop } from '../simulator/pcm-loop.ts';
import type { AudioSource } from '../simulator/audio-source.ts';
import { captionTrack, type CaptionTrack } from './caption-track.ts';
import { readImaAdpcmWav } from './ima-adpcm.ts';
import { pausesIn } from './pauses.ts';

/** A spoken recording that loops endlessly. */
export interface Recording extends AudioSource {
  /** What is said in it, as text. */
  captions(): CaptionTrack;
}

/** The company meeting: two voices. How it was made: README.md. */
export function allHands(): Recording {
  return recording('all-hands');
}

/** A shorter talk in a third voice, for a second room. */
export function productUpdate(): Recording {
  return recording('product-update');
}

/** A recording of this folder. Read when it is needed: 1 MB that most tests never play. */
function recording(name: string): Recording {
  let loaded: ReturnType<typeof load> | undefined;
  return {
    label: name,
    frameAt: (frameIndex, sampleRate) => (loaded ??= load(name)).loop.frameAt(frameIndex, sampleRate),
    captions: () => (loaded ??= load(name)).captions,
  };
}

function load(name: string): { loop: AudioSource; captions: CaptionTrack } {
  const { samples, sampleRate } = readImaAdpcmWav(readFileSync(fileOf(`${name}.wav`)));
  const script = readFileSync(fileOf(`${name}.txt`), 'utf8');
  const lengthMs = (samples.length / sampleRate) * 1000;
  return {
    loop: pcmLoop(samples, sampleRate, name),
    captions: captionTrack(script, lengthMs, pausesIn(samples, sampleRate)),
  };
}

/** Beside this file, or in the source tree when this file is the compiled `dist/demo/voice/recording.js`. */
function fileOf(name: string): string {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../../demo/voice/${name}`, import.meta.url));
}
