import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { startDemo, type Demo } from '../../demo/demo.ts';
import {
  CaptionScript,
  dueBetween,
  type ScriptedCaption,
  type WrittenLeg,
} from '../../demo/simulator/caption-script.ts';
import { captionTrack, type Cue } from '../../demo/voice/caption-track.ts';
import { readImaAdpcmWav } from '../../demo/voice/ima-adpcm.ts';
import { pausesIn } from '../../demo/voice/pauses.ts';
import { allHands, productUpdate } from '../../demo/voice/recording.ts';
import { until } from '../support/until.ts';
import { SteppedClock } from '../support/stepped-clock.ts';
import { Witness } from '../support/witness.ts';

const RECORDINGS = [
  ['all-hands', allHands(), 31, 21],
  ['product-update', productUpdate(), 17, 11],
] as const;

function file(name: string): Buffer {
  return readFileSync(new URL(`../../demo/voice/${name}`, import.meta.url));
}

function finals(cues: readonly Cue[]): Cue[] {
  return cues.filter(({ final }) => final);
}

describe('the captions of a recording', () => {
  test.each(RECORDINGS)('%s: its sentences are those of the script, in order', (name, recording, count) => {
    const spoken = file(`${name}.txt`)
      .toString()
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('pause'))
      .map((line) => line.slice(4));
    const said = finals(recording.captions().cues);
    expect(said).toHaveLength(count);
    expect(said.map(({ text }) => text).join(' ')).toBe(spoken.join(' '));
    expect(new Set(said.map(({ speaker }) => speaker))).toEqual(
      new Set(name === 'all-hands' ? ['Martin', 'Susan'] : ['Alan']),
    );
  });

  test.each(RECORDINGS)(
    '%s: a line of the script ends where the recording falls silent, to 10 ms, but for the last',
    (name, recording, _, lines) => {
      const { samples, sampleRate } = readImaAdpcmWav(file(`${name}.wav`));
      const silences = new Set(pausesIn(samples, sampleRate).map(({ startMs }) => startMs));
      const ends = finals(recording.captions().cues).map(({ endMs }) => Math.round(endMs));
      expect(ends.filter((endMs) => silences.has(endMs)).length).toBeGreaterThanOrEqual(lines);
      expect(recording.captions().lengthMs - (ends.at(-1) ?? 0)).toBeGreaterThan(1000);
    },
  );

  test.each(RECORDINGS)(
    '%s: partials grow by words, 400 ms apart or more, and come before their final',
    (_, recording) => {
      const { cues } = recording.captions();
      for (const final of finals(cues)) {
        const partials = cues.filter((cue) => !cue.final && cue.sentence === final.sentence);
        expect(partials.length).toBeGreaterThan(0);
        for (const [n, { atMs, text, endMs }] of partials.entries()) {
          const before = partials[n - 1];
          expect(final.text.startsWith(text)).toBe(true);
          expect(text.length).toBeGreaterThan(before?.text.length ?? 0);
          expect(atMs - (before?.atMs ?? -Infinity)).toBeGreaterThanOrEqual(400);
          expect(atMs).toBeLessThan(final.atMs);
          expect(endMs).toBeLessThan(atMs);
        }
      }
    },
  );

  test('a pause that cannot be found is where it should be: two lines of equal length, 1 s apart', () => {
    const { cues } = captionTrack('rms Left.\npause 1\nrms Right\npause 1', 4000, []);
    expect(finals(cues).map(({ startMs, endMs, text }) => [startMs, endMs, text])).toEqual([
      [0, 1000, 'Left.'],
      [2000, 3000, 'Right'],
    ]);
  });
});

describe('a caption script', () => {
  const track = captionTrack('rms One.\npause 1\nrms Two.\npause 1', 4000, []);

  test('plays round after round: 3 rounds in steps of 100 ms are what they are in one, each id of a round its own', () => {
    const whole = dueBetween(track, 0, 12_000);
    const steps = Array.from({ length: 120 }, (_, n) => dueBetween(track, 100 * n, 100 * n + 100)).flat();
    expect(steps).toEqual(whole);
    expect(whole.filter(({ final }) => final).map(({ id, endMs }) => [id, endMs])).toEqual([
      ['0-0', 1000],
      ['0-1', 3000],
      ['1-0', 5000],
      ['1-1', 7000],
      ['2-0', 9000],
      ['2-1', 11_000],
    ]);
  });

  /** A script beside a leg that began 2.5 s into the recording. */
  function written() {
    const clock = new SteppedClock();
    const sent: ScriptedCaption[] = [];
    let legs: WrittenLeg[] = [];
    const script = new CaptionScript({
      tracks: new Map([['a', { captions: () => track }]]),
      legs: () => legs,
      send: (_, caption) => sent.push(caption),
      clock,
    });
    const begin = (firstSourceFrame: number): void => {
      legs = [{ conversation: 'a', mediaStartMs: clock.nowMs(), firstSourceFrame, closedAtMs: undefined }];
    };
    const end = (): void => {
      legs = legs.map((leg) => ({ ...leg, closedAtMs: clock.nowMs() }));
    };
    const timesOf = () => sent.filter(({ final }) => final).map(({ startMs, endMs }) => [startMs, endMs]);
    return { clock, sent, script, begin, end, timesOf };
  }

  test('tells times on the clock of the leg, and nothing of before it began', () => {
    const { clock, begin, timesOf } = written();
    clock.advance(1000);
    begin(125);
    clock.advance(3500);
    expect(timesOf()).toEqual([
      [0, 500],
      [1500, 2500],
    ]);
  });

  test('says nothing while no leg is up, and goes on with the next', () => {
    const { clock, sent, begin, end } = written();
    clock.advance(5000);
    begin(0);
    clock.advance(2000);
    const before = sent.length;
    expect(before).toBeGreaterThan(0);
    end();
    clock.advance(5000);
    expect(sent).toHaveLength(before);
    begin(100);
    clock.advance(2000);
    expect(sent.length).toBeGreaterThan(before);
  });

  test('is closed with its one timer', () => {
    const { clock, script } = written();
    expect(clock.pending).toBe(1);
    script.close();
    expect(clock.pending).toBe(0);
  });
});

describe('the demo', () => {
  let demo: Demo | undefined;
  afterEach(() => demo?.close());

  test('writes down what its rooms say: the first sentence ends where its sound does, to 150 ms', async () => {
    demo = await startDemo({ port: 0, relay: { 'log-level': 'silent' } });
    const witness = new Witness(demo.url, 'allhands');
    const captions = () => witness.captions;
    await until('a final', () => captions().some(({ final }) => final), 15_000);
    const said = captions();
    const final = said.at(-1);
    expect(said.slice(0, -1).every((partial) => partial.id === final?.id && !partial.final)).toBe(true);
    expect(said.length).toBeGreaterThan(3);
    expect(final).toMatchObject({
      text: 'Good morning, everyone, and welcome to the November all hands.',
      speaker: 'Martin',
      lang: 'en',
    });
    const legStartMs = 20 * (demo.simulator.legs()[0]?.firstSourceFrame ?? 0);
    expect(Math.abs((final?.endMs ?? 0) + legStartMs - 4550)).toBeLessThan(150);
  }, 20_000);

  test('writes nothing where it is told not to', async () => {
    demo = await startDemo({ port: 0, relay: { 'log-level': 'silent' }, captions: false });
    const witness = new Witness(demo.url, 'allhands');
    await until('3 s of sound', () => witness.sequences.length >= 30);
    expect(witness.captions).toEqual([]);
  }, 20_000);
});
