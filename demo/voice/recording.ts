import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pcmLoop } from '../simulator/pcm-loop.ts';
import type { AudioSource } from '../simulator/audio-source.ts';
import { readImaAdpcmWav } from './ima-adpcm.ts';

/** The company meeting: two voices, loops endlessly. How it was made: README.md. */
export function allHands(): AudioSource {
  return recording('all-hands');
}

/** A shorter talk in a third voice, for a second room. */
export function productUpdate(): AudioSource {
  return recording('product-update');
}

/** A recording of this folder as a source that loops. Read when first played: 1 MB that most tests never need. */
function recording(name: string): AudioSource {
  let loop: AudioSource | undefined;
  return {
    label: name,
    frameAt: (frameIndex, sampleRate) => {
      loop ??= load(name);
      return loop.frameAt(frameIndex, sampleRate);
    },
  };
}

function load(name: string): AudioSource {
  const { samples, sampleRate } = readImaAdpcmWav(readFileSync(fileOf(name)));
  return pcmLoop(samples, sampleRate, name);
}

/** Beside this file, or in the source tree when this file is the compiled `dist/demo/voice/recording.js`. */
function fileOf(name: string): string {
  const beside = fileURLToPath(new URL(`./${name}.wav`, import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL(`../../../demo/voice/${name}.wav`, import.meta.url));
}
