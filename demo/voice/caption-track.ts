import type { Pause } from './pauses.ts';

/** A caption of a recording, and when it would come from whoever writes down what is said. Times in ms from its start. */
export interface Cue {
  atMs: number;
  /** The same for all captions of a sentence. */
  sentence: number;
  startMs: number;
  endMs: number;
  text: string;
  final: boolean;
  speaker: string;
}

/** The captions of a recording, in the order of `atMs`. */
export interface CaptionTrack {
  lengthMs: number;
  cues: readonly Cue[];
}

/** Who speaks with which voice. */
const SPEAKERS: Readonly<Record<string, string>> = { rms: 'Martin', slt: 'Susan', awb: 'Alan' };
/** Speech recognition is so far behind, and says something new so often. */
const LATE_MS = 350;
const PARTIAL_EVERY_MS = 400;
/** It knows that a sentence is over when nothing has followed for so long. */
const FINAL_AFTER_MS = 600;
/** A pause of the script is found again by its length, to 30 ms, and not too far from where it should be. */
const SAME_MS = 30;
const FOUND_WITHIN_MS = 2000;

interface Sentence {
  speaker: string;
  text: string;
  startMs: number;
  endMs: number;
}

/**
 * Captions for a recording of a script (`pause SECONDS` and `VOICE TEXT`, line by line in turn): by sentence, growing by words. The
 * lines begin and end at the pauses of the script, which are found among those of the recording by their length;
 * within a line time goes by characters.
 */
export function captionTrack(script: string, lengthMs: number, pauses: readonly Pause[]): CaptionTrack {
  const sentences = sentencesOf(script, lengthMs, pauses);
  const cues = sentences.flatMap((sentence, index) => cuesOf(sentence, index));
  return { lengthMs, cues: cues.toSorted((a, b) => a.atMs - b.atMs) };
}

function sentencesOf(script: string, lengthMs: number, pauses: readonly Pause[]): Sentence[] {
  const lines = script.trim().split('\n').map(lineOf);
  const sum = (measure: (line: Line) => number): number =>
    lines.reduce((all, line) => all + measure(line), 0);
  const msPerCharacter = (lengthMs - sum(({ pauseMs }) => pauseMs)) / sum(({ text }) => text.length);
  const sentences: Sentence[] = [];
  let atMs = 0;
  let spoken: Line | undefined;
  for (const line of lines) {
    if (line.text !== '') {
      spoken = line;
      continue;
    }
    const aboutMs = atMs + (spoken?.text.length ?? 0) * msPerCharacter;
    const { startMs, endMs } = found(line.pauseMs, aboutMs, pauses);
    if (spoken) sentences.push(...split(spoken, atMs, startMs));
    atMs = endMs;
    spoken = undefined;
  }
  return sentences;
}

interface Line {
  speaker: string;
  /** Empty where it is a pause. */
  text: string;
  pauseMs: number;
}

function lineOf(line: string): Line {
  const [first = '', ...rest] = line.split(' ');
  if (first === 'pause') return { speaker: '', text: '', pauseMs: Number(rest[0]) * 1000 };
  return { speaker: SPEAKERS[first] ?? first, text: rest.join(' '), pauseMs: 0 };
}

/** The pause of this length that is nearest to where it should be; where it should be if there is none. */
function found(pauseMs: number, aboutMs: number, pauses: readonly Pause[]): Pause {
  const offBy = ({ startMs }: Pause): number => Math.abs(startMs - aboutMs);
  const near = pauses
    .filter(({ startMs, endMs }) => Math.abs(endMs - startMs - pauseMs) <= SAME_MS)
    .toSorted((a, b) => offBy(a) - offBy(b))[0];
  return near && offBy(near) <= FOUND_WITHIN_MS ? near : { startMs: aboutMs, endMs: aboutMs + pauseMs };
}

/** A line's sentences, each as long as its share of the characters. */
function split({ speaker, text }: Line, startMs: number, endMs: number): Sentence[] {
  const msPerCharacter = (endMs - startMs) / text.length;
  return [...text.matchAll(/\S.*?(?:[.?!](?= |$)|$)/g)].map(({ 0: sentence, index }) => ({
    speaker,
    text: sentence,
    startMs: startMs + index * msPerCharacter,
    endMs: startMs + (index + sentence.length) * msPerCharacter,
  }));
}

function cuesOf({ speaker, text, startMs, endMs }: Sentence, sentence: number): Cue[] {
  const msPerCharacter = (endMs - startMs) / text.length;
  const cues: Cue[] = [];
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    const heardMs = startMs + (index + word.length) * msPerCharacter;
    const last = cues.at(-1);
    if (heardMs + LATE_MS - (last?.atMs ?? -Infinity) < PARTIAL_EVERY_MS) continue;
    const soFar = text.slice(0, index + word.length);
    cues.push({
      atMs: heardMs + LATE_MS,
      sentence,
      startMs,
      endMs: heardMs,
      text: soFar,
      final: false,
      speaker,
    });
  }
  return [...cues, { atMs: endMs + FINAL_AFTER_MS, sentence, startMs, endMs, text, final: true, speaker }];
}
