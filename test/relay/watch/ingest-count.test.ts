import { expect, test } from 'vitest';
import type { LegSink } from '../../../relay/leg.ts';
import { IngestCount } from '../../../relay/watch/ingest-count.ts';

test('50 frames of a leg count 50 and 32,000 bytes; all else reaches the room as it was', () => {
  const count = new IngestCount();
  const heard: unknown[] = [];
  /** A sink with methods, as a class has them. */
  class Room implements LegSink {
    opened(sampleRate: number): void {
      heard.push(['opened', sampleRate]);
    }
    frame(pcm: Uint8Array): void {
      heard.push(['frame', pcm.length]);
    }
    caption(): 'taken' {
      heard.push(['caption']);
      return 'taken';
    }
    held(held: boolean): void {
      heard.push(['held', held]);
    }
    closed(end: string): void {
      heard.push(['closed', end]);
    }
  }
  const admission = count.of({ kind: 'admitted', sink: () => new Room() });
  if (admission.kind === 'refused') throw new Error('it was admitted');
  const sink = admission.sink({ close: () => {} });
  sink.opened(16_000);
  for (let n = 0; n < 50; n++) sink.frame(new Uint8Array(640));
  const verdict = sink.caption({ id: 'a', text: 'Hello', final: true });
  sink.held(true);
  sink.closed('ended');
  expect([count.frames, count.bytes, verdict]).toEqual([50, 32_000, 'taken']);
  expect(heard).toHaveLength(54);
  expect(heard.at(-1)).toEqual(['closed', 'ended']);
});

test('a leg that is turned away stays so', () => {
  const refused = { kind: 'refused', why: 'superseded' } as const;
  expect(new IngestCount().of(refused)).toBe(refused);
});
